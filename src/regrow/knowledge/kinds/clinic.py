"""A clinic profile: address, hours, prices, and when sessions can be held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class ClinicProfile:
    """Who the clinic is: shown on public pages and letters.

    `open` is when sessions can be held: weekdays (0 for Monday), from, to. `video_link` is the clinic's room for
    talks by video, empty where each talk has a link of its own.
    """

    id: str
    title: str
    address: Sequence[str]
    zone: str
    locale: str
    text_number: str
    text_number_digits: str
    email: str
    hours: Sequence[str]
    interview_min: int
    first_reply: str
    brings: Sequence[str]
    brings_es: Sequence[str]
    infusion_usd: Decimal
    interview_usd: Decimal
    patients_per_nurse: int
    open: Sequence[tuple[frozenset[int], time, time]]
    video_service: str
    video_link: str


def read(raw: Raw) -> ClinicProfile:
    return ClinicProfile(
        id=raw["id"],
        title=raw["title"],
        address=tuple(raw["address"]),
        zone=raw["zone"],
        locale=raw["locale"],
        text_number=raw["text_number"],
        text_number_digits=raw["text_number_digits"],
        email=raw["email"],
        hours=tuple(f"{h['days']}, {h['from']}–{h['to']}" for h in raw["hours"]),
        interview_min=raw["interview_min"],
        first_reply=raw["first_reply"],
        brings=tuple(raw["brings"]),
        brings_es=tuple(raw["brings_es"]),
        infusion_usd=Decimal(raw["cash_price"]["infusion_usd"]),
        interview_usd=Decimal(raw["cash_price"]["interview_usd"]),
        patients_per_nurse=raw["patients_per_nurse"]["value"],
        open=tuple(
            (
                frozenset(_WEEKDAYS.index(day) for day in o["days"]),
                time.fromisoformat(o["from"]),
                time.fromisoformat(o["to"]),
            )
            for o in raw["open"]
        ),
        video_service=raw.get("video", {}).get("service", ""),
        video_link=raw.get("video", {}).get("link", ""),
    )


def check(files: Files, document: KnowledgeFile, made: ClinicProfile) -> Iterator[Problem]:
    try:
        ZoneInfo(made.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield ["zone"], f"{made.zone!r} is not a time zone. Write it like America/New_York."
    for index, (_days, begin, end) in enumerate(made.open):
        if begin >= end:
            yield ["open", index, "to"], f"{end:%H:%M} is not after {begin:%H:%M}. Give a later time."
    for name, price in (("infusion_usd", made.infusion_usd), ("interview_usd", made.interview_usd)):
        if price < 0:
            yield ["cash_price", name], f"{price} is below 0. Give the price in dollars."


KIND = Kind(id="clinic", folder="clinics", label="Clinic profile", read=read, check=check)
