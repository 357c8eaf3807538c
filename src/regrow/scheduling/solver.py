"""Places many series at once, or finds the three best ways for one, with OR-Tools' CP-SAT.

In two steps. First every series gets a pattern, so that at no moment more people are here than chairs and
nurses allow. Then each day gives chairs and nurses to its visits; days do not meet, so each is a small problem of its
own. A day that does not work out (a nurse's shift may end within a visit) sends its crowd back to the first step.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .capacity import BookedSlot, ClinicCapacity, TimeRange
from .request import SeriesOption, SeriesRequest, patterns

WITHIN_S = 4.0
TRIES = 5


@dataclass(frozen=True)
class ScheduledVisit:
    """One visit with its chair and its nurse."""

    number: int
    chair: str
    nurse: str
    span: TimeRange


@dataclass(frozen=True)
class SeriesPlan:
    """A series in full. `cost` compares plans of one need."""

    need: str
    sittings: Sequence[ScheduledVisit]
    cost: float


class NoAvailability(Exception):
    """There is no way. The text says what stood against it most, and what would make room."""


def schedule_all(
    needs: Sequence[SeriesRequest],
    house: ClinicCapacity,
    zone: ZoneInfo,
    *,
    first_days: int = 28,
    grid_min: int = 30,
) -> Sequence[SeriesPlan]:
    """A plan for every need together, at the least cost found in the time. Raises `NoRoom`."""
    offered = {n.id: list(patterns(n, house, zone, first_days=first_days, grid_min=grid_min)) for n in needs}
    for need in needs:
        if not offered[need.id]:
            raise NoAvailability(_explain_infeasible(need, house, zone, first_days, grid_min))
    crowds: list[tuple[datetime, int]] = []
    for _ in range(TRIES):
        chosen = _choose(offered, house, crowds)
        if chosen is None:
            raise NoAvailability(
                "There are not enough chairs or nurses for all of them. Begin later, or add chairs, nurses or hours."
            )
        found = _assign_resources(needs, chosen, house, zone)
        if not isinstance(found, date):
            return found
        crowds += _peak_load(chosen, found, zone)
    raise NoAvailability(
        "Chairs and nurses could not be given to every visit. Look at the shifts of the nurses."
    )


def best_options(
    need: SeriesRequest,
    house: ClinicCapacity,
    zone: ZoneInfo,
    *,
    first_days: int = 28,
    grid_min: int = 30,
    count: int = 3,
) -> Sequence[SeriesPlan]:
    """The best ways for one person, each on another weekday or clearly another time. Raises `NoRoom`."""
    found = list[SeriesPlan]()
    every = sorted(patterns(need, house, zone, first_days=first_days, grid_min=grid_min), key=_order)
    if not every:
        raise NoAvailability(_explain_infeasible(need, house, zone, first_days, grid_min))
    for pattern in every:
        if any(_too_similar(pattern, plan, zone) for plan in found) or not _fits(pattern, house):
            continue
        seated = _assign_resources([need], [pattern], house, zone)
        if not isinstance(seated, date):
            found += seated
        if len(found) == count:
            break
    if not found:
        raise NoAvailability(
            f"Every way in the next {first_days} days meets a full house. Look further ahead."
        )
    return found


def _order(pattern: SeriesOption) -> tuple[float, datetime]:
    return pattern.cost, pattern.spans[0].start


def _too_similar(pattern: SeriesOption, plan: SeriesPlan, zone: ZoneInfo) -> bool:
    mine = [s.start.astimezone(zone) for s in pattern.spans]
    theirs = [s.span.start.astimezone(zone) for s in plan.sittings]
    same_days = {m.weekday() for m in mine} == {t.weekday() for t in theirs}
    return same_days and abs(mine[0].hour - theirs[0].hour) < 3


def _fits(pattern: SeriesOption, house: ClinicCapacity) -> bool:
    """Whether the house has room for it beside what is booked, visit by visit."""
    for span in pattern.spans:
        beside = [t for t in house.taken if t.span.meets(span)]
        chairs = len(house.chairs) - len({t.chair for t in beside} & set(house.chairs))
        busy = Counter(t.nurse for t in beside)
        if chairs < 1 or all(busy[n] >= house.patients_per_nurse for n in house.on_duty(span)):
            return False
    return True


def _choose(
    offered: Mapping[str, Sequence[SeriesOption]],
    house: ClinicCapacity,
    crowds: Sequence[tuple[datetime, int]],
) -> Sequence[SeriesOption] | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen: list[tuple[SeriesOption, Any]] = []
    at: dict[datetime, list[Any]] = defaultdict(list)
    # A house is fullest when somebody comes, so it is enough to look at those moments.
    moments = sorted(
        {s.start for ways in offered.values() for p in ways for s in p.spans}
        | {t.span.start for t in house.taken}
    )
    for id, ways in offered.items():
        picks = []
        for n, pattern in enumerate(ways):
            pick = model.new_bool_var(f"{id} {n}")
            picks.append(pick)
            chosen.append((pattern, pick))
            for span in pattern.spans:
                for place in range(bisect_left(moments, span.start), bisect_left(moments, span.end)):
                    at[moments[place]].append(pick)
        model.add_exactly_one(picks)
    less = dict(crowds)
    for moment, picks in at.items():
        here = [t for t in house.taken if t.span.covers(moment)]
        # Somebody treated elsewhere takes a nurse of the house and no chair of it.
        seated = sum(t.chair in house.chairs for t in here)
        duty = len(house.on_duty(TimeRange(moment, moment)))
        room = min(len(house.chairs) - seated, duty * house.patients_per_nurse - len(here))
        model.add(sum(picks) <= max(min(room, less.get(moment, room)), 0))
    model.minimize(sum(round(pattern.cost) * pick for pattern, pick in chosen))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = WITHIN_S
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 1
    solver.parameters.relative_gap_limit = 0.02
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [pattern for pattern, pick in chosen if solver.value(pick)]


def _assign_resources(
    needs: Sequence[SeriesRequest], chosen: Sequence[SeriesOption], house: ClinicCapacity, zone: ZoneInfo
) -> Sequence[SeriesPlan] | date:
    """Chairs and nurses for every visit, day by day; the first day that does not work out instead."""
    by_need = {pattern.need: pattern for pattern in chosen}
    by_day: dict[date, list[tuple[str, int, TimeRange]]] = defaultdict(list)
    for need in needs:
        for visit, span in zip(need.visits, by_need[need.id].spans, strict=True):
            by_day[span.start.astimezone(zone).date()].append((need.id, visit.number, span))
    given: dict[tuple[str, int], tuple[str, str]] = {}
    for day, visits in sorted(by_day.items()):
        found = _assign_day(visits, house)
        if found is None:
            return day
        given |= found
    return [
        SeriesPlan(
            need.id,
            [
                ScheduledVisit(visit.number, *given[(need.id, visit.number)], span)
                for visit, span in zip(need.visits, by_need[need.id].spans, strict=True)
            ],
            by_need[need.id].cost,
        )
        for need in needs
    ]


def _assign_day(
    visits: Sequence[tuple[str, int, TimeRange]], house: ClinicCapacity
) -> Mapping[tuple[str, int], tuple[str, str]] | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    whole = TimeRange(min(v[2].start for v in visits), max(v[2].end for v in visits))
    near = [t for t in house.taken if t.span.meets(whole)]
    chairs: dict[tuple[int, str], Any] = {}
    nurses: dict[tuple[int, str], Any] = {}
    for n, (_, _, span) in enumerate(visits):
        free = [c for c in house.chairs if not any(t.chair == c and t.span.meets(span) for t in near)]
        duty = house.on_duty(span)
        if not free or not duty:
            return None
        for chair in free:
            chairs[n, chair] = model.new_bool_var(f"{n} on {chair}")
        for nurse in duty:
            nurses[n, nurse] = model.new_bool_var(f"{n} by {nurse}")
        model.add_exactly_one(chairs[n, c] for c in free)
        model.add_exactly_one(nurses[n, d] for d in duty)
    for moment in sorted({span.start for _, _, span in visits} | {t.span.start for t in near}):
        here = [n for n, (_, _, span) in enumerate(visits) if span.covers(moment)]
        for chair in house.chairs:
            model.add(sum(chairs[n, chair] for n in here if (n, chair) in chairs) <= 1)
        for nurse in house.nurses:
            busy = sum(t.nurse == nurse and t.span.covers(moment) for t in near)
            mine = [nurses[n, nurse] for n in here if (n, nurse) in nurses]
            if mine:
                model.add(sum(mine) <= max(house.patients_per_nurse - busy, 0))
    # The first chair and nurse by name where nothing else decides, so that the same question has the same answer.
    model.minimize(
        sum(house.chairs.index(c) * pick for (_, c), pick in chairs.items())
        + sum(list(house.nurses).index(d) * pick for (_, d), pick in nurses.items())
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = 2.0
    solver.parameters.num_workers = 1
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return {
        (id, number): (
            next(c for (m, c), pick in chairs.items() if m == n and solver.value(pick)),
            next(d for (m, d), pick in nurses.items() if m == n and solver.value(pick)),
        )
        for n, (id, number, _) in enumerate(visits)
    }


def _peak_load(chosen: Sequence[SeriesOption], day: date, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """The fullest moments of a day that did not work out, each with one person less."""
    every = [span for pattern in chosen for span in pattern.spans]
    moments = {span.start for span in every if span.start.astimezone(zone).date() == day}
    count = {moment: sum(span.covers(moment) for span in every) for moment in moments}
    most = max(count.values())
    return [(moment, most - 1) for moment, n in count.items() if n == most]


def _explain_infeasible(
    need: SeriesRequest, house: ClinicCapacity, zone: ZoneInfo, first_days: int, grid_min: int
) -> str:
    """What stood against a series that has no pattern at all: the first condition that would have to give way."""
    from dataclasses import replace

    def any_with(house: ClinicCapacity, need: SeriesRequest) -> bool:
        return any(True for _ in patterns(need, house, zone, first_days=first_days, grid_min=grid_min))

    if need.until is not None and any_with(house, replace(need, until=None)):
        return (
            f"The series would end after {need.until:%-d %b %Y}, when the authorisation does. "
            "Begin earlier, or renew it first."
        )
    if need.may is not None and any_with(house, replace(need, may=None)):
        return "There is no such series at the times the person can come. Ask for more times."
    always = [TimeRange(o.start, o.end) for o in house.open]
    if any_with(replace(house, prescribers=always), need):
        return "No prescriber is in the house for long enough at any of these times. Enter when one is."
    if any_with(replace(house, nurses={"anybody": always}, prescribers=always), need):
        return "No nurse is on duty for the whole of a visit. Enter the shifts."
    return f"A visit of {need.minutes} minutes does not fit into the opening hours of every day it needs."


__all__ = ["BookedSlot", "NoAvailability", "ScheduledVisit", "SeriesPlan", "best_options", "schedule_all"]
