"""A consent form, in each language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw

from .evidence import missing_figures_in_text


@dataclass(frozen=True)
class ConsentText:
    """What a person agrees to, in one language: a title, sections of (title, text), and the sentence that is signed."""

    title: str
    sections: Sequence[tuple[str, str]]
    agree: str


@dataclass(frozen=True)
class Consent:
    """`reads` is how hard it is to read: school years in English, ease in Spanish."""

    id: str
    version: int
    routes: Sequence[str]
    reads: Mapping[str, int]
    texts: Mapping[str, ConsentText]


def read(raw: Raw) -> Consent:
    return Consent(
        raw["id"],
        raw["version"],
        tuple(raw["routes"]),
        raw["reads"],
        {
            language: ConsentText(
                t["title"], tuple((s["title"], s["text"]) for s in t["sections"]), t["agree"]
            )
            for language, t in raw["texts"].items()
        },
    )


KIND = Kind(id="consent", folder="consents", label="Consent form", read=read, check=missing_figures_in_text)
