"""Finding a free chair and a nurse on duty, at the same clock time each week."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.site.access import Refused
from regrow.knowledge import Limits, Protocol

from .models import Booking, Chair

# Getting ready and drawing up before the infusion, as the demo clinic plans it; not a clinical limit.
PREPARATION = timedelta(minutes=30)


@dataclass(frozen=True)
class Slot:
    number: int
    chair: Chair
    nurse: User
    starts_at: datetime
    ends_at: datetime


def length(protocol: Protocol, limits: Limits) -> timedelta:
    """How long a chair is kept: preparation, infusion and the signed observation."""
    return PREPARATION + timedelta(minutes=protocol.minutes + int(limits.observation_min))


def series(protocol: Protocol, limits: Limits, first: datetime, zone: ZoneInfo) -> list[Slot]:
    """A slot for every session of the protocol. Raises `Refused` naming the first that cannot be had."""
    local = first.astimezone(zone).replace(tzinfo=None)
    slots = []
    for n in range(protocol.sessions):
        starts_at = (local + timedelta(days=n * protocol.every_days)).replace(tzinfo=zone)
        slots.append(_free(n + 1, starts_at, starts_at + length(protocol, limits), zone))
    return slots


def _free(number: int, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Slot:
    shown = starts_at.astimezone(zone).strftime("%a %-d %b, %H:%M")
    taken = Booking.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    chair = Chair.objects.exclude(id__in=taken.values("chair")).order_by("name").first()
    if chair is None:
        raise Refused(f"No chair is free on {shown}. Choose another time for the series.")
    nurses = User.objects.filter(role=Role.NURSE, is_active=True)
    nurse = nurses.exclude(id__in=taken.values("nurse")).order_by("id").first()
    if nurse is None:
        raise Refused(f"No nurse is free on {shown}. Choose another time for the series.")
    return Slot(number, chair, nurse, starts_at, ends_at)
