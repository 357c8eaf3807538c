"""What other desks may ask of the talks, and how a talk begins, keeps its words and ends."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from regrow import knowledge
from regrow.candidacy import Candidacy, determine
from regrow.chart import Chart
from regrow.clinic.accounts.models import User
from regrow.clinic.chart.facts import TREATMENTS, chart_of
from regrow.clinic.chart.models import Patient
from regrow.clinic.checkin.facts import scores_of
from regrow.clinic.frontdesk.models import Milestone
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.interview import Arrival, Part, missing, note, text_of
from regrow.interview import Talk as CoreTalk
from regrow.knowledge import InterviewGuide

from .models import Talk, TalkNote, TalkWords

MOST_WORDS = 20000
# One row of the audit for a text that is typed for minutes, not one for each second of it.
ROW_EVERY = timedelta(minutes=5)
REASON_AT_LEAST = 10


@dataclass(frozen=True)
class Kept:
    """A text after saving: `saved` is its count now. When `taken` is False another window had written `text`."""

    taken: bool
    saved: int
    text: str
    told: bool = False


def guide_of(talk: Talk | None) -> InterviewGuide:
    """The version by which the talk was begun; the one in force before that."""
    return knowledge.interview(talk.guide, talk.guide_version) if talk else knowledge.interview()


def open_talk(patient: Patient) -> Talk | None:
    return Talk.objects.filter(patient=patient, ended_at__isnull=True).first()


def begin(patient: Patient, by: User) -> Talk:
    """The talk that is going on, or a new one."""
    going = open_talk(patient)
    if going:
        return going
    guide = knowledge.interview()
    try:
        with transaction.atomic():
            return Talk.objects.create(
                patient=patient, guide=guide.id, guide_version=guide.version, by=by, began_at=clock.now()
            )
    except IntegrityError:  # pragma: no cover - a second tap at the same moment
        return Talk.objects.get(patient=patient, ended_at__isnull=True)


def arrive(talk: Talk, settled: Mapping[str, str]) -> None:
    """Where the person is, how they were known and whom to call; the emergency contact is the person's own."""
    for name in ("place", "identity", "callback", "present"):
        setattr(talk, name, settled[name])
    talk.save(update_fields=["place", "identity", "callback", "present"])
    patient = talk.patient
    patient.emergency_name, patient.emergency_phone = settled["emergency_name"], settled["emergency_phone"]
    patient.save(update_fields=["emergency_name", "emergency_phone"])


def keep_words(talk: Talk, section: str, text: str, base: int) -> Kept:
    """Saves the text of a section that was typed upon its saving number `base`. The same text again is no change.

    Raises `Refused` for a section the guide does not have, a text too long, or a talk that has ended.
    """
    if section not in {s.id for s in guide_of(talk).sections}:
        raise Refused("The guide has no such section. Load the page again.")
    if len(text) > MOST_WORDS:
        raise Refused(f"A section holds {MOST_WORDS:,} characters. Shorten this one or use the next.")
    if talk.ended_at:
        raise Refused("This talk has ended. What is added later goes below its note.")
    now = clock.now()
    words, new = TalkWords.objects.select_for_update().get_or_create(
        talk=talk, section=section, defaults={"saved_at": now, "row_at": now}
    )
    if words.text == text:
        return Kept(True, words.saved, text, told=not new)
    if words.saved != base:
        return Kept(False, words.saved, words.text)
    told = not new and now - words.row_at < ROW_EVERY
    words.text, words.saved, words.saved_at = text, words.saved + 1, now
    if not told:
        words.row_at = now
    words.save()
    return Kept(True, words.saved, text, told)


@dataclass(frozen=True)
class Standing:
    """A talk with everything it is judged by: the chart and what follows from it now."""

    guide: InterviewGuide
    core: CoreTalk
    chart: Chart
    found: Candidacy


def standing_of(patient: Patient, talk: Talk | None) -> Standing:
    chart = chart_of(patient, scores_of(patient))
    found = determine(chart, knowledge.candidacy_rules(), on=clock.today(ZoneInfo(settings.TIME_ZONE)))
    return Standing(guide_of(talk), _core(patient, talk), chart, found)


def _core(patient: Patient, talk: Talk | None) -> CoreTalk:
    emergency = {"emergency_name": patient.emergency_name, "emergency_phone": patient.emergency_phone}
    if talk is None:
        return CoreTalk(began_at=clock.now(), arrival=Arrival(**emergency))
    return CoreTalk(
        began_at=talk.began_at,
        arrival=Arrival(talk.place, talk.identity, talk.callback, talk.present, **emergency),
        words={w.section: w.text for w in talk.words.all()},
        ended_at=talk.ended_at,
        outcome=talk.outcome,
        reason=talk.reason,
    )


def note_of(standing: Standing, by: User) -> Sequence[Part]:
    """The note as it reads now."""
    guide = standing.guide
    wanted = {id for section in guide.sections for id in section.rates}
    title = f", {by.licence}" if by.licence else ""
    return note(
        guide,
        standing.core,
        standing.chart,
        knowledge.candidacy_rules(),
        standing.found,
        {id: knowledge.scale(id) for id in wanted},
        by=f"{by.shown_name}{title}",
        zone=ZoneInfo(settings.TIME_ZONE),
        treatments=TREATMENTS,
    )


def end(talk: Talk, outcome: str, reason: str, by: User) -> TalkNote:
    """Ends the talk with its outcome and writes its note. Raises `Refused` when something is missing."""
    guide = guide_of(talk)
    if outcome not in {e.id for e in guide.endings}:
        raise Refused("Choose how the talk ended.")
    if len(reason) < REASON_AT_LEAST:
        raise Refused("Write the reason in a sentence; it stands in the note.")
    ending = guide.ending(outcome)
    standing = standing_of(talk.patient, talk)
    lacking = missing(guide, standing.core, standing.chart, knowledge.candidacy_rules(), standing.found)
    if ending.determines and lacking:
        words = "; ".join(need.text for need in lacking)
        raise Refused(f"Not on record yet: {words}. Record it, or end with what is still needed.")
    talk.outcome, talk.reason, talk.ended_at = outcome, reason, clock.now()
    talk.save(update_fields=["outcome", "reason", "ended_at"])
    if ending.determines:
        Milestone.objects.create(
            patient=talk.patient, kind="determined", text=outcome, by=by, at=talk.ended_at
        )
    return _write(talk, note_of(standing_of(talk.patient, talk), by), by)


def add_to_note(talk: Talk, text: str, by: User) -> TalkNote:
    """What was forgotten or learnt later, below the note, with its own name and time."""
    if not talk.ended_at:
        raise Refused("The talk is still going on: write it into its section.")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise Refused("Write what is to be added.")
    return _write(talk, [Part("Added", lines)], by)


def _write(talk: Talk, parts: Sequence[Part], by: User) -> TalkNote:
    return TalkNote.objects.create(
        talk=talk,
        parts=[[part.title, list(part.paragraphs)] for part in parts],
        text_hash=hashlib.sha256(text_of(parts).encode()).hexdigest(),
        by=by,
        at=clock.now(),
    )
