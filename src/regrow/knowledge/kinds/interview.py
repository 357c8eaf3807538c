"""Intake visit guide: sections, prompts, and what must be documented before it ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw


@dataclass(frozen=True)
class InterviewSection:
    """A section of the intake visit.

    `codes` are the kinds of facts documented in it, `asks` the criteria asked about, `rates` the scales rated.
    `in_note` is its heading in the signed note.
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
    """An item required before the visit can end. `of` is arrival, fact, score, words or asked; `id` says which."""

    of: str
    id: str
    section: str
    text: str


@dataclass(frozen=True)
class InterviewEnding:
    """How a visit can end. Without `determines` there is no eligibility decision; the visit continues another day."""

    id: str
    title: str
    determines: bool


@dataclass(frozen=True)
class InterviewGuide:
    """Guide of the intake visit. `identity`: ways to verify identity on video, by id; `minutes`: total duration."""

    id: str
    version: int
    title: str
    minutes: int
    identity: Mapping[str, str]
    sections: Sequence[InterviewSection]
    needs: Sequence[InterviewNeed]
    endings: Sequence[InterviewEnding]

    def ending(self, id: str) -> InterviewEnding:
        return next(e for e in self.endings if e.id == id)


def read(raw: Raw) -> InterviewGuide:
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


def check(files: Files, document: KnowledgeFile, made: InterviewGuide) -> Iterator[Problem]:
    whole = sum(section.minutes for section in made.sections)
    if whole != made.minutes:
        yield ["minutes"], f"the sections sum to {whole} minutes. Enter {whole}, or change a section."
    asked: dict[str, str] = {}
    sections = {section.id for section in made.sections}
    for index, section in enumerate(made.sections):
        for id in section.asks:
            if id not in files.ids("criterion"):
                yield ["sections", index, "asks"], f"there is no criterion {id!r}."
            elif id in asked:
                yield ["sections", index, "asks"], f"{id!r} is asked in {asked[id]!r} already. Ask it once."
            asked[id] = section.id
        for id in section.rates:
            if id not in files.ids("scale"):
                yield ["sections", index, "rates"], f"there is no scale {id!r}."
    for id in files.ids("criterion"):
        if not files.document("criterion", id).contents.get("absent_unless_found") and id not in asked:
            yield ["sections"], f"no section asks about {id!r}. Add it to the `asks` of a section."
    for index, need in enumerate(made.needs):
        if need.section not in sections or (need.of == "words" and need.id not in sections):
            yield ["needs", index], f"there is no section {need.section!r} or {need.id!r}."
        if need.of == "arrival" and need.id not in ("place", "identity", "emergency"):
            yield ["needs", index, "id"], "an arrival item must be place, identity or emergency."
        if need.of == "score" and need.id not in files.ids("scale"):
            yield ["needs", index, "id"], f"there is no scale {need.id!r}."


KIND = Kind(id="interview", folder="interviews", label="Intake visit guide", read=read, check=check)
