"""Intake visits: start, save narratives, end with a signed note, add addenda."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from regrow.chart import Chart
from regrow.eligibility import Eligibility, assess_eligibility
from regrow.interview import IntakeVisit as CoreTalk
from regrow.interview import NoteSection, VisitArrival, missing, note, text_of
from regrow.knowledge import InterviewGuide
from regrow.web.accounts.api import User
from regrow.web.assessments.api import chart_scores
from regrow.web.patients.api import TREATMENTS, Milestone, Patient, chart_of
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge

from .models import IntakeVisit, VisitNarrative, VisitNote

MOST_WORDS = 20000
# One audit row for minutes of typing, not one per save.
ROW_EVERY = timedelta(minutes=5)
REASON_AT_LEAST = 10


@dataclass(frozen=True)
class SaveResult:
    """The result of a save: `saved` is the new count. When `taken` is False, another window had saved `text`."""

    taken: bool
    saved: int
    text: str
    told: bool = False


def guide_of(visit: IntakeVisit | None) -> InterviewGuide:
    """Return the guide version the visit was started with; the current one before that."""
    return knowledge.interview(visit.guide, visit.guide_version) if visit else knowledge.interview()


def open_visit(patient: Patient) -> IntakeVisit | None:
    return IntakeVisit.objects.filter(patient=patient, ended_at__isnull=True).first()


def start_visit(patient: Patient, by: User) -> IntakeVisit:
    """Return the open visit, or start one."""
    going = open_visit(patient)
    if going:
        return going
    guide = knowledge.interview()
    try:
        with transaction.atomic():
            return IntakeVisit.objects.create(
                patient=patient,
                guide=guide.id,
                guide_version=guide.version,
                clinician=by,
                started_at=clock.now(),
            )
    except IntegrityError:  # pragma: no cover - a second tap at the same moment
        return IntakeVisit.objects.get(patient=patient, ended_at__isnull=True)


def save_arrival(visit: IntakeVisit, settled: Mapping[str, str]) -> None:
    """Save location, identity and callback number; the emergency contact is stored on the patient."""
    visit.patient_location, visit.identity = settled["place"], settled["identity"]
    visit.callback_phone, visit.others_present = settled["callback"], settled["present"]
    visit.save(update_fields=["patient_location", "identity", "callback_phone", "others_present"])
    patient = visit.patient
    patient.emergency_name, patient.emergency_phone = settled["emergency_name"], settled["emergency_phone"]
    patient.save(update_fields=["emergency_name", "emergency_phone"])


def save_narrative(visit: IntakeVisit, section: str, text: str, base: int) -> SaveResult:
    """Save a section's narrative that was edited from save number `base`. Equal text is no change.

    Raises `ActionRefused` for an unknown section, a text too long, or an ended visit.
    """
    if section not in {s.id for s in guide_of(visit).sections}:
        raise ActionRefused("The guide has no such section. Reload the page.")
    if len(text) > MOST_WORDS:
        raise ActionRefused(f"A section holds {MOST_WORDS:,} characters. Shorten this one or use the next.")
    if visit.ended_at:
        raise ActionRefused("This visit has ended. Add an addendum to its note.")
    now = clock.now()
    words, new = VisitNarrative.objects.select_for_update().get_or_create(
        visit=visit, section=section, defaults={"saved_at": now, "audited_at": now}
    )
    if words.text == text:
        return SaveResult(True, words.saved, text, told=not new)
    if words.saved != base:
        return SaveResult(False, words.saved, words.text)
    told = not new and now - words.audited_at < ROW_EVERY
    words.text, words.saved, words.saved_at = text, words.saved + 1, now
    if not told:
        words.audited_at = now
    words.save()
    return SaveResult(True, words.saved, text, told)


@dataclass(frozen=True)
class VisitProgress:
    """A visit with the data it is judged by: the chart and its eligibility now."""

    guide: InterviewGuide
    core: CoreTalk
    chart: Chart
    found: Eligibility


def visit_progress(patient: Patient, visit: IntakeVisit | None) -> VisitProgress:
    chart = chart_of(patient, chart_scores(patient))
    found = assess_eligibility(chart, knowledge.candidacy_rules(), on=clock.clinic_today())
    return VisitProgress(guide_of(visit), _core(patient, visit), chart, found)


def _core(patient: Patient, visit: IntakeVisit | None) -> CoreTalk:
    emergency = {"emergency_name": patient.emergency_name, "emergency_phone": patient.emergency_phone}
    if visit is None:
        return CoreTalk(began_at=clock.now(), arrival=VisitArrival(**emergency))
    return CoreTalk(
        began_at=visit.started_at,
        arrival=VisitArrival(
            visit.patient_location, visit.identity, visit.callback_phone, visit.others_present, **emergency
        ),
        words={w.section: w.text for w in visit.words.all()},
        ended_at=visit.ended_at,
        outcome=visit.outcome,
        reason=visit.reason,
    )


def note_of(standing: VisitProgress, by: User) -> Sequence[NoteSection]:
    """Return the note as of now."""
    guide = standing.guide
    wanted = {id for section in guide.sections for id in section.rates}
    title = f", {by.license_number}" if by.license_number else ""
    return note(
        guide,
        standing.core,
        standing.chart,
        knowledge.candidacy_rules(),
        standing.found,
        {id: knowledge.scale(id) for id in wanted},
        by=f"{by.shown_name}{title}",
        zone=clock.clinic_zone(),
        treatments=TREATMENTS,
    )


def end_visit(visit: IntakeVisit, outcome: str, reason: str, by: User) -> VisitNote:
    """End the visit with its outcome and write its note. Raises `ActionRefused` when something is missing."""
    guide = guide_of(visit)
    if outcome not in {e.id for e in guide.endings}:
        raise ActionRefused("Choose an outcome.")
    if len(reason) < REASON_AT_LEAST:
        raise ActionRefused("Enter the reason in a sentence. It appears in the note.")
    ending = guide.ending(outcome)
    standing = visit_progress(visit.patient, visit)
    lacking = missing(guide, standing.core, standing.chart, knowledge.candidacy_rules(), standing.found)
    if ending.determines and lacking:
        words = "; ".join(need.text for need in lacking)
        raise ActionRefused(
            f"Still needed: {words}. Record it, or choose an outcome for missing information."
        )
    visit.outcome, visit.reason, visit.ended_at = outcome, reason, clock.now()
    visit.save(update_fields=["outcome", "reason", "ended_at"])
    if ending.determines:
        Milestone.objects.create(
            patient=visit.patient, kind="determined", text=outcome, by=by, at=visit.ended_at
        )
    return _write(visit, note_of(visit_progress(visit.patient, visit), by), by)


def add_addendum(visit: IntakeVisit, text: str, by: User) -> VisitNote:
    """Add an addendum below the note, with author and time."""
    if not visit.ended_at:
        raise ActionRefused("The visit is still open. Enter the text in its section.")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ActionRefused("Enter the addendum.")
    return _write(visit, [NoteSection("Added", lines)], by)


def _write(visit: IntakeVisit, parts: Sequence[NoteSection], by: User) -> VisitNote:
    return VisitNote.objects.create(
        visit=visit,
        sections=[[part.title, list(part.paragraphs)] for part in parts],
        text_hash=hashlib.sha256(text_of(parts).encode()).hexdigest(),
        signed_by=by,
        signed_at=clock.now(),
    )
