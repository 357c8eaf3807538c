"""Carries what stands in the outbox, and takes in what has come: opt-outs at once, danger to a person at once."""

import imaplib
import logging
from collections.abc import Callable, Mapping
from typing import Any

from regrow import knowledge
from regrow.clinic.checkin.facts import raise_alert
from regrow.clinic.jobs.facts import GiveUp, TryLater, does, goes_round
from regrow.clinic.post import Incoming, NotSent, Way, carrier, mailbox, public_address, text_line
from regrow.clinic.site import clock
from regrow.clinic.site.database import writing
from regrow.contact import Heard, heard

from .facts import as_address, contact_of, owner_of_new, send_to
from .models import Contact, Inquiry, Message

log = logging.getLogger(__name__)
FETCH_EVERY_S = 30


Hears = Callable[[Contact, Message, Heard], bool]
_hearers: list[Hears] = []


def hears(hearer: Hears) -> None:
    """A desk that asked something by text registers here who hears the answer; True when it was one."""
    if hearer not in _hearers:
        _hearers.append(hearer)


def carry(payload: Mapping[str, Any]) -> None:
    """One message to its carrier. Where the clinic has no carrier for its way, the outbox is where it is read."""
    message = Message.objects.select_related("contact", "patient").get(id=payload["message"])
    if message.state != "waiting" or message.contact is None:
        return
    if message.kind == "reminder" and message.contact.opted_out_at:
        _note(message, state="refused")
        return
    way = carrier(Way(message.contact.way))
    carried_as = ""
    if way is not None:
        try:
            carried_as = _call(message) or way.carry(
                message.to, message.subject, message.text, id=str(message.id)
            )
        except NotSent as reason:
            _note(message, problem=str(reason)[:300])
            raise (TryLater if reason.again else GiveUp)(str(reason)) from reason
    kept = {"link": "", "text": message.text.replace(message.link, "/…")} if way and message.link else {}
    # Of a link that has left the house only the hash stays here.
    _note(message, state="sent", carried_as=carried_as, sent_at=clock.now(), problem="", **kept)


def _call(message: Message) -> str:
    """A check-in of somebody who is reached by call: the carrier calls them and asks us what to say. Else nothing."""
    wanted = message.patient is not None and message.patient.reached_by == Way.CALL.value
    line = text_line() if wanted and message.kind == "reminder" and message.link.startswith("/c/") else None
    if line is None:
        return ""
    return line.call(message.to, f"{public_address()}/post/call/{message.link.removeprefix('/c/')}")


def _note(message: Message, **what: Any) -> None:
    for name, value in what.items():
        setattr(message, name, value)
    with writing():
        message.save(update_fields=list(what))


def _gave_up(payload: Mapping[str, Any], why: str) -> None:
    """A message that cannot be carried is somebody's work: it stands on top of the outbox, and a crisis text alarms."""
    message = Message.objects.select_related("patient", "contact").get(id=payload["message"])
    message.state, message.problem = "failed", why[:300]
    message.save(update_fields=["state", "problem"])
    if message.kind == "crisis" and message.patient is not None:
        raise_alert(message.patient, f"The crisis text did not go out ({why[:120]}): call them", crisis=True)


def take(incoming: Incoming, *, key: str) -> Message | None:
    """Takes in one message, once, however often it is delivered. None when its sender cannot be answered.

    From somebody with a chart or an open inquiry it joins their thread; from anybody else it is a new inquiry with an
    owner. Words that end messages end them now; words of danger put a named person on a clock and answer with 988.
    """
    address = as_address(incoming.sender)
    if address is None:
        return None
    earlier = Message.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    rules = knowledge.contact()
    said = heard(incoming.text, rules)
    contact = contact_of(*address, language=said.language or "en")
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
        kind="person",
        state="received",
        contact=contact,
        patient=contact.patient,
        to=address[1],
        text=incoming.text,
        heard=list(said.crisis),
        created_at=clock.now(),
    )
    if ours:
        # What one of us answers waits in the inbox for a person; duty has no opt-out, and no automaton writes back.
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
        alert = raise_alert(
            contact.patient,
            f"Wrote by {contact.get_way_display().lower()}: “{incoming.text[:200]}”",
            inquiry=contact.inquiry,
            crisis=True,
        )
        if contact.kind == "person":  # a colleague who writes of danger is called by whoever takes the alert
            send_to(contact, "crisis", key=f"crisis {message.id}", who=alert.assigned_to.shown_name)
    elif any(hearer(contact, message, said) for hearer in _hearers):
        message.read_at = clock.now()  # it is answered; nobody need look at it
        message.save(update_fields=["read_at"])
    elif first and not said.opts_out and contact.kind == "person":
        send_to(contact, "first-answer", key=f"first {message.id}")
    return message


def hear_inquiry(inquiry: Inquiry) -> bool:
    """What somebody wrote on the form, or a person typed in: it joins their thread and is listened to like the rest."""
    said = heard(inquiry.message, knowledge.contact())
    address = as_address(inquiry.contact)
    contact = contact_of(*address, language=inquiry.language) if address else None
    if contact is not None:
        if contact.patient is None and contact.inquiry is None:
            contact.inquiry = inquiry
            contact.save(update_fields=["inquiry"])
        Message.objects.create(
            key=f"form {inquiry.id}",
            direction="in",
            kind="person",
            state="received",
            contact=contact,
            patient=contact.patient,
            to=contact.address,
            text=inquiry.message,
            heard=list(said.crisis),
            created_at=clock.now(),
        )
    if said.crisis:
        text = f"Wrote by {inquiry.get_channel_display().lower()}: “{inquiry.message[:200]}”"
        alert = raise_alert(contact.patient if contact else None, text, inquiry=inquiry, crisis=True)
        if contact is not None:
            send_to(contact, "crisis", key=f"crisis {inquiry.id}", who=alert.assigned_to.shown_name)
    elif contact is not None:
        send_to(contact, "first-answer", key=f"first {inquiry.id}")
    return bool(said.crisis)


def _inquiry(contact: Contact, incoming: Incoming, language: str) -> Inquiry:
    return Inquiry.objects.create(
        name=(incoming.name or incoming.sender)[:200],
        contact=contact.address,
        message=incoming.text[:4000],
        channel=contact.way,
        language=language,
        received_at=clock.now(),
        owner=owner_of_new(),
    )


def arrived(carried_as: str, state: str, why: str) -> None:
    """What the carrier tells later about a message it took."""
    message = Message.objects.filter(carried_as=carried_as).exclude(carried_as="").first()
    if message is None or message.state in ("failed", "received"):
        return
    if state == "delivered":
        message.state = "delivered"
    elif state in ("failed", "undelivered"):
        message.state, message.problem = "failed", why[:300]
        if message.kind == "crisis" and message.patient is not None:
            raise_alert(message.patient, "The crisis text did not arrive: call them", crisis=True)
    message.save(update_fields=["state", "problem"])


def fetch() -> None:
    """What has come by e-mail. Each message in a transaction of its own, so that one cannot hold up the next."""
    box = mailbox()
    if box is None:
        return
    try:
        for incoming, seen in box.unseen():
            try:
                with writing():
                    take(incoming, key=f"email {incoming.id}"[:300])
            except Exception:
                log.exception("an e-mail could not be taken; it stays unread and is tried again")
            else:
                seen()
    except (OSError, imaplib.IMAP4.error) as mistake:
        log.warning("the mailbox could not be read: %s", mistake)


does("carry", carry, gave_up=_gave_up)
goes_round("e-mail", fetch, every_s=FETCH_EVERY_S)
