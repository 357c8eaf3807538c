"""Monitoring in long-term treatment, by signed intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

from .limit import unknown_limits


@dataclass(frozen=True)
class Check:
    """Due after so many doses (the limit `sessions`) or so many days (`days`); empty for a count it does not have.

    `asks` is a scale the person answers by link, empty where a clinician does it.
    """

    id: str
    title: str
    text: str
    asks: str = ""
    sessions: str = ""
    days: str = ""


@dataclass(frozen=True)
class Checks:
    id: str
    version: int
    title: str
    limits: Sequence[str]
    checks: Sequence[Check]


def read(raw: Raw) -> Checks:
    return Checks(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["limits"]),
        tuple(Check(**c) for c in raw["checks"]),
    )


def check(files: Files, document: KnowledgeFile, made: Checks) -> Iterator[Problem]:
    yield from unknown_limits(files, made.limits)
    for index, check in enumerate(made.checks):
        for name in filter(None, (check.sessions, check.days)):
            if name not in made.limits:
                yield ["checks", index], f"{name!r} is not among the limits. Add it there."
        if check.asks and check.asks not in files.ids("scale"):
            yield ["checks", index, "asks"], f"there is no scale {check.asks!r}."


KIND = Kind(id="checks", folder="checks", label="Monitoring intervals", read=read, check=check)
