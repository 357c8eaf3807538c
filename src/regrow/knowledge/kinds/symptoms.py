"""Symptoms recorded during a session, and which of them are an emergency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

ASKS_FOR_HELP = "asks-for-help"


@dataclass(frozen=True)
class SymptomTerm:
    """A symptom that can be tapped. `course` says which course it belongs to, `emergency` what to do at once."""

    id: str
    text: str
    course: str = ""
    emergency: str = ""


def read(raw: Raw) -> Sequence[SymptomTerm]:
    return tuple(
        SymptomTerm(s["id"], s["text"], s.get("course", ""), s.get("emergency", "")) for s in raw["symptoms"]
    )


def check(files: Files, document: KnowledgeFile, made: Sequence[SymptomTerm]) -> Iterator[Problem]:
    asks = next((term for term in made if term.id == ASKS_FOR_HELP), None)
    if document.contents.get("place") == "home" and (asks is None or not asks.emergency):
        yield (
            ["symptoms"],
            f"at home {ASKS_FOR_HELP!r} must be among them, as an emergency: a button rests on it.",
        )


KIND = Kind(id="symptoms", folder="symptoms", label="Session symptoms", read=read, check=check)
