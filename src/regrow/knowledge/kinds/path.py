"""Patient journey: from the first question to the first session."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

from .evidence import missing_figures_in_text


@dataclass(frozen=True)
class JourneyStep:
    """A patient's question with its short answer; `page` is the public page with more: a subject, or how."""

    id: str
    question: str
    short: str
    page: str


@dataclass(frozen=True)
class PatientJourney:
    """Steps from the first question to the first session; `then` is what happens after an inquiry."""

    id: str
    title: str
    lead: str
    stations: Sequence[JourneyStep]
    then_title: str
    then: Sequence[str]


def read(raw: Raw) -> PatientJourney:
    return PatientJourney(
        raw["id"],
        raw["title"],
        raw["lead"],
        tuple(JourneyStep(s["id"], s["question"], s["short"], s.get("page", "")) for s in raw["stations"]),
        raw["then"]["title"],
        tuple(raw["then"]["steps"]),
    )


def check(files: Files, document: KnowledgeFile, made: PatientJourney) -> Iterator[Problem]:
    subjects = {d.id.removesuffix(f"-{d.contents['language']}") for d in files.documents("learn")} | {"how"}
    for index, station in enumerate(made.stations):
        if station.page and station.page not in subjects:
            yield ["stations", index, "page"], f"there is no page {station.page!r}."
    yield from missing_figures_in_text(files, document, made)


KIND = Kind(id="path", folder="paths", label="Patient journey", read=read, check=check)
