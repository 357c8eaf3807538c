"""Deliver outgoing messages, and create a task when delivery fails.

A message is marked as being sent before it is handed over. When the program stops in between, a gateway that
recognizes a repeated id gets it again; otherwise the message may have been sent, and staff see so. A crisis message
is sent again: twice is better than never.
"""

from collections.abc import Mapping
from typing import Any

from regrow.web.gateways.api import (
    Channel,
    DeliveryFailed,
    DeliveryUnclear,
    Gateway,
    Unreachable,
    breaker,
    gateway_for,
    public_base_url,
    sms_gateway,
)
from regrow.web.platform import clock
from regrow.web.platform.database import writing
from regrow.web.platform.jobs import NotBefore, PermanentFailure, RetryLater

from .inbound import alert_crisis
from .models import Message

STOPPED = "the program stopped while this message was handed over"


def deliver(payload: Mapping[str, Any]) -> None:
    """Deliver one message. Without a gateway for its channel, it stays in the sent-messages list."""
    message = Message.objects.select_related("contact", "patient").get(id=payload["message"])
    if message.state not in ("waiting", "sending") or message.contact is None:
        return
    if message.kind == "reminder" and message.contact.opted_out_at:
        _update(message, state="refused")
        return
    channel = message.contact.channel
    gateway = gateway_for(Channel(channel))
    if gateway is None:
        _update(message, state="sent", sent_at=clock.now(), error="")
        return
    urgent = message.kind == "crisis"
    if message.state == "sending" and not (gateway.repeats_are_one or urgent):
        _update(message, state="unclear", error=STOPPED)
        return
    resting = breaker.resting_until(channel)
    if resting is not None and not urgent:
        raise NotBefore(f"the {channel} gateway did not answer a moment ago", resting)
    _update(message, state="sending")
    gateway_id = _hand_over(message, gateway, channel)
    if gateway_id is None:
        return
    # Only a hash of the link's token is stored after sending.
    kept = {"link": "", "text": message.text.replace(message.link, "/…")} if message.link else {}
    _update(message, state="sent", gateway_id=gateway_id, sent_at=clock.now(), error="", **kept)


def _hand_over(message: Message, gateway: Gateway, channel: str) -> str | None:
    """Give the message to the gateway; returns the carrier's id, or None when it is unclear whether it took it.

    Raises `RetryLater` or `PermanentFailure`; the message waits again.
    """
    try:
        gateway_id = _call(message) or gateway.send(
            message.to, message.subject, message.text, id=str(message.id)
        )
    except DeliveryFailed as reason:
        if isinstance(reason, Unreachable):
            breaker.failed(channel)
        _update(message, state="waiting", error=str(reason)[:300])
        raise (RetryLater if reason.again else PermanentFailure)(str(reason)) from reason
    except DeliveryUnclear as reason:
        breaker.failed(channel)
        if message.kind == "crisis":
            _update(message, state="waiting", error=str(reason)[:300])
            raise RetryLater(str(reason)) from reason
        _update(message, state="unclear", error=str(reason)[:300])
        return None
    breaker.answered(channel)
    return gateway_id


def _call(message: Message) -> str:
    """Start the check-in call for a patient who chose calls; returns the carrier's id, else ""."""
    wanted = message.patient is not None and message.patient.checkin_channel == Channel.CALL.value
    line = sms_gateway() if wanted and message.kind == "reminder" and message.link.startswith("/c/") else None
    if line is None:
        return ""
    return line.call(message.to, f"{public_base_url()}/post/call/{message.link.removeprefix('/c/')}")


def _update(message: Message, **what: Any) -> None:
    """Change a message. A report of the carrier that came first keeps its state."""
    with writing():
        stored = Message.objects.filter(id=message.id)
        if not stored.filter(state=message.state).update(**what):
            stored.update(**{name: value for name, value in what.items() if name not in ("state", "error")})
    message.refresh_from_db(fields=list(what))


def _on_delivery_failure(payload: Mapping[str, Any], why: str) -> None:
    """Mark a failed message for staff, and raise an alert if it was a crisis text."""
    message = Message.objects.select_related("patient", "contact").get(id=payload["message"])
    message.state, message.error = "failed", why[:300]
    message.save(update_fields=["state", "error"])
    if message.kind == "crisis" and message.patient is not None:
        alert_crisis(message.patient, None, f"The crisis text did not go out ({why[:120]}): call the patient")
