"""Queries on appointments for other apps."""

from collections.abc import Sequence

from regrow.web.courses.api import Course
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused

from .models import Appointment
from .offers import cancel


def next_appointment(course: Course) -> Appointment | None:
    """Return the first appointment that has not been held."""
    standing = course.appointments.filter(session__closed_at__isnull=True, canceled_at__isnull=True)
    return standing.order_by("number").first()


def cancel_all(patient: Patient, why: str) -> None:
    """Cancel every appointment of a patient that has not begun. Raises `ActionRefused` while a session is open."""
    standing = Appointment.objects.select_for_update(of=("self",)).filter(
        course__patient=patient, canceled_at__isnull=True
    )
    if standing.filter(session__isnull=False, session__closed_at__isnull=True).exists():
        raise ActionRefused("A session of this patient is open. Close it on the session page first.")
    for appointment in standing.filter(session__isnull=True, starts_at__gt=clock.now()):
        cancel(appointment, why)


def upcoming(course: Course) -> Sequence[Appointment]:
    """Return the appointments still to be held, soonest first."""
    standing = course.appointments.filter(
        canceled_at__isnull=True, session__isnull=True, starts_at__gt=clock.now()
    )
    return list(standing.order_by("starts_at"))
