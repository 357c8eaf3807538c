"""Whom an alert reaches, and when: a ladder that climbs until somebody says "I have it"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from regrow.knowledge import EscalationPolicy


@dataclass(frozen=True)
class DueNotification:
    """Who is to be told of an alert, from which moment on: the rung's id and whom it names."""

    rung: str
    tells: str
    at: datetime


def due_notifications(
    duty: EscalationPolicy,
    limits: Mapping[str, str],
    raised_at: datetime,
    *,
    acknowledged_at: datetime | None,
) -> Sequence[DueNotification]:
    """Every rung in order. What is due after somebody took the alert is not told any more.

    `limits` are the minutes the medical director signed. A rung whose minutes nobody has signed is told at once: too
    many called is better than nobody.
    """
    found = []
    for rung in duty.ladder:
        minutes = limits.get(rung.after, "") if rung.after else "0"
        at = raised_at + timedelta(minutes=float(minutes or 0))
        if acknowledged_at is None or at < acknowledged_at:
            found.append(DueNotification(rung.id, rung.tells, at))
    return found
