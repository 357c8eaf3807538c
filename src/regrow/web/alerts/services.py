"""Raise safety alerts and find who is responsible."""

from collections.abc import Sequence
from datetime import datetime

from regrow.course import AlertRecord
from regrow.web.accounts.api import Role, User
from regrow.web.conversations.api import Inquiry
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.jobs import Queue, enqueue

from .models import OnCallShift, SafetyAlert


def alerts_of(patient: Patient) -> Sequence[AlertRecord]:
    """Return all alerts of a patient, open and resolved."""
    rows = SafetyAlert.objects.filter(patient=patient).values_list("id", "raised_at", "resolved_at")
    return [AlertRecord(str(id), raised, closed) for id, raised, closed in rows]


def open_alerts(patient: Patient) -> Sequence[str]:
    return [
        str(id)
        for id in SafetyAlert.objects.filter(patient=patient, resolved_at__isnull=True).values_list(
            "id", flat=True
        )
    ]


def on_call(at: datetime) -> User | None:
    """Return the clinician on call at a moment, by the shift entered last."""
    now = (
        OnCallShift.objects.filter(from_at__lte=at, to_at__gt=at, staff__is_active=True)
        .order_by("-id")
        .first()
    )
    return now.staff if now else None


def responsible_clinician() -> User:
    """Return the clinician to notify: on call, else the prescriber with the fewest open alerts."""
    duty = on_call(clock.now())
    if duty is not None:
        return duty
    clinicians = User.objects.filter(is_active=True, role__in=[Role.PRESCRIBER, Role.DIRECTOR])
    return min(
        clinicians,
        key=lambda u: (u.role != Role.PRESCRIBER, u.alerts.filter(resolved_at__isnull=True).count(), u.id),
    )


def raise_alert(
    patient: Patient | None,
    text: str,
    *,
    source: str | None = None,
    inquiry: Inquiry | None = None,
    crisis: bool = False,
) -> SafetyAlert:
    """Raise an alert assigned to a named clinician; one per `source`.

    A crisis alert escalates by the policy until acknowledged; any other stays with the assigned clinician.
    """
    if source is not None:
        earlier = SafetyAlert.objects.filter(source=source).first()
        if earlier is not None:
            return earlier
    alert = SafetyAlert.objects.create(
        patient=patient,
        inquiry=None if patient else inquiry,
        source=source,
        text=text[:300],
        is_crisis=crisis,
        assigned_to=responsible_clinician(),
        raised_at=clock.now(),
    )
    enqueue("escalate", f"escalate {alert.id} 0", {"alert": str(alert.id)}, queue=Queue.URGENT)
    return alert


def alert_crisis_message(patient: Patient | None, inquiry: Inquiry | None, text: str) -> str:
    """Raise the crisis alert of an inbound or undelivered message; returns the clinician's name."""
    return raise_alert(patient, text, inquiry=inquiry, crisis=True).assigned_to.shown_name
