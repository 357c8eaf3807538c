"""What other desks may ask of the front desk: who owns what is new, and to send somebody something."""

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
from regrow.web.platform.jobs import enqueue

from .models import ContactPoint, Inquiry, Message

REGION = "US"


def inquiry_of(patient: Patient) -> Inquiry | None:
    return patient.inquiries.order_by("received_at").first()


def normalize_address(text: str) -> tuple[Channel, str] | None:
    """A telephone number as +15551234567, an e-mail in lower case; None for what is neither."""
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
    """The contact of an address, made at its first use. It knows its patient when exactly one has this address."""
    contact, new = ContactPoint.objects.get_or_create(
        channel=way.value, address=address, defaults={"language": language, "created_at": clock.now()}
    )
    if contact.patient_id is None and contact.kind != "therapist":
        sharing = patients_by_address(contact)
        # One of us who is treated here writes as who is treated.
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
    """Whether an address is that of one of us."""
    given = User.objects.filter(is_active=True).values_list("phone", "email")
    return any(text and normalize_address(text) == (way, address) for pair in given for text in pair)


def therapist_by_address(patient: Patient, email: str) -> ContactPoint | None:
    """The address of somebody who treats a person too. What they answer joins that person's thread; what somebody
    answers who treats several of ours is told apart by a person at the desk.

    None for the address of anybody else: a message about one person never goes to another.
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
    """Everybody with a chart who has this address; more than one share it."""
    if contact.channel == Channel.EMAIL.value:
        return list(Patient.objects.filter(email__iexact=contact.address))
    last = contact.address[-4:]
    near = Patient.objects.filter(Q(phone__contains=last) | Q(phone__regex=r"[^0-9]"))
    return [
        p for p in near.exclude(phone="") if normalize_address(p.phone) == (Channel.TEXT, contact.address)
    ]


def contact_points(patient: Patient) -> Sequence[ContactPoint]:
    """How somebody may be reached, the way they prefer first: by text when there is a number, else by e-mail."""
    found = []
    for given in (patient.phone, patient.email):
        address = normalize_address(given) if given else None
        if address:
            found.append(contact_point(*address, language=patient.language))
    return found


def has_opted_out(patient: Patient) -> bool:
    """Every way to them has been opted out of, or there is none."""
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
    """Sends one of the clinic's texts to somebody, in the transaction of whatever caused it.

    By the first way they have not opted out of. Where there is none, a crisis text goes anyway and everything else
    stands in the outbox as not sent, so that a person calls.
    """
    ways = contact_points(patient)
    open_ways = [contact for contact in ways if not contact.opted_out_at]
    contact = next(iter(open_ways or ways), None)
    language = patient.language
    return _send(patient, contact, message, language, link=link, occasion=occasion, key=key, filled=filled)


def send_to(contact: ContactPoint, message: str, *, key: str | None = None, **filled: str) -> Message:
    """The same to an address of which no chart is known."""
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
    """Puts a message into the outbox and asks for it to be carried; the same key again is the same message."""
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
        error="" if contact else "There is no number and no e-mail address on file.",
        sent_by=by,
    )
    if key is not None:
        earlier = Message.objects.filter(key=key).first()
        if earlier is not None:
            return earlier
    made.save(force_insert=True)
    if made.state == "waiting":
        enqueue("deliver", f"deliver {made.id}", {"message": str(made.id)}, run_after=made.not_before)
    return made
