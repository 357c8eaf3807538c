"""Build the solver's view of clinic capacity and of a protocol's needs from the records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from regrow.knowledge import InfusionProtocol, Protocol
from regrow.scheduling import BookedSlot, ClinicCapacity, SeriesRequest, TimeRange, VisitRequest
from regrow.web.accounts.api import DECIDES, Role, User
from regrow.web.courses.api import Course
from regrow.web.platform import clock

from .models import Appointment, Chair, Shift, TimeOff
from .series import PREPARATION, series_days, visit_length


def clinic_capacity(
    first: date, days: int, *, place: str = "clinic", without: Appointment | None = None
) -> ClinicCapacity:
    """Return chairs, staff and hours from a day on. A staff member without shifts counts as on duty during opening
    hours.

    `place` selects the chairs; `without` is an appointment to be given up for the one sought.
    """
    closed = [TimeRange(a.from_at, a.to_at) for a in TimeOff.objects.filter(staff__isnull=True)]
    open_ = [
        _span(day, begin, end)
        for day in _days(first, days)
        for weekdays, begin, end in settings.CLINIC.open
        if day.weekday() in weekdays
    ]
    until = datetime.combine(first + timedelta(days=days + 1), time(), tzinfo=UTC)
    booked = Appointment.objects.filter(
        canceled_at__isnull=True,
        ends_at__gte=datetime.combine(first, time(), tzinfo=UTC),
        starts_at__lt=until,
    )
    if without is not None:
        booked = booked.exclude(id=without.id)
    people = User.objects.filter(is_active=True).prefetch_related("shifts", "away").order_by("id")
    return ClinicCapacity(
        chairs=list(
            Chair.objects.filter(place=place, retired_at__isnull=True)
            .order_by("name")
            .values_list("name", flat=True)
        ),
        nurses={u.username: _hours_on_site(u, first, days, open_) for u in people if u.role == Role.NURSE},
        prescribers=[
            s for u in people if u.works_as in DECIDES for s in _hours_on_site(u, first, days, open_)
        ],
        open=open_,
        closed=closed,
        patients_per_nurse=settings.CLINIC.patients_per_nurse,
        taken=[
            BookedSlot(b.chair.name, b.nurse.username, TimeRange(b.starts_at, b.ends_at))
            for b in booked.select_related("chair", "nurse")
        ],
    )


def _days(first: date, days: int) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range(days))


def _span(day: date, begin: time, end: time) -> TimeRange:
    start, stop = (
        datetime.combine(day, at, tzinfo=clock.clinic_zone()).astimezone(UTC) for at in (begin, end)
    )
    return TimeRange(start, stop)


def _hours_on_site(user: User, first: date, days: int, open_: Sequence[TimeRange]) -> list[TimeRange]:
    shifts: Sequence[Shift] = [s for s in user.shifts.all() if s.kind == "on_site"]
    spans = [
        _span(day, s.from_time, s.to_time)
        for day in _days(first, days)
        for s in shifts
        if s.weekday == day.weekday()
    ]
    return _without(
        spans if shifts else list(open_), [TimeRange(a.from_at, a.to_at) for a in user.away.all()]
    )


def _without(spans: Sequence[TimeRange], gone: Sequence[TimeRange]) -> list[TimeRange]:
    """Subtract time ranges from others."""
    left = list(spans)
    for g in gone:
        cut = []
        for s in left:
            if not s.meets(g):
                cut.append(s)
                continue
            cut += [TimeRange(s.start, g.start)] if s.start < g.start else []
            cut += [TimeRange(g.end, s.end)] if g.end < s.end else []
        left = cut
    return left


def series_request(
    protocol: Protocol,
    limits: Mapping[str, str],
    earliest: datetime,
    *,
    until: date | None = None,
    prefers: time | None = None,
    may: Callable[[TimeRange], bool] | None = None,
) -> SeriesRequest:
    """Build the request for a whole series.

    A single-device product needs a prescriber on site until the observation period ends, an infusion while it runs.
    """
    minutes = int(visit_length(protocol, limits).total_seconds() // 60)
    before = int(PREPARATION.total_seconds() // 60)
    devices = protocol.session.devices is not None
    runs = protocol.minutes if isinstance(protocol, InfusionProtocol) else minutes - before
    days = series_days(protocol)
    # A twice-weekly series may be three or four days apart; a weekly series keeps its weekday.
    other = [d + 1 if devices and n % 2 else d for n, d in enumerate(days)]
    return SeriesRequest(
        id="series",
        visits=[VisitRequest(n, sorted({a, b})) for n, (a, b) in enumerate(zip(days, other, strict=True), 1)],
        minutes=minutes,
        present_from=before,
        present_minutes=minutes - before if devices else runs,
        earliest=earliest,
        until=until,
        prefers=prefers,
        may=may,
    )


def single_request(
    course: Course, number: int, protocol: Protocol, earliest: datetime, prefers: time | None = None
) -> SeriesRequest:
    """Build the request for one session: rescheduled, or a booster after the series."""
    whole = series_request(protocol, course.signature.values, earliest)
    return replace(whole, id="one", visits=[VisitRequest(number, [0])], prefers=prefers)
