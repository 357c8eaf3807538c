"""Figures shown together, with every interpretation of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

from .evidence import missing_figures


@dataclass(frozen=True)
class PictureStep:
    """One step of a picture; each field is the key of a figure, None where there is none."""

    name: str
    entered: str
    remission: str
    response: str | None
    left: str | None


@dataclass(frozen=True)
class PictureReading:
    title: str
    cumulative: str
    text: str


@dataclass(frozen=True)
class FigureSet:
    """Figures shown together, with every reading of them side by side."""

    id: str
    title: str
    lead: str
    plain: str
    steps: Sequence[PictureStep]
    readings: Sequence[PictureReading]


def read(raw: Raw) -> FigureSet:
    return FigureSet(
        raw["id"],
        raw["title"],
        raw["lead"],
        raw["plain"],
        tuple(
            PictureStep(s["name"], s["entered"], s["remission"], s.get("response"), s.get("left"))
            for s in raw["steps"]
        ),
        tuple(PictureReading(r["title"], r["cumulative"], r["text"]) for r in raw["readings"]),
    )


def check(files: Files, document: KnowledgeFile, picture: FigureSet) -> Iterator[Problem]:
    for index, step in enumerate(picture.steps):
        keys = [key for key in (step.entered, step.remission, step.response, step.left) if key]
        yield from missing_figures(files, ["steps", index], keys)
    for index, reading in enumerate(picture.readings):
        yield from missing_figures(files, ["readings", index], [reading.cumulative])


KIND = Kind(id="picture", folder="pictures", label="Figure set", read=read, check=check)
