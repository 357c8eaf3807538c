"""One patient's series request and the patterns that satisfy it: one clock time on the days of the series."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .capacity import ClinicCapacity, TimeRange


@dataclass(frozen=True)
class VisitRequest:
    """One session of a series: its days after the first session, preferred first."""

    number: int
    days: Sequence[int]


@dataclass(frozen=True)
class SeriesRequest:
    """A series for one patient.

    `minutes` occupies the chair from preparation to discharge; a prescriber must be on site for `present_minutes` from
    `present_from`. `until` is the last day of a payer's authorization. `may` tells when the patient can come.
    """

    id: str
    visits: Sequence[VisitRequest]
    minutes: int
    present_from: int
    present_minutes: int
    earliest: datetime
    until: date | None = None
    may: Callable[[TimeRange], bool] | None = None
    prefers: time | None = None


@dataclass(frozen=True)
class SeriesOption:
    """One placement of a series. `cost` is in hours of waiting, or of distance from the preferred clock time."""

    request_id: str
    spans: Sequence[TimeRange]
    cost: float


def patterns(
    request: SeriesRequest,
    capacity: ClinicCapacity,
    zone: ZoneInfo,
    *,
    first_days: int = 28,
    grid_min: int = 30,
) -> Iterator[SeriesOption]:
    """Yield every placement that meets the request and the opening hours, ignoring booked slots.

    All visits start at the same local clock time, also across a clock change. Where a visit may fall on several days,
    the preferred day is taken for the whole series, so a series keeps its weekdays.
    """
    start_day = request.earliest.astimezone(zone).date()
    choices = max(len(v.days) for v in request.visits)
    for ahead in range(first_days):
        day = start_day + timedelta(days=ahead)
        for choice in range(choices):
            days = [day + timedelta(days=v.days[min(choice, len(v.days) - 1)]) for v in request.visits]
            if request.until is not None and days[-1] > request.until:
                continue
            for minute in range(0, 24 * 60, grid_min):
                at = time(minute // 60, minute % 60)
                found = _placed(request, capacity, zone, days, at)
                if found is not None:
                    off = abs(_hours(at) - _hours(request.prefers)) if request.prefers else 0.0
                    waited = (found[0].start - request.earliest).total_seconds() / 3600
                    yield SeriesOption(request.id, found, waited + 4 * off + 2 * choice)


def _placed(
    request: SeriesRequest, capacity: ClinicCapacity, zone: ZoneInfo, days: Sequence[date], at: time
) -> Sequence[TimeRange] | None:
    found = []
    for day in days:
        # In UTC from here on, so that minutes are elapsed minutes whatever the local clock does.
        start = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        span = TimeRange(start, start + timedelta(minutes=request.minutes))
        arrives = start + timedelta(minutes=request.present_from)
        here = TimeRange(arrives, arrives + timedelta(minutes=request.present_minutes))
        if start < request.earliest or not capacity.is_open(span) or not capacity.has_prescriber(here):
            return None
        if request.may is not None and not request.may(span):
            return None
        if not capacity.on_duty(span):
            return None
        found.append(span)
    return found


def _hours(at: time) -> float:
    return at.hour + at.minute / 60
