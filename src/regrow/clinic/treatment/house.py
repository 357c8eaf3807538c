"""The house as the solver sees it, from the records, and what a protocol needs of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from regrow.booking import House, Need, Span, Taken, Visit
from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import DECIDES, Role
from regrow.knowledge import InfusionProtocol, Protocol

from .calendar import PREPARATION, days_of, length
from .models import Away, Booking, Chair, Course, Shift


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def house(first: date, days: int, *, place: str = "clinic", without: Booking | None = None) -> House:
    """Chairs, people and hours from a day on. Somebody for whom no shift was ever entered is here while it is open.

    `place` says which chairs are looked at; `without` is a booking that would be given up for what is looked for.
    """
    closed = [Span(a.from_at, a.to_at) for a in Away.objects.filter(who__isnull=True)]
    open_ = [
        _span(day, begin, end)
        for day in _days(first, days)
        for weekdays, begin, end in settings.CLINIC.open
        if day.weekday() in weekdays
    ]
    until = datetime.combine(first + timedelta(days=days + 1), time(), tzinfo=UTC)
    booked = Booking.objects.filter(
        off_at__isnull=True, ends_at__gte=datetime.combine(first, time(), tzinfo=UTC), starts_at__lt=until
    )
    if without is not None:
        booked = booked.exclude(id=without.id)
    people = User.objects.filter(is_active=True).prefetch_related("shifts", "away").order_by("id")
    return House(
        chairs=list(
            Chair.objects.filter(place=place, closed_at__isnull=True)
            .order_by("name")
            .values_list("name", flat=True)
        ),
        nurses={u.username: _here(u, first, days, open_) for u in people if u.role == Role.NURSE},
        prescribers=[s for u in people if u.works_as in DECIDES for s in _here(u, first, days, open_)],
        open=open_,
        closed=closed,
        patients_per_nurse=settings.CLINIC.patients_per_nurse,
        taken=[
            Taken(b.chair.name, b.nurse.username, Span(b.starts_at, b.ends_at))
            for b in booked.select_related("chair", "nurse")
        ],
    )


def _days(first: date, days: int) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range(days))


def _span(day: date, begin: time, end: time) -> Span:
    start, stop = (datetime.combine(day, at, tzinfo=zone()).astimezone(UTC) for at in (begin, end))
    return Span(start, stop)


def _here(user: User, first: date, days: int, open_: Sequence[Span]) -> list[Span]:
    shifts: Sequence[Shift] = [s for s in user.shifts.all() if s.kind == "house"]
    spans = [
        _span(day, s.from_time, s.to_time)
        for day in _days(first, days)
        for s in shifts
        if s.weekday == day.weekday()
    ]
    return _less(spans if shifts else list(open_), [Span(a.from_at, a.to_at) for a in user.away.all()])


def _less(spans: Sequence[Span], gone: Sequence[Span]) -> list[Span]:
    """Spans with others cut out of them."""
    left = list(spans)
    for g in gone:
        cut = []
        for s in left:
            if not s.meets(g):
                cut.append(s)
                continue
            cut += [Span(s.start, g.start)] if s.start < g.start else []
            cut += [Span(g.end, s.end)] if g.end < s.end else []
        left = cut
    return left


def need_of(
    protocol: Protocol,
    limits: Mapping[str, str],
    earliest: datetime,
    *,
    until: date | None = None,
    prefers: time | None = None,
    may: Callable[[Span], bool] | None = None,
) -> Need:
    """A whole series. A product of single devices needs a prescriber until the observation is over, an infusion while it
    runs.
    """
    minutes = int(length(protocol, limits).total_seconds() // 60)
    before = int(PREPARATION.total_seconds() // 60)
    devices = protocol.session.devices is not None
    runs = protocol.minutes if isinstance(protocol, InfusionProtocol) else minutes - before
    days = days_of(protocol)
    # Twice a week may be three or four days apart; a series that is weekly keeps its weekday.
    other = [d + 1 if devices and n % 2 else d for n, d in enumerate(days)]
    return Need(
        id="series",
        visits=[Visit(n, sorted({a, b})) for n, (a, b) in enumerate(zip(days, other, strict=True), 1)],
        minutes=minutes,
        present_from=before,
        present_minutes=minutes - before if devices else runs,
        earliest=earliest,
        until=until,
        prefers=prefers,
        may=may,
    )


def need_one(
    course: Course, number: int, protocol: Protocol, earliest: datetime, prefers: time | None = None
) -> Need:
    """One session: held at another time, or one more after the series."""
    whole = need_of(protocol, course.signature.limits, earliest)
    return replace(whole, id="one", visits=[Visit(number, [0])], prefers=prefers)
