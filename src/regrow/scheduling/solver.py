"""Schedule many series at once, or find the best options for one, with OR-Tools' CP-SAT.

Two steps. First every series gets a pattern such that demand never exceeds chairs and nurses. Then each day assigns
chairs and nurses to its visits; days are independent, so each is a small problem. A day that is infeasible (a nurse's
shift may end within a visit) adds its peak load as a constraint to the first step.
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
    """A complete series. `cost` compares plans of one request."""

    request_id: str
    visits: Sequence[ScheduledVisit]
    cost: float


class NoAvailability(Exception):
    """No plan exists. The text names the binding constraint and what would relax it."""


def schedule_all(
    requests: Sequence[SeriesRequest],
    capacity: ClinicCapacity,
    zone: ZoneInfo,
    *,
    first_days: int = 28,
    grid_min: int = 30,
) -> Sequence[SeriesPlan]:
    """Return one plan per request at the least total cost found within the time limit. Raises `NoAvailability`."""
    offered = {
        n.id: list(patterns(n, capacity, zone, first_days=first_days, grid_min=grid_min)) for n in requests
    }
    for request in requests:
        if not offered[request.id]:
            raise NoAvailability(_explain_infeasible(request, capacity, zone, first_days, grid_min))
    peaks: list[tuple[datetime, int]] = []
    for _ in range(TRIES):
        chosen = _choose(offered, capacity, peaks)
        if chosen is None:
            raise NoAvailability(
                "There are not enough chairs or nurses for all of them. Begin later, or add chairs, nurses or hours."
            )
        found = _assign_resources(requests, chosen, capacity, zone)
        if not isinstance(found, date):
            return found
        peaks += _peak_load(chosen, found, zone)
    raise NoAvailability(
        "Chairs and nurses could not be given to every visit. Look at the shifts of the nurses."
    )


def best_options(
    request: SeriesRequest,
    capacity: ClinicCapacity,
    zone: ZoneInfo,
    *,
    first_days: int = 28,
    grid_min: int = 30,
    count: int = 3,
) -> Sequence[SeriesPlan]:
    """Return the best plans for one patient, on different weekdays or clearly different times. Raises `NoAvailability`."""
    found = list[SeriesPlan]()
    every = sorted(patterns(request, capacity, zone, first_days=first_days, grid_min=grid_min), key=_order)
    if not every:
        raise NoAvailability(_explain_infeasible(request, capacity, zone, first_days, grid_min))
    for pattern in every:
        if any(_too_similar(pattern, plan, zone) for plan in found) or not _fits(pattern, capacity):
            continue
        assigned = _assign_resources([request], [pattern], capacity, zone)
        if not isinstance(assigned, date):
            found += assigned
        if len(found) == count:
            break
    if not found:
        raise NoAvailability(
            f"No chair or nurse is free for the whole series in the next {first_days} days. Look further ahead."
        )
    return found


def _order(pattern: SeriesOption) -> tuple[float, datetime]:
    return pattern.cost, pattern.spans[0].start


def _too_similar(pattern: SeriesOption, plan: SeriesPlan, zone: ZoneInfo) -> bool:
    mine = [s.start.astimezone(zone) for s in pattern.spans]
    theirs = [s.span.start.astimezone(zone) for s in plan.visits]
    same_days = {m.weekday() for m in mine} == {t.weekday() for t in theirs}
    return same_days and abs(mine[0].hour - theirs[0].hour) < 3


def _fits(pattern: SeriesOption, capacity: ClinicCapacity) -> bool:
    """Whether every visit fits beside the booked slots."""
    for span in pattern.spans:
        beside = [t for t in capacity.taken if t.span.meets(span)]
        chairs = len(capacity.chairs) - len({t.chair for t in beside} & set(capacity.chairs))
        busy = Counter(t.nurse for t in beside)
        if chairs < 1 or all(busy[n] >= capacity.patients_per_nurse for n in capacity.on_duty(span)):
            return False
    return True


def _choose(
    offered: Mapping[str, Sequence[SeriesOption]],
    capacity: ClinicCapacity,
    peaks: Sequence[tuple[datetime, int]],
) -> Sequence[SeriesOption] | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen: list[tuple[SeriesOption, Any]] = []
    at: dict[datetime, list[Any]] = defaultdict(list)
    # Occupancy peaks when a visit begins, so only those moments are checked.
    moments = sorted(
        {s.start for options in offered.values() for p in options for s in p.spans}
        | {t.span.start for t in capacity.taken}
    )
    for id, options in offered.items():
        picks = []
        for n, pattern in enumerate(options):
            pick = model.new_bool_var(f"{id} {n}")
            picks.append(pick)
            chosen.append((pattern, pick))
            for span in pattern.spans:
                for place in range(bisect_left(moments, span.start), bisect_left(moments, span.end)):
                    at[moments[place]].append(pick)
        model.add_exactly_one(picks)
    less = dict(peaks)
    for moment, picks in at.items():
        here = [t for t in capacity.taken if t.span.covers(moment)]
        # A patient treated elsewhere occupies a nurse and no chair.
        occupied = sum(t.chair in capacity.chairs for t in here)
        duty = len(capacity.on_duty(TimeRange(moment, moment)))
        room = min(len(capacity.chairs) - occupied, duty * capacity.patients_per_nurse - len(here))
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
    requests: Sequence[SeriesRequest],
    chosen: Sequence[SeriesOption],
    capacity: ClinicCapacity,
    zone: ZoneInfo,
) -> Sequence[SeriesPlan] | date:
    """Assign chairs and nurses to every visit, day by day; return the first infeasible day instead."""
    option_of = {pattern.request_id: pattern for pattern in chosen}
    by_day: dict[date, list[tuple[str, int, TimeRange]]] = defaultdict(list)
    for request in requests:
        for visit, span in zip(request.visits, option_of[request.id].spans, strict=True):
            by_day[span.start.astimezone(zone).date()].append((request.id, visit.number, span))
    given: dict[tuple[str, int], tuple[str, str]] = {}
    for day, visits in sorted(by_day.items()):
        found = _assign_day(visits, capacity)
        if found is None:
            return day
        given |= found
    return [
        SeriesPlan(
            request.id,
            [
                ScheduledVisit(visit.number, *given[(request.id, visit.number)], span)
                for visit, span in zip(request.visits, option_of[request.id].spans, strict=True)
            ],
            option_of[request.id].cost,
        )
        for request in requests
    ]


def _assign_day(
    visits: Sequence[tuple[str, int, TimeRange]], capacity: ClinicCapacity
) -> Mapping[tuple[str, int], tuple[str, str]] | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    whole = TimeRange(min(v[2].start for v in visits), max(v[2].end for v in visits))
    near = [t for t in capacity.taken if t.span.meets(whole)]
    chairs: dict[tuple[int, str], Any] = {}
    nurses: dict[tuple[int, str], Any] = {}
    for n, (_, _, span) in enumerate(visits):
        free = [c for c in capacity.chairs if not any(t.chair == c and t.span.meets(span) for t in near)]
        duty = capacity.on_duty(span)
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
        for chair in capacity.chairs:
            model.add(sum(chairs[n, chair] for n in here if (n, chair) in chairs) <= 1)
        for nurse in capacity.nurses:
            busy = sum(t.nurse == nurse and t.span.covers(moment) for t in near)
            mine = [nurses[n, nurse] for n in here if (n, nurse) in nurses]
            if mine:
                model.add(sum(mine) <= max(capacity.patients_per_nurse - busy, 0))
    # Ties go to the first chair and nurse by name, so that equal input gives equal output.
    model.minimize(
        sum(capacity.chairs.index(c) * pick for (_, c), pick in chairs.items())
        + sum(list(capacity.nurses).index(d) * pick for (_, d), pick in nurses.items())
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
    """Return the peak loads of an infeasible day, each reduced by one patient."""
    every = [span for pattern in chosen for span in pattern.spans]
    moments = {span.start for span in every if span.start.astimezone(zone).date() == day}
    count = {moment: sum(span.covers(moment) for span in every) for moment in moments}
    most = max(count.values())
    return [(moment, most - 1) for moment, n in count.items() if n == most]


def _explain_infeasible(
    request: SeriesRequest, capacity: ClinicCapacity, zone: ZoneInfo, first_days: int, grid_min: int
) -> str:
    """Return the first constraint that leaves a series without any pattern."""
    from dataclasses import replace

    def any_with(capacity: ClinicCapacity, request: SeriesRequest) -> bool:
        return any(True for _ in patterns(request, capacity, zone, first_days=first_days, grid_min=grid_min))

    if request.until is not None and any_with(capacity, replace(request, until=None)):
        return (
            f"The series would end after {request.until:%b %-d, %Y}, when the authorization does. "
            "Start earlier, or renew the authorization first."
        )
    if request.may is not None and any_with(capacity, replace(request, may=None)):
        return "The patient's available times allow no such series. Ask for more times."
    always = [TimeRange(o.start, o.end) for o in capacity.open]
    if any_with(replace(capacity, prescribers=always), request):
        return "No prescriber is on site for long enough at any of these times. Add a prescriber shift."
    if any_with(replace(capacity, nurses={"any nurse": always}, prescribers=always), request):
        return "No nurse is on duty for the whole of a visit. Add nurse shifts."
    return f"A visit of {request.minutes} minutes does not fit into the opening hours of every day it needs."


__all__ = ["BookedSlot", "NoAvailability", "ScheduledVisit", "SeriesPlan", "best_options", "schedule_all"]
