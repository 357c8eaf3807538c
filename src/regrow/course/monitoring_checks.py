"""Which long-term monitoring checks are due, by the signed intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from regrow.knowledge import Check


@dataclass(frozen=True)
class DueCheck:
    """A due check. `since` is when it was last done, or the first dose; `why` names the interval reached."""

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
    """Return the checks due at `now`. Without a dose or a signed interval, none is due.

    `doses` are the ends of the doses given, oldest first; `done` the last time of each check, by its id.
    """
    given = [at for at in doses if at <= now]
    if not given:
        return ()
    found = []
    for check in checks:
        since = done.get(check.id, given[0])
        # Counting starts after the first dose.
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
