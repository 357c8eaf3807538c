"""The evidence ledger as it is shown: entries with their source and where they are used, and shares as bars."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from regrow import knowledge
from regrow.knowledge import Document, Figure, Picture, PictureStep, Source


@dataclass(frozen=True)
class Entry:
    """One figure with its source, what its mark means, and the files that show it."""

    figure: Figure
    source: Source
    mark: str
    used_by: list[Document]


@dataclass(frozen=True)
class Step:
    """One step of a picture: its figures, and the share in remission as a number from 0 to 100."""

    name: str
    entered: Figure
    remission: Figure
    response: Figure | None
    left: Figure | None
    percent: Decimal


def entries(wanted: str) -> list[tuple[Document, list[Entry]]]:
    """By topic, those whose text holds every word wanted."""
    sources, figures = knowledge.sources(), knowledge.figures()
    words = wanted.lower().split()
    topics = []
    for document in knowledge.documents("evidence"):
        found = []
        for key in document.contents["figures"]:
            figure = figures[key]
            source = sources[figure.source]
            text = " ".join(
                [
                    key,
                    figure.value,
                    figure.statement,
                    figure.n,
                    figure.comparator,
                    figure.population,
                    source.title,
                ]
            ).lower()
            if all(word in text for word in words):
                mark = knowledge.mark_in_words(figure.mark)
                found.append(Entry(figure, source, mark, list(knowledge.figure_used_by(key))))
        if found:
            topics.append((document, found))
    return topics


def shares(picture: Picture, figures: Mapping[str, Figure]) -> list[Step]:
    return [_step(step, figures) for step in picture.steps]


def _step(step: PictureStep, figures: Mapping[str, Figure]) -> Step:
    remission = figures[step.remission]
    number = re.match(r"[\d.]+", remission.value)
    return Step(
        name=step.name,
        entered=figures[step.entered],
        remission=remission,
        response=figures[step.response] if step.response else None,
        left=figures[step.left] if step.left else None,
        percent=Decimal(number[0]) if number else Decimal(0),
    )
