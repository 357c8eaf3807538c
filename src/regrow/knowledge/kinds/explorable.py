"""Text of an interactive figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class ExplorableStep:
    """One stage: its lane of the chart, the minute at which to look, a sentence, and what it rests on."""

    id: str
    lane: str
    name: str
    minute: float
    sentence: str
    more: str
    basis: str
    source: str


@dataclass(frozen=True)
class InteractiveFigure:
    """The words of a picture to explore; `answers` are those to the open question, by hypothesis."""

    id: str
    title: str
    lead: str
    steps: Sequence[ExplorableStep]
    question: str
    question_text: str
    answers: Mapping[str, str]
    notes: Sequence[str]


def read(raw: Raw) -> InteractiveFigure:
    return InteractiveFigure(
        raw["id"],
        raw["title"],
        raw["lead"],
        tuple(ExplorableStep(**step) for step in raw["steps"]),
        raw["question"]["title"],
        raw["question"]["text"],
        raw["question"]["answers"],
        tuple(raw["notes"]),
    )


KIND = Kind(id="explorable", folder="explorables", label="Interactive figure", read=read)
