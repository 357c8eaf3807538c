"""How people are reached, as the files give it: hours, words that must be heard, texts, cadences, the ladder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Said:
    """Words to listen for: `alone` as the whole message, `anywhere` within it (also as beginnings of words)."""

    alone: Sequence[str]
    anywhere: Sequence[str]


@dataclass(frozen=True)
class Pace:
    """How soon things are somebody's work: the clinic's convenience, no clinical limit. See the file for each."""

    late_after: timedelta
    missed_after: timedelta
    task_kept: timedelta
    page_turns: timedelta
    booster_talk: timedelta
    interview_reminder: timedelta


@dataclass(frozen=True)
class ContactRules:
    """When a person may be written to, where they are, and which words in an answer must be heard.

    `agrees` and `declines` count only as an answer to something that was asked.
    """

    waking_from: time
    waking_to: time
    most_a_day: int
    opt_out: Said
    opt_in: Said
    crisis: Said
    agrees: Said
    declines: Said
    pace: Pace
    tongues: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class MessageText:
    """One text of the clinic, by language. `kind` is reminder, answer or crisis."""

    id: str
    kind: str
    subject: Mapping[str, str]
    text: Mapping[str, str]


@dataclass(frozen=True)
class Occasion:
    """A moment at which somebody is asked or told something.

    `anchor` is session_start, session_end or series_end; exactly one of `hours`, `days` and `months` counts from it.
    It stands open for `open_hours`, is asked again at most `chases` times, and goes to a person when no answer came,
    at the latest `person_hours` before it closes.
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
class Cadence:
    id: str
    version: int
    title: str
    protocols: Sequence[str]
    occasions: Sequence[Occasion]


@dataclass(frozen=True)
class Rung:
    """Whom an alert reaches next: the named clinician, whoever is on call, the director, every clinician.

    `after` names the signed limit in minutes; empty for at once.
    """

    id: str
    tells: str
    after: str


@dataclass(frozen=True)
class Try:
    """One way of reaching somebody in danger; `needs` is what must be there first."""

    id: str
    text: str
    needs: str


@dataclass(frozen=True)
class Duty:
    id: str
    version: int
    title: str
    limits: Sequence[str]
    ladder: Sequence[Rung]
    tries: Sequence[Try]


@dataclass(frozen=True)
class Until:
    """Something that is done until so many hours before a session; `text` by language, with {time} in it."""

    limit: str
    words: str
    text: Mapping[str, str]


@dataclass(frozen=True)
class Preparation:
    id: str
    version: int
    title: str
    limits: Sequence[str]
    until: Sequence[Until]


def preparation_of(raw: Mapping[str, Any]) -> Preparation:
    return Preparation(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["limits"]),
        tuple(Until(u["limit"], u["words"], {"en": u["en"], "es": u["es"]}) for u in raw["until"]),
    )


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


def consent_of(raw: Mapping[str, Any]) -> Consent:
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


def contact_of(raw: Mapping[str, Any]) -> ContactRules:
    return ContactRules(
        waking_from=time.fromisoformat(raw["waking"]["from"]),
        waking_to=time.fromisoformat(raw["waking"]["to"]),
        most_a_day=raw["most_a_day"]["value"],
        opt_out=_said(raw["opt_out"]),
        opt_in=_said(raw["opt_in"]),
        crisis=_said(raw["crisis"]),
        agrees=_said(raw["agrees"]),
        declines=_said(raw["declines"]),
        pace=_pace(raw["pace"]),
        tongues={tongue: frozenset(words) for tongue, words in raw["tongues"].items()},
    )


def _pace(raw: Mapping[str, Any]) -> Pace:
    return Pace(
        late_after=timedelta(minutes=raw["late_after_min"]),
        missed_after=timedelta(hours=raw["missed_after_hours"]),
        task_kept=timedelta(days=raw["task_kept_days"]),
        page_turns=timedelta(hours=raw["page_turns_hours"]),
        booster_talk=timedelta(days=raw["booster_talk_days"]),
        interview_reminder=timedelta(minutes=raw["interview_reminder_min"]),
    )


def _said(raw: Mapping[str, Any]) -> Said:
    return Said(tuple(raw["alone"]), tuple(raw["anywhere"]))


def messages_of(raw: Mapping[str, Any]) -> Mapping[str, MessageText]:
    return {id: MessageText(id, m["kind"], m["subject"], m["text"]) for id, m in raw["messages"].items()}


def cadence_of(raw: Mapping[str, Any]) -> Cadence:
    return Cadence(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["protocols"]),
        tuple(
            Occasion(
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


def duty_of(raw: Mapping[str, Any]) -> Duty:
    return Duty(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["limits"]),
        tuple(Rung(r["id"], r["tells"], r.get("after", "")) for r in raw["ladder"]),
        tuple(Try(t["id"], t["text"], t.get("needs", "")) for t in raw["tries"]),
    )
