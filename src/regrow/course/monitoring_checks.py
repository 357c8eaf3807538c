"""Which checks of long treatment are due, by the intervals the medical director signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from regrow.knowledge import Check


@dataclass(frozen=True)
class DueCheck:
    """`since` is the last time it was done, or the first dose; `why` says by which count it is due."""

    check: Check
    since: datetime
    why: str


def due_checks(
    checks: Sequence[Check],
    limits: Mapping[str, str],
    doses: Sequence[datetime],
    done: Mapping[str, datetime],
    now: datetime,
) -> Sequence[DueCheck]:
    """The checks that are due at `now`. Without a dose, or without a signed interval, nothing is due.

    `doses` are the ends of the doses given, oldest first; `done` the last time of each check, by its id.
    """
    given = [at for at in doses if at <= now]
    if not given:
        return ()
    found = []
    for check in checks:
        since = done.get(check.id, given[0])
        # The first dose is where the count begins; it is not itself a dose since then.
        after = sum(at > since for at in given)
        sessions, days = _limit(limits, check.sessions), _limit(limits, check.days)
        if sessions and after >= sessions:
            found.append(DueCheck(check, since, f"{after} doses since {_since(check, done)}"))
        elif days and now - since >= timedelta(days=float(days)):
            passed = (now - since).days
            found.append(DueCheck(check, since, f"{passed} days since {_since(check, done)}"))
    return found


def _since(check: Check, done: Mapping[str, datetime]) -> str:
    return "the last check" if check.id in done else "the first dose"


def _limit(limits: Mapping[str, str], name: str) -> Decimal | None:
    return Decimal(limits[name]) if name and limits.get(name) else None
