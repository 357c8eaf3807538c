"""Aftercare plan: the days after a session."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw

from .evidence import missing_figures_in_text


@dataclass(frozen=True)
class AftercareStep:
    id: str
    from_hours: int
    to_hours: int
    title: str
    choices: Sequence[str]


@dataclass(frozen=True)
class Aftercare:
    title: str
    note: str
    steps: Sequence[AftercareStep]
    avoid: Sequence[str]
    driving: str
    driving_source: str


def read(raw: Raw) -> Aftercare:
    return Aftercare(
        title=raw["title"],
        note=raw["note"],
        steps=tuple(
            AftercareStep(s["id"], s["from_hours"], s["to_hours"], s["title"], tuple(s["choices"]))
            for s in raw["steps"]
        ),
        avoid=tuple(raw["avoid"]),
        driving=raw["driving"],
        driving_source=raw["driving_source"],
    )


KIND = Kind(
    id="aftercare",
    folder="aftercare",
    label="Aftercare plan",
    read=read,
    check=missing_figures_in_text,
)
