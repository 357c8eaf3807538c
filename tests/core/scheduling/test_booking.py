"""Whole series placed by the solver: whatever it finds keeps every condition; what cannot be is said with its reason."""

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


def house(count: int = 2, staff: int = 2, **more: object) -> ClinicCapacity:
    made = ClinicCapacity(
        chairs=[f"Chair {n}" for n in range(1, count + 1)],
        nurses={f"nurse {n}": OPEN for n in range(1, staff + 1)},
        prescribers=OPEN,
        open=OPEN,
    )
    return replace(made, **more)


def need(id: str = "a", **more: object) -> SeriesRequest:
    start = datetime.combine(MONDAY, time(8), tzinfo=NY).astimezone(UTC)
    made = SeriesRequest(id, WEEKLY, minutes=100, present_from=30, present_minutes=70, earliest=start)
    return replace(made, **more)


def spray(id: str = "s", **more: object) -> SeriesRequest:
    return need(id, visits=TWICE, minutes=160, present_minutes=130, **more)


def keeps_everything(plans: list[SeriesPlan], needs: list[SeriesRequest], at: ClinicCapacity) -> None:
    """Checked here by hand, not by the solver's own words."""
    taken = [*at.taken, *(BookedSlot(s.chair, s.nurse, s.span) for plan in plans for s in plan.sittings)]
    for plan, wanted in zip(plans, needs, strict=True):
        assert [s.number for s in plan.sittings] == [v.number for v in wanted.visits]
        clock = {s.span.start.astimezone(NY).time() for s in plan.sittings}
        assert len(clock) == 1, "the same clock time, also across the clock change"
        first = plan.sittings[0].span.start.astimezone(NY).date()
        for visit, sitting in zip(wanted.visits, plan.sittings, strict=True):
            day = sitting.span.start.astimezone(NY).date()
            assert (day - first).days in visit.days
            assert sitting.span.end - sitting.span.start == timedelta(minutes=wanted.minutes)
            assert at.is_open(sitting.span) and sitting.nurse in at.on_duty(sitting.span)
            assert sitting.span.start >= wanted.earliest
            assert wanted.until is None or day <= wanted.until
    for one in taken:
        beside = [t for t in taken if t.span.meets(one.span)]
        assert sum(t.chair == one.chair for t in beside) == 1, "one person a chair"
        for moment in (one.span.start, one.span.end - timedelta(minutes=1)):
            now = [t for t in taken if t.nurse == one.nurse and t.span.start <= moment < t.span.end]
            assert len(now) <= at.patients_per_nurse


@pytest.mark.parametrize("wanted", [need(), spray()])
def test_the_three_best_are_kept_apart_and_the_best_comes_first(wanted: SeriesRequest) -> None:
    at = house()
    plans = best_options(wanted, at, NY)
    assert len(plans) == 3
    for plan in plans:
        keeps_everything([plan], [wanted], at)
    assert [p.cost for p in plans] == sorted(p.cost for p in plans)
    for n, one in enumerate(plans):
        for other in plans[n + 1 :]:
            here, there = ([s.span.start.astimezone(NY) for s in p.sittings] for p in (one, other))
            other_days = {d.weekday() for d in here} != {d.weekday() for d in there}
            assert other_days or abs(here[0].hour - there[0].hour) >= 3


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_found_for_many_keeps_every_condition(data: st.DataObject) -> None:
    chairs = data.draw(st.integers(1, 3))
    at = house(
        chairs,
        data.draw(st.integers(1, 3)),
        patients_per_nurse=data.draw(st.integers(1, 2)),
    )
    short = weekdays(time(9), time(data.draw(st.integers(13, 17))))
    at = replace(at, nurses={**at.nurses, "half days": short})
    makers = [need, spray]
    needs = [
        makers[data.draw(st.integers(0, 1))](f"p{n}", prefers=time(data.draw(st.integers(9, 16))))
        for n in range(data.draw(st.integers(1, 4)))
    ]
    first = best_options(needs[0], at, NY, count=1)[0]
    booked = [BookedSlot(s.chair, s.nurse, s.span) for s in first.sittings]
    at = replace(at, taken=booked)
    try:
        plans = schedule_all(needs, at, NY, grid_min=60)
    except NoAvailability as reason:
        assert str(reason)
        return
    keeps_everything(list(plans), needs, at)


def test_the_same_question_has_the_same_answer() -> None:
    assert best_options(spray(), house(), NY) == best_options(spray(), house(), NY)


@pytest.mark.parametrize(
    ("wanted", "at", "says"),
    [
        (need(until=MONDAY + timedelta(days=30)), house(), "authorisation"),
        (need(may=lambda span: False), house(), "times the person can come"),
        (spray(), house(prescribers=weekdays(time(9), time(10))), "No prescriber"),
        (need(), house(nurses={"short": weekdays(time(9), time(10))}), "No nurse"),
        (need(minutes=600), house(), "does not fit into the opening hours"),
    ],
)
def test_what_cannot_be_says_why(wanted: SeriesRequest, at: ClinicCapacity, says: str) -> None:
    with pytest.raises(NoAvailability, match=says):
        best_options(wanted, at, NY)


def test_a_full_house_is_said() -> None:
    full = [BookedSlot("Chair 1", "nurse 1", span) for span in OPEN]
    with pytest.raises(NoAvailability, match="full house"):
        best_options(need(), house(1, 1, taken=full), NY)


def test_two_prescribers_in_turn_are_one_presence() -> None:
    shared = [*weekdays(time(9), time(13)), *weekdays(time(13), time(18))]
    assert best_options(spray(), house(prescribers=shared), NY)
    gap = [*weekdays(time(9), time(12)), *weekdays(time(13), time(14))]
    with pytest.raises(NoAvailability, match="No prescriber"):
        best_options(spray(prefers=time(12)), house(prescribers=gap, open=weekdays(time(11), time(18))), NY)


def test_an_authorisation_bounds_the_series() -> None:
    until = MONDAY + timedelta(days=37)
    plan = best_options(need(until=until), house(), NY)[0]
    assert plan.sittings[-1].span.start.astimezone(NY).date() <= until
