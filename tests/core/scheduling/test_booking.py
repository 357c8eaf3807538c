"""Series scheduling: every plan meets all constraints; an impossible request names its reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.scheduling import (
    BookedSlot,
    ClinicCapacity,
    NoAvailability,
    SeriesPlan,
    SeriesRequest,
    TimeRange,
    VisitRequest,
    best_options,
    schedule_all,
)

NY = ZoneInfo("America/New_York")
MONDAY = date(2026, 10, 26)  # the clock changes on the Sunday after
WEEKLY = [VisitRequest(n + 1, [7 * n]) for n in range(6)]
TWICE = [VisitRequest(n + 1, [n // 2 * 7 + n % 2 * 3, n // 2 * 7 + n % 2 * 4]) for n in range(8)]


def day_of(day: date, begin: time, end: time) -> TimeRange:
    return TimeRange(*(datetime.combine(day, t, tzinfo=NY).astimezone(UTC) for t in (begin, end)))


def weekdays(begin: time, end: time, weeks: int = 12) -> list[TimeRange]:
    days = (MONDAY + timedelta(days=n) for n in range(7 * weeks))
    return [day_of(day, begin, end) for day in days if day.weekday() < 5]


OPEN = weekdays(time(9), time(18))


def capacity(count: int = 2, staff: int = 2, **more: object) -> ClinicCapacity:
    made = ClinicCapacity(
        chairs=[f"Chair {n}" for n in range(1, count + 1)],
        nurses={f"nurse {n}": OPEN for n in range(1, staff + 1)},
        prescribers=OPEN,
        open=OPEN,
    )
    return replace(made, **more)


def series(id: str = "a", **more: object) -> SeriesRequest:
    start = datetime.combine(MONDAY, time(8), tzinfo=NY).astimezone(UTC)
    made = SeriesRequest(id, WEEKLY, minutes=100, present_from=30, present_minutes=70, earliest=start)
    return replace(made, **more)


def spravato(id: str = "s", **more: object) -> SeriesRequest:
    return series(id, visits=TWICE, minutes=160, present_minutes=130, **more)


def assert_constraints_hold(
    plans: list[SeriesPlan], requests: list[SeriesRequest], at: ClinicCapacity
) -> None:
    """Check every constraint independently of the solver."""
    taken = [*at.taken, *(BookedSlot(s.chair, s.nurse, s.span) for plan in plans for s in plan.visits)]
    for plan, wanted in zip(plans, requests, strict=True):
        assert [s.number for s in plan.visits] == [v.number for v in wanted.visits]
        clock = {s.span.start.astimezone(NY).time() for s in plan.visits}
        assert len(clock) == 1, "the same clock time, also across the clock change"
        first = plan.visits[0].span.start.astimezone(NY).date()
        for visit, visited in zip(wanted.visits, plan.visits, strict=True):
            day = visited.span.start.astimezone(NY).date()
            assert (day - first).days in visit.days
            assert visited.span.end - visited.span.start == timedelta(minutes=wanted.minutes)
            assert at.is_open(visited.span) and visited.nurse in at.on_duty(visited.span)
            assert visited.span.start >= wanted.earliest
            assert wanted.until is None or day <= wanted.until
    for one in taken:
        beside = [t for t in taken if t.span.meets(one.span)]
        assert sum(t.chair == one.chair for t in beside) == 1, "one person a chair"
        for moment in (one.span.start, one.span.end - timedelta(minutes=1)):
            now = [t for t in taken if t.nurse == one.nurse and t.span.start <= moment < t.span.end]
            assert len(now) <= at.patients_per_nurse


@pytest.mark.parametrize("wanted", [series(), spravato()])
def test_best_options_differ_in_weekday_or_hour_and_are_sorted_by_cost(wanted: SeriesRequest) -> None:
    at = capacity()
    plans = best_options(wanted, at, NY)
    assert len(plans) == 3
    for plan in plans:
        assert_constraints_hold([plan], [wanted], at)
    assert [p.cost for p in plans] == sorted(p.cost for p in plans)
    for n, one in enumerate(plans):
        for other in plans[n + 1 :]:
            here, there = ([s.span.start.astimezone(NY) for s in p.visits] for p in (one, other))
            other_days = {d.weekday() for d in here} != {d.weekday() for d in there}
            assert other_days or abs(here[0].hour - there[0].hour) >= 3


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_plans_for_several_patients_meet_every_constraint(data: st.DataObject) -> None:
    chairs = data.draw(st.integers(1, 3))
    at = capacity(
        chairs,
        data.draw(st.integers(1, 3)),
        patients_per_nurse=data.draw(st.integers(1, 2)),
    )
    short = weekdays(time(9), time(data.draw(st.integers(13, 17))))
    at = replace(at, nurses={**at.nurses, "half days": short})
    makers = [series, spravato]
    requests = [
        makers[data.draw(st.integers(0, 1))](f"p{n}", prefers=time(data.draw(st.integers(9, 16))))
        for n in range(data.draw(st.integers(1, 4)))
    ]
    first = best_options(requests[0], at, NY, count=1)[0]
    booked = [BookedSlot(s.chair, s.nurse, s.span) for s in first.visits]
    at = replace(at, taken=booked)
    try:
        plans = schedule_all(requests, at, NY, grid_min=60)
    except NoAvailability as reason:
        assert str(reason)
        return
    assert_constraints_hold(list(plans), requests, at)


def test_scheduling_is_deterministic() -> None:
    assert best_options(spravato(), capacity(), NY) == best_options(spravato(), capacity(), NY)


@pytest.mark.parametrize(
    ("wanted", "at", "says"),
    [
        (series(until=MONDAY + timedelta(days=30)), capacity(), "when the authorization does"),
        (series(may=lambda span: False), capacity(), "available times allow no such series"),
        (spravato(), capacity(prescribers=weekdays(time(9), time(10))), "No prescriber"),
        (series(), capacity(nurses={"short": weekdays(time(9), time(10))}), "No nurse"),
        (series(minutes=600), capacity(), "does not fit into the opening hours"),
    ],
)
def test_an_infeasible_request_names_the_reason(wanted: SeriesRequest, at: ClinicCapacity, says: str) -> None:
    with pytest.raises(NoAvailability, match=says):
        best_options(wanted, at, NY)


def test_a_fully_booked_clinic_names_the_reason() -> None:
    full = [BookedSlot("Chair 1", "nurse 1", span) for span in OPEN]
    with pytest.raises(NoAvailability, match="No chair or nurse is free"):
        best_options(series(), capacity(1, 1, taken=full), NY)


def test_consecutive_prescriber_shifts_count_as_continuous_presence() -> None:
    shared = [*weekdays(time(9), time(13)), *weekdays(time(13), time(18))]
    assert best_options(spravato(), capacity(prescribers=shared), NY)
    gap = [*weekdays(time(9), time(12)), *weekdays(time(13), time(14))]
    with pytest.raises(NoAvailability, match="No prescriber"):
        best_options(
            spravato(prefers=time(12)), capacity(prescribers=gap, open=weekdays(time(11), time(18))), NY
        )


def test_a_series_ends_before_the_authorization_does() -> None:
    until = MONDAY + timedelta(days=37)
    plan = best_options(series(until=until), capacity(), NY)[0]
    assert plan.visits[-1].span.start.astimezone(NY).date() <= until


def test_several_patients_are_refused_with_the_reason_of_the_first_one_without_a_time() -> None:
    with pytest.raises(NoAvailability, match="available times allow no such series"):
        schedule_all([series("a"), series("b", may=lambda span: False)], capacity(), NY, first_days=7)


def test_more_patients_than_one_chair_holds_are_refused() -> None:
    """Two hours of opening a day and one chair: a day holds one visit, so four series cannot begin on one day."""
    hour = weekdays(time(9), time(11))
    at = capacity(1, 1, open=hour, nurses={"nurse 1": hour}, prescribers=hour)
    alone = series(until=MONDAY + timedelta(days=36))
    both = [replace(alone, id=id) for id in ("a", "b", "c", "d")]

    assert len(schedule_all([alone], at, NY, first_days=3)) == 1
    with pytest.raises(NoAvailability) as refused:
        schedule_all(both, at, NY, first_days=1)
    assert str(refused.value) == (
        "There are not enough chairs or nurses for all of them. Begin later, or add chairs, nurses or hours."
    )


def test_visits_that_one_nurse_cannot_hold_at_once_are_moved_apart() -> None:
    """Two nurses are there at 9:00, and one leaves before the visit ends: one visit at 9:00, the other at 10:00."""
    hours, short = weekdays(time(9), time(11)), weekdays(time(9), time(9, 50))
    at = capacity(2, open=hours, prescribers=hours, nurses={"whole": hours, "short": short})
    wanted = [
        series(id, visits=WEEKLY[:1], minutes=60, present_from=0, present_minutes=60, prefers=time(9))
        for id in ("a", "b")
    ]
    plans = list(schedule_all(wanted, at, NY, first_days=1))

    assert_constraints_hold(plans, wanted, at)
    assert sorted(f"{plan.visits[0].span.start.astimezone(NY):%H:%M}" for plan in plans) == ["09:00", "10:00"]
    assert [plan.visits[0].nurse for plan in plans] == ["whole", "whole"]
