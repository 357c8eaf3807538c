"""The evidence list: entries with source and uses, and shares as bars."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from regrow.knowledge import Figure, FigureSet, KnowledgeFile, PictureStep, Source
from regrow.web.platform.content import knowledge

# The marks as a visitor reads them; staff read the knowledge's own words.
MARKS = {
    "V": _("read in the source"),
    "V2": _("read in a secondary page"),
    "R": _("recalled, to be re-read"),
    "C": _("computed"),
    "M": _("a choice of the model"),
    "CFG": _("the clinic signs it"),
}


@dataclass(frozen=True)
class Entry:
    """One figure with its source, what its mark means, and the files that show it with their titles."""

    figure: Figure
    source: Source
    mark: str
    used_by: list[tuple[KnowledgeFile, str]]


@dataclass(frozen=True)
class Step:
    """One step of a picture: its figures, and the share in remission as a number from 0 to 100."""

    name: str
    entered: Figure
    remission: Figure
    response: Figure | None
    left: Figure | None
    percent: Decimal


def entries(wanted: str, language: str) -> list[tuple[KnowledgeFile, str, list[Entry]]]:
    """By topic with its title in a language, those whose text holds every word wanted."""
    sources, figures = knowledge.sources(), knowledge.figures()
    words = wanted.lower().split()
    topics = []
    for document in knowledge.documents("evidence"):
        found = []
        for key in document.contents["figures"]:
            figure = figures[key].in_language(language)
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
                mark = str(MARKS.get(figure.mark, figure.mark))
                shown = [
                    (document, document.contents.get(f"title_{language}", document.title))
                    for document in knowledge.figure_used_by(key)
                    if document.contents.get("language", language) == language
                ]
                found.append(Entry(figure, source, mark, shown))
        if found:
            title = document.contents.get(f"title_{language}", document.title)
            topics.append((document, title, found))
    return topics


def shares(picture: FigureSet, figures: Mapping[str, Figure]) -> list[Step]:
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
