"""Escalate safety alerts by the escalation policy until someone acknowledges them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from regrow.messaging import due_notifications, render_message
from regrow.web.accounts.api import CLINICAL, Role, User
from regrow.web.conversations.api import contact_point, normalize_address, queue_message
from regrow.web.gateways.api import public_base_url
from regrow.web.patients.api import time_zone_of
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing
from regrow.web.platform.formats import clock_time
from regrow.web.signing.api import in_force

from .models import AlertEvent, SafetyAlert
from .services import on_call

ESCALATE_EVERY_S = 20


def escalation_minutes() -> Mapping[str, str]:
    """Return the escalation minutes signed by the medical director; empty without a signature."""
    duty = knowledge.duty()
    signed = in_force("duty", duty.id, duty.version)
    return signed.values if signed else {}


def escalate_all() -> None:
    """Escalate every unacknowledged crisis alert. Quiet hours and opt-outs do not apply."""
    for id in SafetyAlert.objects.filter(is_crisis=True, acknowledged_at=None, resolved_at=None).values_list(
        "id", flat=True
    ):
        with writing():
            escalate({"alert": str(id)})


def escalate(payload: Mapping[str, Any]) -> None:
    """Send the notifications now due for one alert, each at most once per step."""
    with writing():
        alert = (
            SafetyAlert.objects.select_related("assigned_to", "patient").filter(id=payload["alert"]).first()
        )
        if alert is None or alert.resolved_at is not None:
            return
        now = clock.now()
        if not alert.is_crisis:
            _notify(alert, "named", alert.assigned_to)
            return
        for due in due_notifications(
            knowledge.duty(), escalation_minutes(), alert.raised_at, acknowledged_at=alert.acknowledged_at
        ):
            if due.at <= now:
                for recipient in _recipients(due.notifies, alert, now):
                    _notify(alert, due.step_id, recipient)


def _recipients(tells: str, alert: SafetyAlert, now: datetime) -> list[User]:
    active = User.objects.filter(is_active=True)
    if tells == "named":
        return [alert.assigned_to]
    if tells == "on_call":
        return [duty] if (duty := on_call(now)) else []
    if tells == "director":
        return list(active.filter(role=Role.DIRECTOR))
    return list(active.filter(role__in=CLINICAL))


def _notify(alert: SafetyAlert, step: str, recipient: User) -> None:
    """Notify one clinician once per step, by text and email. The message names no patient."""
    _, new = AlertEvent.objects.get_or_create(
        alert=alert, kind="notified", step=step, staff=recipient, defaults={"at": clock.now()}
    )
    if not new:
        return
    local = alert.raised_at.astimezone(time_zone_of(None))
    subject, text = render_message(
        knowledge.messages()["clinician-alert"],
        "en",
        time=clock_time(local, "en"),
        link=f"{public_base_url()}/alerts/",
        clinic=settings.CLINIC.title,
    )
    for given in (recipient.phone, recipient.email):
        address = normalize_address(given) if given else None
        if address is not None:
            key = f"alert {alert.id} {step} {recipient.id} {address[0].value}"
            queue_message(None, contact_point(*address), subject, text, kind="crisis", key=key)
