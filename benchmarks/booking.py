"""Forty inductions into the month of a clinic with six chairs: the solver beside taking the first that fits, one by one.

`python benchmarks/booking.py [--quick]`. The solver places all together; the greedy way is what a person at the desk
does. Both keep the same conditions; what differs is how long people wait, and who finds no place.
"""

import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

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
MONDAY = date(2026, 11, 30)


def spans(begin: clock, end: clock, days: range = range(5)) -> list[TimeRange]:
    every = (MONDAY + timedelta(days=n) for n in range(77))
    return [
        TimeRange(*(datetime.combine(d, t, tzinfo=NY).astimezone(UTC) for t in (begin, end)))
        for d in every
        if d.weekday() in days
    ]


def clinic(chairs: int) -> ClinicCapacity:
    open_ = spans(clock(9), clock(18))
    nurses = {f"nurse {n}": open_ for n in range(1, chairs // 2 + 1)}
    nurses["early"] = spans(clock(9), clock(14))
    return ClinicCapacity(
        [f"Chair {n}" for n in range(1, chairs + 1)], nurses, open_, open_, patients_per_nurse=2
    )


def people(count: int) -> list[SeriesRequest]:
    start = datetime.combine(MONDAY, clock(8), tzinfo=NY).astimezone(UTC)
    weekly = [VisitRequest(n + 1, [7 * n]) for n in range(6)]
    twice = [VisitRequest(n + 1, [n // 2 * 7 + n % 2 * 3, n // 2 * 7 + n % 2 * 4]) for n in range(8)]
    made = []
    for n in range(count):
        spray = n % 4 == 3
        made.append(
            SeriesRequest(
                f"person {n}",
                twice if spray else weekly,
                minutes=160 if spray else 105,
                present_from=30,
                present_minutes=130 if spray else 75,
                earliest=start,
                prefers=clock([9, 11, 14, 16][n % 4]),
            )
        )
    return made


def waited(plans: list[SeriesPlan]) -> float:
    return sum(p.cost for p in plans) / max(len(plans), 1)


def main() -> None:
    count, chairs = (12, 3) if "--quick" in sys.argv else (40, 6)
    house, needs = clinic(chairs), people(count)
    began = time.perf_counter()
    together = list(schedule_all(needs, house, NY))
    solver_s = time.perf_counter() - began
    began, one_by_one, left = time.perf_counter(), list[SeriesPlan](), 0
    for need in needs:
        try:
            plan = best_options(need, house, NY, count=1)[0]
        except NoAvailability:
            left += 1
            continue
        one_by_one.append(plan)
        house = replace(
            house, taken=[*house.taken, *(BookedSlot(s.chair, s.nurse, s.span) for s in plan.sittings)]
        )
    greedy_s = time.perf_counter() - began
    print(
        f"{count} inductions, {sum(len(n.visits) for n in needs)} visits, {chairs} chairs, first visit within 28 days"
    )
    print(f"{'':16} {'placed':>6} {'without a place':>15} {'cost a person, h':>17} {'time':>8}")
    print(f"{'all together':16} {len(together):6} {0:15} {waited(together):17.1f} {solver_s:7.1f}s")
    print(f"{'one by one':16} {len(one_by_one):6} {left:15} {waited(one_by_one):17.1f} {greedy_s:7.1f}s")
    print(f"cost, one by one against all together: {waited(one_by_one) / waited(together):.2f}x")


if __name__ == "__main__":
    main()
