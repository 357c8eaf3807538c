"""Place a series at a start time that a person chose, under the same conditions as the suggested schedules."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from .capacity import ClinicCapacity, TimeRange
from .request import SeriesRequest
from .solver import NoAvailability, ScheduledVisit, SeriesPlan


class Obstacle(Enum):
    """Why a visit cannot be held at a time."""

    CLOSED = "the clinic is closed"
    NO_PRESCRIBER = "no prescriber is on site"
    NO_NURSE = "no nurse is available"
    NO_CHAIR = "no chair is free"
    AFTER_AUTHORIZATION = "the authorization has ended"


class TimeUnavailable(NoAvailability):
    """A visit of the series cannot be held at its time."""

    def __init__(self, obstacle: Obstacle, number: int, span: TimeRange) -> None:
        super().__init__(f"session {number}: {obstacle.value}")
        self.obstacle, self.number, self.span = obstacle, number, span


def place_at(request: SeriesRequest, capacity: ClinicCapacity, zone: ZoneInfo, start: datetime) -> SeriesPlan:
    """Return the series with its first session at `start`, each session at the same local time.

    Raises `TimeUnavailable` with the first session that cannot be held, and why.
    """
    local = start.astimezone(zone)
    first_day, at = local.date(), local.time()
    visits = []
    for visit in request.visits:
        day = first_day + timedelta(days=visit.days[0])
        # In UTC from here on, so that minutes are elapsed minutes across a clock change.
        begins = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        span = TimeRange(begins, begins + timedelta(minutes=request.minutes))
        if request.until is not None and day > request.until:
            raise TimeUnavailable(Obstacle.AFTER_AUTHORIZATION, visit.number, span)
        chair, nurse = _resources(request, capacity, visit.number, span)
        visits.append(ScheduledVisit(visit.number, chair, nurse, span))
    return SeriesPlan(request.id, visits, 0.0)


def _resources(
    request: SeriesRequest, capacity: ClinicCapacity, number: int, span: TimeRange
) -> tuple[str, str]:
    """Return the chair and the nurse for one visit. Raises `TimeUnavailable`."""
    arrives = span.start + timedelta(minutes=request.present_from)
    if not capacity.is_open(span):
        raise TimeUnavailable(Obstacle.CLOSED, number, span)
    if not capacity.has_prescriber(TimeRange(arrives, arrives + timedelta(minutes=request.present_minutes))):
        raise TimeUnavailable(Obstacle.NO_PRESCRIBER, number, span)
    beside = [slot for slot in capacity.taken if slot.span.meets(span)]
    taken = {slot.chair for slot in beside}
    chair = next((name for name in capacity.chairs if name not in taken), None)
    if chair is None:
        raise TimeUnavailable(Obstacle.NO_CHAIR, number, span)
    patients = Counter(slot.nurse for slot in beside)
    free = [name for name in capacity.on_duty(span) if patients[name] < capacity.patients_per_nurse]
    if not free:
        raise TimeUnavailable(Obstacle.NO_NURSE, number, span)
    return chair, min(free, key=lambda name: patients[name])
