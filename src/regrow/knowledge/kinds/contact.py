"""Messaging rules: contact hours, and the words that must be recognized."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from regrow.knowledge.kind import Kind, Raw

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class PhraseList:
    """Phrases to screen for: `alone` as the whole message, `anywhere` within it (also as the start of words)."""

    alone: Sequence[str]
    anywhere: Sequence[str]


@dataclass(frozen=True)
class ContactTiming:
    """Durations after which something becomes a staff task. Clinic settings, not clinical limits; see the file."""

    late_after: timedelta
    missed_after: timedelta
    task_open: timedelta
    page_switches: timedelta
    booster_visit: timedelta
    interview_reminder: timedelta


@dataclass(frozen=True)
class ContactRules:
    """Contact hours in the patient's time zone, and the phrases that a reply is screened for.

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


def read(raw: Raw) -> ContactRules:
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


def _timing(raw: Raw) -> ContactTiming:
    return ContactTiming(
        late_after=timedelta(minutes=raw["late_after_min"]),
        missed_after=timedelta(hours=raw["missed_after_hours"]),
        task_open=timedelta(days=raw["task_kept_days"]),
        page_switches=timedelta(hours=raw["page_turns_hours"]),
        booster_visit=timedelta(days=raw["booster_talk_days"]),
        interview_reminder=timedelta(minutes=raw["interview_reminder_min"]),
    )


def _phrases(raw: Raw) -> PhraseList:
    return PhraseList(tuple(raw["alone"]), tuple(raw["anywhere"]))


KIND = Kind(id="contact", folder="contact", label="Messaging rules", read=read)
