"""Protocol simulator setup: regimens and cohorts."""

from collections.abc import Mapping
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw

from .trial import Phase, days_of, phase_of


@dataclass(frozen=True)
class ComparedRegimen:
    """A course that the lab can try; its phase ends with its last session."""

    id: str
    title: str
    phase: Phase


@dataclass(frozen=True)
class Lab:
    """What the protocol lab offers; populations are those of trials, (title, trial) by id."""

    courses: Mapping[str, ComparedRegimen]
    populations: Mapping[str, tuple[str, str]]


def read(raw: Raw) -> Lab:
    courses = {}
    for course in raw["courses"]:
        days = days_of(course["sessions"])
        phase = phase_of(
            course["id"], {k: v for k, v in course.items() if k not in ("id", "title")} | {"days": max(days)}
        )
        courses[course["id"]] = ComparedRegimen(course["id"], course["title"], phase)
    return Lab(courses, {p["id"]: (p["title"], p["trial"]) for p in raw["populations"]})


KIND = Kind(id="lab", folder="lab", label="Simulator setup", read=read)
