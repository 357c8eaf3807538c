"""What other desks may ask of the prescriber's desk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from regrow import knowledge
from regrow.clinic.chairside.facts import last_ended
from regrow.clinic.chart.models import Patient
from regrow.clinic.site import clock
from regrow.knowledge import AftercareStep, InfusionProtocol, Protocol, Titration
from regrow.outcomes import course_outcome

from .models import Booking, Course, Signature
from .record import core_course

# The scale of the weekly check-in, where a protocol does not name another.
WEEKLY = "phq-9"


def signature_in_force(protocol_id: str) -> Signature | None:
    """The newest signature under the protocol's version in force; an older version's signature does not count."""
    version = knowledge.protocol(protocol_id).version
    return Signature.objects.filter(protocol=protocol_id, version=version).order_by("-signed_at").first()


def current_course(patient: Patient) -> Course | None:
    return patient.courses.select_related("signature").order_by("-planned_at").first()


def protocol_of(course: Course) -> Protocol:
    """The version the course was signed under, whatever has come into force since."""
    return knowledge.protocol(course.signature.protocol, course.signature.version)


def titrated(course: Course) -> InfusionProtocol | None:
    """The protocol of a course whose dose is titrated by a score; None for any other."""
    protocol = protocol_of(course)
    return protocol if isinstance(protocol, InfusionProtocol) else None


def rule_of(course: Course) -> Titration | None:
    """The rule that moves the dose, in the version that was signed; None where the regimen is fixed."""
    named = protocol_of(course).titration
    return knowledge.titration(*named) if named else None


def instrument_of(course: Course | None) -> str:
    """The scale a course is followed by; the weekly mood check where no rule names one."""
    rule = rule_of(course) if course else None
    return rule.instrument if rule else WEEKLY


def next_booking(course: Course) -> Booking | None:
    """The first session that has not been held."""
    standing = course.bookings.filter(session__closed_at__isnull=True, off_at__isnull=True)
    return standing.order_by("number").first()


def upcoming(course: Course) -> Sequence[Booking]:
    """The sessions that are still to be held, the next one first."""
    standing = course.bookings.filter(off_at__isnull=True, session__isnull=True, starts_at__gt=clock.now())
    return list(standing.order_by("starts_at"))


def chart_course(patient: Patient) -> dict[str, Any]:
    """What the chart shows of the course: bookings, outcome, stage."""
    course = current_course(patient)
    if course is None:
        return {"course": None, "stage": stage_of(patient)}
    core = core_course(course)
    scale = knowledge.scale(instrument_of(course))
    return {
        "course": course,
        "protocol": protocol_of(course),
        "bookings": course.bookings.select_related("chair", "nurse", "session"),
        "next_booking": next_booking(course),
        "outcome": course_outcome(scale, core),
        "scale": scale,
        "doses": core.doses_in_order,
        "stage": stage_of(patient),
    }


def stage_of(patient: Patient) -> str:
    """Where somebody is on their way through the clinic, computed from the facts."""
    course = current_course(patient)
    if course is None:
        return "Planning" if patient.facts.filter(kind="trial").exists() else "Interview"
    held = course.bookings.filter(session__closed_at__isnull=False).count()
    total = protocol_of(course).sessions
    if held == 0:
        return "Scheduled"
    return f"Induction, {held} of {total}" if held < total else "Review"


def overview(patients: QuerySet[Patient]) -> Sequence[tuple[Patient, str]]:
    return [(p, stage_of(p)) for p in patients.select_related("owner")]


@dataclass(frozen=True)
class Window:
    """The days after the last session as the patient's page shows them."""

    ended_at: datetime
    hours: int
    open_step: AftercareStep | None
    until: datetime
    may_drive_from: datetime


def window_of(patient: Patient) -> Window | None:
    """Counted from the end of the infusion; None before the first one."""
    ended_at = last_ended(patient)
    if ended_at is None:
        return None
    plan = knowledge.aftercare()
    hours = int((clock.now() - ended_at).total_seconds() // 3600)
    step = next((s for s in plan.steps if s.from_hours <= hours < s.to_hours), None)
    zone = ZoneInfo(settings.TIME_ZONE)
    next_day = (ended_at.astimezone(zone) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    until = ended_at + timedelta(hours=step.to_hours if step else plan.steps[-1].to_hours)
    return Window(ended_at, hours, step, until, next_day)


def courses_started() -> Iterable[Course]:
    return (
        Course.objects.filter(bookings__session__isnull=False)
        .distinct()
        .select_related("signature", "patient")
    )
