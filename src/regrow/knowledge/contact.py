"""How people are reached, as the files give it: hours, words that must be heard, texts, cadences, the ladder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class PhraseList:
    """Words to listen for: `alone` as the whole message, `anywhere` within it (also as beginnings of words)."""

    alone: Sequence[str]
    anywhere: Sequence[str]


@dataclass(frozen=True)
class ContactTiming:
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
    opt_out: PhraseList
    opt_in: PhraseList
    crisis: PhraseList
    agrees: PhraseList
    declines: PhraseList
    pace: ContactTiming
    tongues: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class MessageText:
    """One text of the clinic, by language. `kind` is reminder, answer or crisis."""

    id: str
    kind: str
    subject: Mapping[str, str]
    text: Mapping[str, str]


@dataclass(frozen=True)
class OutreachOccasion:
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
class OutreachSchedule:
    id: str
    version: int
    title: str
    protocols: Sequence[str]
    occasions: Sequence[OutreachOccasion]


@dataclass(frozen=True)
class EscalationStep:
    """Whom an alert reaches next: the named clinician, whoever is on call, the director, every clinician.

    `after` names the signed limit in minutes; empty for at once.
    """

    id: str
    tells: str
    after: str


@dataclass(frozen=True)
class OutreachAttempt:
    """One way of reaching somebody in danger; `needs` is what must be there first."""

    id: str
    text: str
    needs: str


@dataclass(frozen=True)
class EscalationPolicy:
    id: str
    version: int
    title: str
    limits: Sequence[str]
    ladder: Sequence[EscalationStep]
    tries: Sequence[OutreachAttempt]


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
        opt_out=_phrases(raw["opt_out"]),
        opt_in=_phrases(raw["opt_in"]),
        crisis=_phrases(raw["crisis"]),
        agrees=_phrases(raw["agrees"]),
        declines=_phrases(raw["declines"]),
        pace=_timing(raw["pace"]),
        tongues={tongue: frozenset(words) for tongue, words in raw["tongues"].items()},
    )


def _timing(raw: Mapping[str, Any]) -> ContactTiming:
    return ContactTiming(
        late_after=timedelta(minutes=raw["late_after_min"]),
        missed_after=timedelta(hours=raw["missed_after_hours"]),
        task_kept=timedelta(days=raw["task_kept_days"]),
        page_turns=timedelta(hours=raw["page_turns_hours"]),
        booster_talk=timedelta(days=raw["booster_talk_days"]),
        interview_reminder=timedelta(minutes=raw["interview_reminder_min"]),
    )


def _phrases(raw: Mapping[str, Any]) -> PhraseList:
    return PhraseList(tuple(raw["alone"]), tuple(raw["anywhere"]))


def messages_of(raw: Mapping[str, Any]) -> Mapping[str, MessageText]:
    return {id: MessageText(id, m["kind"], m["subject"], m["text"]) for id, m in raw["messages"].items()}


def cadence_of(raw: Mapping[str, Any]) -> OutreachSchedule:
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


def duty_of(raw: Mapping[str, Any]) -> EscalationPolicy:
    return EscalationPolicy(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["limits"]),
        tuple(EscalationStep(r["id"], r["tells"], r.get("after", "")) for r in raw["ladder"]),
        tuple(OutreachAttempt(t["id"], t["text"], t.get("needs", "")) for t in raw["tries"]),
    )
