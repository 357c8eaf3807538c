"""A patient-education page."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw

from .evidence import missing_figures_in_text


@dataclass(frozen=True)
class LearnSection:
    title: str
    text: str
    source: str | None = None


@dataclass(frozen=True)
class LearnPage:
    """`subject` is what the page is about, whatever its language; its address."""

    id: str
    order: int
    title: str
    lead: str
    sections: Sequence[LearnSection]
    language: str = "en"

    @property
    def subject(self) -> str:
        return self.id.removesuffix(f"-{self.language}")


def read(raw: Raw) -> LearnPage:
    return LearnPage(
        raw["id"],
        raw["order"],
        raw["title"],
        raw["lead"],
        tuple(LearnSection(s["title"], s["text"], s.get("source")) for s in raw["sections"]),
        raw["language"],
    )


KIND = Kind(id="learn", folder="learn", label="Patient education", read=read, check=missing_figures_in_text)
