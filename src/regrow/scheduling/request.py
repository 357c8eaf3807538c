"""What one person needs, and every way of placing it: the same clock time on the days of the series."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .capacity import ClinicCapacity, TimeRange


@dataclass(frozen=True)
class VisitRequest:
    """One session of a series: its days from the first one, in the order in which they are preferred."""

    number: int
    days: Sequence[int]


@dataclass(frozen=True)
class SeriesRequest:
    """A series for one person.

    `minutes` keeps the chair from preparation to going home; a prescriber must be in the house from `present_from` on for
    `present_minutes` of it. `until` is the last day a payer's authorisation covers. `may` tells when the person can come.
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
    """One way of placing a series. `cost` is in hours that the person waits or that the clock time is off their wish."""

    need: str
    spans: Sequence[TimeRange]
    cost: float


def patterns(
    need: SeriesRequest, house: ClinicCapacity, zone: ZoneInfo, *, first_days: int = 28, grid_min: int = 30
) -> Iterator[SeriesOption]:
    """Every way to place a series by its own conditions and the house's hours, whatever is booked.

    All visits stand at the same clock time where the clinic is, also across a clock change. A visit may have several
    days: each first choice of theirs is taken together, so a series keeps its weekdays.
    """
    start_day = need.earliest.astimezone(zone).date()
    choices = max(len(v.days) for v in need.visits)
    for ahead in range(first_days):
        day = start_day + timedelta(days=ahead)
        for choice in range(choices):
            days = [day + timedelta(days=v.days[min(choice, len(v.days) - 1)]) for v in need.visits]
            if need.until is not None and days[-1] > need.until:
                continue
            for minute in range(0, 24 * 60, grid_min):
                at = time(minute // 60, minute % 60)
                found = _placed(need, house, zone, days, at)
                if found is not None:
                    off = abs(_hours(at) - _hours(need.prefers)) if need.prefers else 0.0
                    waited = (found[0].start - need.earliest).total_seconds() / 3600
                    yield SeriesOption(need.id, found, waited + 4 * off + 2 * choice)


def _placed(
    need: SeriesRequest, house: ClinicCapacity, zone: ZoneInfo, days: Sequence[date], at: time
) -> Sequence[TimeRange] | None:
    found = []
    for day in days:
        # In UTC from here on, so that minutes are elapsed minutes whatever the local clock does.
        start = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        span = TimeRange(start, start + timedelta(minutes=need.minutes))
        arrives = start + timedelta(minutes=need.present_from)
        here = TimeRange(arrives, arrives + timedelta(minutes=need.present_minutes))
        if start < need.earliest or not house.is_open(span) or not house.has_prescriber(here):
            return None
        if need.may is not None and not need.may(span):
            return None
        if not house.on_duty(span):
            return None
        found.append(span)
    return found


def _hours(at: time) -> float:
    return at.hour + at.minute / 60
