"""Intake-visit slots: the prescribers' hours, the next free ones, and the reminder with the video link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from regrow.web.accounts.api import User
from regrow.web.assessments.api import send_video_link
from regrow.web.conversations.api import Inquiry
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing

from .models import Shift, TimeOff

LOOK_DAYS = 21
EVERY_S = 60


@dataclass(frozen=True)
class IntakeSlot:
    """A free slot; `id` is its value in a form."""

    who: User
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.who.pk} {self.at.isoformat()}"


def open_intake_slots(count: int = 12) -> Sequence[IntakeSlot]:
    """Return the next free slots of all prescribers, soonest first; empty without any intake hours."""
    zone, now = clock.clinic_zone(), clock.now()
    length = timedelta(minutes=settings.CLINIC.interview_min)
    shifts = list(Shift.objects.filter(kind="intake_visits", staff__is_active=True).select_related("staff"))
    taken = list(Inquiry.objects.filter(interview_at__gt=now - length, closed_at__isnull=True))
    away = list(TimeOff.objects.filter(to_at__gt=now))
    found = []
    for ahead in range(LOOK_DAYS):
        day = (now.astimezone(zone) + timedelta(days=ahead)).date()
        for shift in shifts:
            if shift.weekday != day.weekday():
                continue
            at = datetime.combine(day, shift.from_time, tzinfo=zone)
            until = datetime.combine(day, shift.to_time, tzinfo=zone)
            while at + length <= until:
                if at > now and _is_free(shift.staff, at, length, taken, away):
                    found.append(IntakeSlot(shift.staff, at))
                at += length
    return sorted(found, key=lambda t: (t.at, t.who.pk))[:count]


def _is_free(
    who: User, at: datetime, length: timedelta, taken: Sequence[Inquiry], away: Sequence[TimeOff]
) -> bool:
    """Whether the slot is taken. A visit without a named prescriber blocks the hour for every prescriber."""
    for other in taken:
        begins = other.interview_at
        if begins is None or other.interviewer_id not in (None, who.pk):
            continue
        if begins < at + length and at < begins + length:
            return False
    return not any(a.staff_id in (None, who.pk) and a.from_at < at + length and at < a.to_at for a in away)


def send_visit_reminders() -> None:
    """Send the video link to patients whose visit starts soon, once per scheduled time."""
    now = clock.now()
    soon = Inquiry.objects.filter(
        interview_at__gt=now,
        interview_at__lte=now + knowledge.contact().pace.interview_reminder,
        patient__isnull=False,
        closed_at__isnull=True,
    )
    for inquiry in soon.select_related("patient"):
        assert inquiry.patient is not None and inquiry.interview_at is not None  # filtered above
        with writing():
            key = f"interview-soon {inquiry.id} {inquiry.interview_at.isoformat()}"
            send_video_link(inquiry.patient, inquiry.interview_at, key=key)
