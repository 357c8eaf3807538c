"""Deliver outgoing messages, and create a task when delivery fails."""

from collections.abc import Mapping
from typing import Any

from regrow.web.gateways.api import Channel, DeliveryFailed, gateway_for, public_base_url, sms_gateway
from regrow.web.platform import clock
from regrow.web.platform.database import writing
from regrow.web.platform.jobs import PermanentFailure, RetryLater

from .inbound import alert_crisis
from .models import Message


def deliver(payload: Mapping[str, Any]) -> None:
    """Deliver one message. Without a gateway for its channel, it stays in the sent-messages list."""
    message = Message.objects.select_related("contact", "patient").get(id=payload["message"])
    if message.state != "waiting" or message.contact is None:
        return
    if message.kind == "reminder" and message.contact.opted_out_at:
        _update(message, state="refused")
        return
    gateway = gateway_for(Channel(message.contact.channel))
    gateway_id = ""
    if gateway is not None:
        try:
            gateway_id = _call(message) or gateway.send(
                message.to, message.subject, message.text, id=str(message.id)
            )
        except DeliveryFailed as reason:
            _update(message, error=str(reason)[:300])
            raise (RetryLater if reason.again else PermanentFailure)(str(reason)) from reason
    kept = {"link": "", "text": message.text.replace(message.link, "/…")} if gateway and message.link else {}
    # Only a hash of the link's token is stored after sending.
    _update(message, state="sent", gateway_id=gateway_id, sent_at=clock.now(), error="", **kept)


def _call(message: Message) -> str:
    """Start the check-in call for a patient who chose calls; returns the carrier's id, else ""."""
    wanted = message.patient is not None and message.patient.checkin_channel == Channel.CALL.value
    line = sms_gateway() if wanted and message.kind == "reminder" and message.link.startswith("/c/") else None
    if line is None:
        return ""
    return line.call(message.to, f"{public_base_url()}/post/call/{message.link.removeprefix('/c/')}")


def _update(message: Message, **what: Any) -> None:
    for name, value in what.items():
        setattr(message, name, value)
    with writing():
        message.save(update_fields=list(what))


def _on_delivery_failure(payload: Mapping[str, Any], why: str) -> None:
    """Mark a failed message for staff, and raise an alert if it was a crisis text."""
    message = Message.objects.select_related("patient", "contact").get(id=payload["message"])
    message.state, message.error = "failed", why[:300]
    message.save(update_fields=["state", "error"])
    if message.kind == "crisis" and message.patient is not None:
        alert_crisis(message.patient, None, f"The crisis text did not go out ({why[:120]}): call the patient")
