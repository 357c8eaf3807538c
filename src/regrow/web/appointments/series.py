"""Finding a free chair and a nurse on duty, at the same clock time each week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from regrow.knowledge import InfusionProtocol, Protocol
from regrow.web.accounts.api import Role, User
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.formats import clock_time, short_day

from .models import Appointment, Chair

# Getting ready and drawing up before the infusion, as the demo clinic plans it; not a clinical limit.
PREPARATION = timedelta(minutes=30)


NO_PLACE = {
    "clinic": "The house has no chair yet. Add one under Calendar, Shifts and chairs.",
    "home": "There is no place for sessions at home yet. Add one under Calendar, Shifts and chairs.",
}


@dataclass(frozen=True)
class Slot:
    number: int
    chair: Chair
    nurse: User
    starts_at: datetime
    ends_at: datetime


def visit_length(protocol: Protocol, limits: Mapping[str, str]) -> timedelta:
    """How long a chair is kept: preparation, the dose, and the longest wait the protocol or its limits ask for."""
    rules = protocol.session
    waits = [clock.at_least_min for clock in rules.clocks if clock.at_least_min]
    waits += [int(float(limits["observation_min"]))] if limits.get("observation_min") else []
    dose = protocol.minutes if isinstance(protocol, InfusionProtocol) else 0
    if rules.devices:
        most = int(max(rules.devices.doses_mg) / rules.devices.mg)
        dose = (most - 1) * rules.devices.apart_min
    return PREPARATION + timedelta(minutes=dose + max(waits, default=0))


def series_days(protocol: Protocol) -> list[int]:
    """On which day of the series each session falls, from 0.

    A titrated infusion says so itself. Twice a week is every third and fourth day in turn.
    """
    if isinstance(protocol, InfusionProtocol):
        return [n * protocol.every_days for n in range(protocol.sessions)]
    return [n // 2 * 7 + n % 2 * 3 for n in range(protocol.sessions)]


def series(protocol: Protocol, limits: Mapping[str, str], first: datetime, zone: ZoneInfo) -> list[Slot]:
    """A slot for every session of the protocol. Raises `Refused` naming the first that cannot be had."""
    local = first.astimezone(zone).replace(tzinfo=None)
    slots = []
    for n, day in enumerate(series_days(protocol)):
        starts_at = (local + timedelta(days=day)).replace(tzinfo=zone)
        slots.append(
            _free(n + 1, starts_at, starts_at + visit_length(protocol, limits), zone, place_of(protocol))
        )
    return slots


def place_of(protocol: Protocol) -> str:
    """Where a session of this protocol is held, as a chair says it."""
    return "home" if protocol.home else "clinic"


def _free(number: int, starts_at: datetime, ends_at: datetime, zone: ZoneInfo, place: str) -> Slot:
    shown = f"{short_day(starts_at)}, {clock_time(starts_at)}"
    taken = Appointment.objects.filter(canceled_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at)
    chairs = Chair.objects.filter(place=place, retired_at__isnull=True)
    chair = chairs.exclude(id__in=taken.values("chair")).order_by("name").first()
    if chair is None and not chairs.exists():
        raise ActionRefused(NO_PLACE[place])
    if chair is None:
        raise ActionRefused(f"No chair is free on {shown}. Choose another time for the series.")
    nurses = User.objects.filter(role=Role.NURSE, is_active=True)
    nurse = nurses.exclude(id__in=taken.values("nurse")).order_by("id").first()
    if nurse is None:
        raise ActionRefused(f"No nurse is free on {shown}. Choose another time for the series.")
    return Slot(number, chair, nurse, starts_at, ends_at)
