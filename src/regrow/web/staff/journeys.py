"""The care journey of patients, read from the records: the one source of the stage that screens show."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Min, QuerySet

from regrow.course import CareJourney, JourneyStatus, journey_status
from regrow.web.interview.api import IntakeVisit
from regrow.web.patients.api import ClinicalFact, Patient
from regrow.web.platform.content import knowledge


def statuses(patients: QuerySet[Patient], now: datetime) -> Sequence[tuple[Patient, JourneyStatus]]:
    """Return each patient with the stage of their care journey; the number of queries does not grow with them."""
    found = patients.select_related("owner").prefetch_related(
        "inquiries", "milestones", "courses__signature", "courses__appointments__session"
    )
    visited = _visited()
    return [(p, journey_status(_journey(p, visited.get(p.id)), now)) for p in found]


def status_of(patient: Patient, now: datetime) -> JourneyStatus:
    """Return the stage of one patient."""
    ((_, status),) = statuses(Patient.objects.filter(id=patient.id), now)
    return status


def _visited() -> dict[object, datetime]:
    """When each patient's intake visit ended with a decision; without a visit on record, the first coded fact."""
    ends = IntakeVisit.objects.filter(ended_at__isnull=False).exclude(outcome="")
    found: dict[object, datetime] = {}
    for visit in ends.order_by("ended_at"):
        ending = knowledge.interview(visit.guide, visit.guide_version).ending(visit.outcome)
        if ending.determines and visit.ended_at:
            found[visit.patient_id] = visit.ended_at
    seen = set(IntakeVisit.objects.values_list("patient", flat=True))
    coded = ClinicalFact.objects.filter(kind__in=["diagnosis", "trial"], key="").exclude(patient__in=seen)
    return found | {
        row["patient"]: row["at"] for row in coded.values("patient").annotate(at=Min("recorded_at"))
    }


def _journey(patient: Patient, interviewed_at: datetime | None) -> CareJourney:
    wrote = min((i.received_at for i in patient.inquiries.all()), default=patient.created_at)
    interview_at = next((i.interview_at for i in patient.inquiries.all() if i.interview_at), None)
    at = {m.kind: m for m in patient.milestones.all()}  # the last of each kind
    course = max(patient.courses.all(), key=lambda c: c.planned_at, default=None)
    appointments = [b for b in course.appointments.all() if b.canceled_at is None] if course else []
    ended = [b.session.closed_at for b in appointments if getattr(b, "session", None) and b.session.closed_at]
    closed, reopened = at.get("closed"), at.get("reopened")
    shut = closed is not None and (reopened is None or reopened.at < closed.at)

    def when(kind: str) -> datetime | None:
        return at[kind].at if kind in at else None

    return CareJourney(
        wrote_at=wrote,
        charted_at=patient.created_at,
        intake_completed_at=when("intake_completed"),
        interview_at=interview_at,
        interviewed_at=interviewed_at,
        determined_at=when("determined"),
        route=at["determined"].text if "determined" in at else "",
        benefits_at=when("benefits"),
        authorized_at=when("authorized"),
        estimate_given_at=when("estimate_given"),
        booked_at=course.planned_at if course and appointments else None,
        held=len(ended),
        planned=knowledge.protocol(course.signature.file_id, course.signature.version).sessions
        if course
        else 0,
        last_held_at=max(ended, default=None),
        reviewed_at=when("reviewed"),
        closed_at=closed.at if closed and shut else None,
    )
