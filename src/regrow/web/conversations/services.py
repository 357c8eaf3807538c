"""Contact points, opt-outs, and sending messages."""

import uuid
from collections.abc import Sequence

import phonenumbers
from django.conf import settings
from django.db.models import Q

from regrow.messaging import is_contactable, next_contactable_time, render_message
from regrow.web.accounts.api import User
from regrow.web.gateways.api import Channel, public_base_url
from regrow.web.patients.api import Patient, time_zone_of
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.jobs import Queue, enqueue

from .models import ContactPoint, Inquiry, Message

REGION = "US"


def inquiry_of(patient: Patient) -> Inquiry | None:
    return patient.inquiries.order_by("received_at").first()


def normalize_address(text: str) -> tuple[Channel, str] | None:
    """Normalize to +15551234567 or lower-case email; None for anything else."""
    text = text.strip()
    if "@" in text:
        return Channel.EMAIL, text.lower()
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return Channel.TEXT, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def contact_point(way: Channel, address: str, *, language: str = "en") -> ContactPoint:
    """Return the contact point of an address, created at first use; its patient is set when exactly one has the
    address.
    """
    contact, new = ContactPoint.objects.get_or_create(
        channel=way.value, address=address, defaults={"language": language, "created_at": clock.now()}
    )
    if contact.patient_id is None and contact.kind != "therapist":
        sharing = patients_by_address(contact)
        # A staff member who is also a patient writes as the patient.
        ours = not sharing and contact.inquiry_id is None and staff_by_address(way, address)
        if contact.kind != ("staff" if ours else "patient"):
            contact.kind = "staff" if ours else "patient"
            contact.save(update_fields=["kind"])
        if len(sharing) == 1:
            contact.patient = sharing[0]
            contact.language = sharing[0].language if not new else contact.language
            contact.save()
    return contact


def staff_by_address(way: Channel, address: str) -> bool:
    """Whether an address belongs to a staff member."""
    given = User.objects.filter(is_active=True).values_list("phone", "email")
    return any(text and normalize_address(text) == (way, address) for pair in given for text in pair)


def therapist_by_address(patient: Patient, email: str) -> ContactPoint | None:
    """Return the contact point of a patient's outside therapist.

    Replies join that patient's conversation; staff assign the replies of a therapist with several patients. None for
    any other address: a message about one patient never goes to another.
    """
    contact = contact_point(Channel.EMAIL, email.strip().lower())
    if contact.kind != "therapist":
        if (
            contact.kind == "staff"
            or contact.patient_id
            or contact.inquiry_id
            or patients_by_address(contact)
        ):
            return None
        contact.kind, contact.patient = "therapist", patient
    elif contact.patient_id != patient.pk:
        contact.patient = None
    contact.save(update_fields=["kind", "patient"])
    return contact


def patients_by_address(contact: ContactPoint) -> Sequence[Patient]:
    """Return all patients with this address."""
    if contact.channel == Channel.EMAIL.value:
        return list(Patient.objects.filter(email__iexact=contact.address))
    last = contact.address[-4:]
    near = Patient.objects.filter(Q(phone__contains=last) | Q(phone__regex=r"[^0-9]"))
    return [
        p for p in near.exclude(phone="") if normalize_address(p.phone) == (Channel.TEXT, contact.address)
    ]


def contact_points(patient: Patient) -> Sequence[ContactPoint]:
    """Return a patient's contact points, preferred channel first: text if there is a number, else email."""
    found = []
    for given in (patient.phone, patient.email):
        address = normalize_address(given) if given else None
        if address:
            found.append(contact_point(*address, language=patient.language))
    return found


def has_opted_out(patient: Patient) -> bool:
    """Whether every channel is opted out, or there is none."""
    return all(contact.opted_out_at for contact in contact_points(patient))


def send(
    patient: Patient,
    message: str,
    *,
    link: str = "",
    occasion: str = "",
    key: str | None = None,
    **filled: str,
) -> Message:
    """Send a message template to a patient, in the caller's transaction.

    Uses the first channel without an opt-out. Without one, a crisis text is sent anyway; any other message is listed as
    not sent, so that staff call.
    """
    ways = contact_points(patient)
    open_ways = [contact for contact in ways if not contact.opted_out_at]
    contact = next(iter(open_ways or ways), None)
    language = patient.language
    return _send(patient, contact, message, language, link=link, occasion=occasion, key=key, filled=filled)


def send_to(contact: ContactPoint, message: str, *, key: str | None = None, **filled: str) -> Message:
    """Send a message template to an address without a chart."""
    return _send(contact.patient, contact, message, contact.language, key=key, filled=filled)


def _send(
    patient: Patient | None,
    contact: ContactPoint | None,
    message: str,
    language: str,
    *,
    filled: dict[str, str],
    link: str = "",
    occasion: str = "",
    key: str | None = None,
) -> Message:
    text = knowledge.messages()[message]
    subject, words = render_message(
        text, language, clinic=settings.CLINIC.title, link=public_base_url() + link, **filled
    )
    return queue_message(
        patient,
        contact,
        subject,
        words,
        kind=text.kind,
        link=link,
        occasion=occasion,
        key=key,
    )


def queue_message(
    patient: Patient | None,
    contact: ContactPoint | None,
    subject: str,
    words: str,
    *,
    kind: str,
    link: str = "",
    occasion: str = "",
    key: str | None = None,
    by: User | None = None,
) -> Message:
    """Queue a message for delivery; idempotent by `key`."""
    now, rules, zone = clock.now(), knowledge.contact(), time_zone_of(patient)
    refused = kind == "reminder" and bool(contact and contact.opted_out_at)
    waits = kind == "reminder" and not is_contactable(now, zone, rules)
    made = Message(
        id=uuid.uuid4(),
        key=key,
        kind=kind,
        contact=contact,
        patient=patient,
        to=contact.address if contact else "no number",
        subject=subject,
        text=words,
        link=link,
        occasion=occasion,
        created_at=now,
        not_before=next_contactable_time(now, zone, rules) if waits else None,
        state="refused" if refused else "waiting" if contact else "failed",
        error="" if contact else "No phone number or email on file.",
        sent_by=by,
    )
    if key is not None:
        earlier = Message.objects.filter(key=key).first()
        if earlier is not None:
            return earlier
    made.save(force_insert=True)
    if made.state == "waiting":
        enqueue(
            "deliver",
            f"deliver {made.id}",
            {"message": str(made.id)},
            run_after=made.not_before,
            queue=_queue_of(made),
        )
    return made


def _queue_of(message: Message) -> Queue:
    if message.kind != "crisis" or message.contact is None:
        return Queue.ROUTINE
    return Queue.URGENT_TEXT if message.contact.channel == Channel.TEXT else Queue.URGENT_EMAIL
