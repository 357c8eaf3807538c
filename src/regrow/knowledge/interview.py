"""The semi-structured interview as a file gives it: its sections, what is asked, and what must be there to end it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class InterviewSection:
    """A part of the talk. `codes` are the kinds of facts written down in it, `asks` the criteria whose question
    is put here, `rates` the scales that belong here. `in_note` is its heading as colleagues read it.
    """

    id: str
    title: str
    in_note: str
    minutes: int
    prompts: Sequence[str]
    codes: Sequence[str]
    asks: Sequence[str]
    rates: Sequence[str]


@dataclass(frozen=True)
class InterviewNeed:
    """What must be on record before the talk can end. `of` is arrival, fact, score, words or asked; `id` says which."""

    of: str
    id: str
    section: str
    text: str


@dataclass(frozen=True)
class InterviewEnding:
    """How a talk can end. Without `determines` the person stays where they are, and the talk goes on another day."""

    id: str
    title: str
    determines: bool


@dataclass(frozen=True)
class InterviewGuide:
    """`identity` is how somebody may be known on video, by id; `minutes` is the whole of the sections."""

    id: str
    version: int
    title: str
    minutes: int
    identity: Mapping[str, str]
    sections: Sequence[InterviewSection]
    needs: Sequence[InterviewNeed]
    endings: Sequence[InterviewEnding]

    def section(self, id: str) -> InterviewSection:
        return next(s for s in self.sections if s.id == id)

    def ending(self, id: str) -> InterviewEnding:
        return next(e for e in self.endings if e.id == id)


def interview_of(raw: Mapping[str, Any]) -> InterviewGuide:
    return InterviewGuide(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        minutes=raw["minutes"],
        identity=raw["identity"],
        sections=tuple(
            InterviewSection(
                s["id"],
                s["title"],
                s.get("in_note", s["title"]),
                s["minutes"],
                tuple(s["prompts"]),
                tuple(s.get("codes", ())),
                tuple(s.get("asks", ())),
                tuple(s.get("rates", ())),
            )
            for s in raw["sections"]
        ),
        needs=tuple(InterviewNeed(n["of"], n["id"], n["section"], n["text"]) for n in raw["needs"]),
        endings=tuple(InterviewEnding(e["id"], e["title"], e["determines"]) for e in raw["endings"]),
    )
