"""An outreach schedule along a course."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, Where


@dataclass(frozen=True)
class OutreachOccasion:
    """One planned contact with a patient: a message, or a questionnaire.

    `anchor` is session_start, session_end or series_end; exactly one of `hours`, `days` and `months` counts from it.
    A questionnaire is open for `open_hours` and reminded of at most `chases` times; without an answer it becomes a
    staff task, at the latest `person_hours` before it closes.
    """

    id: str
    title: str
    anchor: str
    hours: int | None
    days: int | None
    months: int | None
    open_hours: int
    message: str
    asks: Sequence[str]
    chases: int
    chase_hours: int
    hand_over: bool
    person_hours: int


@dataclass(frozen=True)
class OutreachSchedule:
    id: str
    version: int
    title: str
    protocols: Sequence[str]
    occasions: Sequence[OutreachOccasion]


def read(raw: Raw) -> OutreachSchedule:
    return OutreachSchedule(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["protocols"]),
        tuple(
            OutreachOccasion(
                id=o["id"],
                title=o["title"],
                anchor=o["anchor"],
                hours=o.get("hours"),
                days=o.get("days"),
                months=o.get("months"),
                open_hours=o["open_hours"],
                message=o["message"],
                asks=tuple(o["asks"]),
                chases=o["chases"],
                chase_hours=o["chase_hours"],
                hand_over=o["hand_over"],
                person_hours=o.get("person_hours", 0),
            )
            for o in raw["occasions"]
        ),
    )


def check(files: Files, document: KnowledgeFile, made: OutreachSchedule) -> Iterator[Problem]:
    texts = {id for other in files.documents("message") for id in other.contents["messages"]}
    for index, name in enumerate(made.protocols):
        if name not in files.ids("protocol"):
            yield ["protocols", index], f"there is no protocol {name!r}."
    for index, occasion in enumerate(made.occasions):
        where: Where = ["occasions", index]
        if sum(v is not None for v in (occasion.hours, occasion.days, occasion.months)) != 1:
            yield where, "give exactly one of `hours`, `days` and `months`."
        if occasion.message not in texts:
            yield where, f"there is no message {occasion.message!r}."
        for scale in occasion.asks:
            if scale != "course" and scale not in files.ids("scale"):
                yield where, f"there is no scale {scale!r}."


KIND = Kind(id="cadence", folder="cadences", label="Outreach schedule", read=read, check=check)
