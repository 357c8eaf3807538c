"""Course data for the chart and the patient's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from regrow.knowledge import AftercareStep
from regrow.outcomes import course_outcome
from regrow.web.appointments.api import next_appointment
from regrow.web.courses.api import Course, current_course, instrument_of, protocol_of
from regrow.web.dosing_sessions.api import last_ended
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

from .course_builder import build_course


def chart_course(patient: Patient) -> dict[str, Any]:
    """Return the course data of the chart: appointments, outcome, doses."""
    course = current_course(patient)
    if course is None:
        return {"course": None}
    core = build_course(course)
    scale = knowledge.scale(instrument_of(course))
    return {
        "course": course,
        "protocol": protocol_of(course),
        "appointments": [
            (appointment, getattr(appointment, "session", None))
            for appointment in course.appointments.select_related("chair", "nurse", "session")
        ],
        "next_booking": next_appointment(course),
        "outcome": course_outcome(scale, core),
        "scale": scale,
        "doses": core.doses_in_order,
    }


@dataclass(frozen=True)
class AftercareWindow:
    """The aftercare period shown on the patient's page."""

    ended_at: datetime
    hours: int
    open_step: AftercareStep | None
    until: datetime
    may_drive_from: datetime


def aftercare_window(patient: Patient) -> AftercareWindow | None:
    """Return the period, counted from the end of the last dose; None before the first one."""
    ended_at = last_ended(patient)
    if ended_at is None:
        return None
    plan = knowledge.aftercare()
    hours = int((clock.now() - ended_at).total_seconds() // 3600)
    step = next((s for s in plan.steps if s.from_hours <= hours < s.to_hours), None)
    zone = clock.clinic_zone()
    next_day = (ended_at.astimezone(zone) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    until = ended_at + timedelta(hours=step.to_hours if step else plan.steps[-1].to_hours)
    return AftercareWindow(ended_at, hours, step, until, next_day)


def courses_started() -> Iterable[Course]:
    return (
        Course.objects.filter(appointments__session__isnull=False)
        .distinct()
        .select_related("signature", "patient")
    )
