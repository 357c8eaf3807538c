"""Queries on appointments for other apps."""

from collections.abc import Sequence

from regrow.web.courses.api import Course
from regrow.web.platform import clock

from .models import Appointment


def next_appointment(course: Course) -> Appointment | None:
    """Return the first appointment that has not been held."""
    standing = course.appointments.filter(session__closed_at__isnull=True, canceled_at__isnull=True)
    return standing.order_by("number").first()


def upcoming(course: Course) -> Sequence[Appointment]:
    """Return the appointments still to be held, soonest first."""
    standing = course.appointments.filter(
        canceled_at__isnull=True, session__isnull=True, starts_at__gt=clock.now()
    )
    return list(standing.order_by("starts_at"))
