"""What other desks may ask of the prescriber's desk."""

from collections.abc import Sequence

from regrow.web.courses.api import Course
from regrow.web.platform import clock

from .models import Appointment


def next_appointment(course: Course) -> Appointment | None:
    """The first session that has not been held."""
    standing = course.appointments.filter(session__closed_at__isnull=True, canceled_at__isnull=True)
    return standing.order_by("number").first()


def upcoming(course: Course) -> Sequence[Appointment]:
    """The sessions that are still to be held, the next one first."""
    standing = course.appointments.filter(
        canceled_at__isnull=True, session__isnull=True, starts_at__gt=clock.now()
    )
    return list(standing.order_by("starts_at"))
