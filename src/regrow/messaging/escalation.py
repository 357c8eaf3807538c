"""Escalation of a safety alert: who is notified, and when, until someone acknowledges it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from regrow.knowledge import EscalationPolicy


@dataclass(frozen=True)
class DueNotification:
    """One notification of an alert: when it is due, the step's id and whom the step names."""

    step_id: str
    notifies: str
    at: datetime


def due_notifications(
    policy: EscalationPolicy,
    limits: Mapping[str, str],
    raised_at: datetime,
    *,
    acknowledged_at: datetime | None,
) -> Sequence[DueNotification]:
    """Return the notifications of every step, in order, leaving out those due after the acknowledgment.

    `limits` are the minutes that the medical director signed. A step without signed minutes is due at once, so that a
    missing signature never leaves an alert without a recipient.
    """
    found = []
    for step in policy.ladder:
        minutes = limits.get(step.after, "") if step.after else "0"
        at = raised_at + timedelta(minutes=float(minutes or 0))
        if acknowledged_at is None or at < acknowledged_at:
            found.append(DueNotification(step.id, step.tells, at))
    return found
