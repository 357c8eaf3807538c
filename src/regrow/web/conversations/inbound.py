"""Receive messages: screen them, apply opt-outs, alert on crisis phrases, and route to a conversation."""

import imaplib
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress

from django.db import models

from regrow.messaging import MessageSignals, screen_message
from regrow.web.gateways.api import InboundMessage, mailbox
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing

from .models import ContactPoint, Inquiry, Message
from .owners import default_owner
from .services import contact_point, normalize_address, send_to

log = logging.getLogger(__name__)
FETCH_EVERY_S = 30


ReplyHandler = Callable[[ContactPoint, Message, MessageSignals], bool]
_reply_handlers: list[ReplyHandler] = []


def on_reply(hearer: ReplyHandler) -> None:
    """Register a handler for replies to a question sent by text; it returns True if the reply was its own."""
    if hearer not in _reply_handlers:
        _reply_handlers.append(hearer)


CrisisHandler = Callable[[Patient | None, Inquiry | None, str], str]
_crisis_handler: CrisisHandler | None = None


def on_crisis(handler: CrisisHandler) -> None:
    """Register who acts on crisis language.

    The handler gets the patient (or the inquiry of a person without a chart) and the alert text, raises the alert
    in the same transaction, and returns the name of the clinician who was alerted.
    """
    global _crisis_handler
    _crisis_handler = handler


def alert_crisis(patient: Patient | None, inquiry: Inquiry | None, text: str) -> str:
    """Raise the alert for crisis language; returns the clinician's name. Raises `LookupError` without a handler."""
    if _crisis_handler is None:
        raise LookupError(
            "No handler for crisis messages is registered; the alerts app does it when it starts."
        )
    return _crisis_handler(patient, inquiry, text)


def receive(incoming: InboundMessage, *, key: str) -> Message | None:
    """Store an inbound message; idempotent by `key`. None when its sender cannot be answered.

    A message from a patient or an open inquiry joins their conversation; any other is a new inquiry with an owner. An
    opt-out takes effect now; a crisis phrase raises an alert and is answered with 988.
    """
    address = normalize_address(incoming.sender)
    if address is None:
        return None
    earlier = Message.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    rules = knowledge.contact()
    said = screen_message(incoming.text, rules)
    contact = contact_point(*address, language=said.language or "en")
    ours = contact.kind == "staff"
    first = not ours and contact.patient is None
    first = first and (contact.inquiry is None or contact.inquiry.closed_at is not None)
    if first:
        contact.inquiry = _inquiry(contact, incoming, said.language or contact.language)
        contact.language = said.language or contact.language
        contact.save()
    message = Message.objects.create(
        key=key,
        direction="in",
        kind="personal",
        state="received",
        contact=contact,
        patient=contact.patient,
        to=address[1],
        text=incoming.text,
        signals=list(said.crisis),
        created_at=clock.now(),
    )
    if ours:
        # A clinician's message is read by staff: no opt-out for escalation notices, and no automatic reply.
        return message
    if said.opts_out and not contact.opted_out_at:
        contact.opted_out_at = clock.now()
        contact.save()
        send_to(contact, "opted-out", key=f"opted-out {message.id}")
    elif said.opts_in and contact.opted_out_at:
        contact.opted_out_at = None
        contact.save()
        send_to(contact, "opted-in", key=f"opted-in {message.id}")
    if said.crisis:
        wrote = f"Wrote by {contact.get_channel_display().lower()}: “{incoming.text[:200]}”"
        clinician = alert_crisis(contact.patient, contact.inquiry, wrote)
        if (
            contact.kind == "patient"
        ):  # the clinician who acknowledges the alert calls a therapist who reports danger
            send_to(contact, "crisis", key=f"crisis {message.id}", who=clinician)
    elif any(hearer(contact, message, said) for hearer in _reply_handlers):
        message.read_at = clock.now()  # answered; no one needs to read it
        message.save(update_fields=["read_at"])
    elif first and not said.opts_out and contact.kind == "patient":
        send_to(contact, "first-answer", key=f"first {message.id}")
    return message


def screen_inquiry(inquiry: Inquiry) -> bool:
    """Screen an inquiry from the web form or typed in by staff, like any message."""
    said = screen_message(inquiry.message, knowledge.contact())
    address = normalize_address(inquiry.contact)
    contact = contact_point(*address, language=inquiry.language) if address else None
    if contact is not None:
        if contact.patient is None and contact.inquiry is None:
            contact.inquiry = inquiry
            contact.save(update_fields=["inquiry"])
        Message.objects.create(
            key=f"form {inquiry.id}",
            direction="in",
            kind="personal",
            state="received",
            contact=contact,
            patient=contact.patient,
            to=contact.address,
            text=inquiry.message,
            signals=list(said.crisis),
            created_at=clock.now(),
        )
    if said.crisis:
        text = f"Wrote by {inquiry.get_channel_display().lower()}: “{inquiry.message[:200]}”"
        clinician = alert_crisis(contact.patient if contact else None, inquiry, text)
        if contact is not None:
            send_to(contact, "crisis", key=f"crisis {inquiry.id}", who=clinician)
    elif contact is not None:
        send_to(contact, "first-answer", key=f"first {inquiry.id}")
    return bool(said.crisis)


def _inquiry(contact: ContactPoint, incoming: InboundMessage, language: str) -> Inquiry:
    return Inquiry.objects.create(
        name=(incoming.name or incoming.sender)[:200],
        contact=contact.address,
        message=incoming.text[:4000],
        channel=contact.channel,
        language=language,
        received_at=clock.now(),
        owner=default_owner(),
    )


def record_delivery_status(id: str, gateway_id: str, state: str, why: str) -> None:
    """Store the delivery status that the carrier reports later. It also settles what was unclear."""
    message = _message_reported(id, gateway_id)
    if message is None or message.state in ("failed", "received"):
        return
    message.gateway_id = gateway_id
    if state == "delivered":
        message.state, message.error = "delivered", ""
    elif state in ("sent", "queued", "sending") and message.state == "unclear":
        message.state, message.error, message.sent_at = "sent", "", clock.now()
    elif state in ("failed", "undelivered"):
        message.state, message.error = "failed", why[:300]
        if message.kind == "crisis" and message.patient is not None:
            alert_crisis(message.patient, None, "The crisis text was not delivered: call the patient")
    message.save(update_fields=["state", "error", "gateway_id", "sent_at"])


def _message_reported(id: str, gateway_id: str) -> Message | None:
    if not gateway_id:
        return None
    known = models.Q(gateway_id=gateway_id)
    with suppress(ValueError):
        known |= models.Q(id=uuid.UUID(id), gateway_id="")
    return Message.objects.select_for_update().filter(known, direction="out").first()


def fetch_email() -> None:
    """Fetch new email. Each message has its own transaction, so that a failing one blocks no other."""
    box = mailbox()
    if box is None:
        return
    try:
        for incoming, seen in box.unseen():
            try:
                with writing():
                    receive(incoming, key=f"email {incoming.id}"[:300])
            except Exception:
                log.exception("an email could not be stored; it stays unread and is tried again")
            else:
                seen()
    except (OSError, imaplib.IMAP4.error) as mistake:
        log.warning("the mailbox could not be read: %s", mistake)
