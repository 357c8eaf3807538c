"""What other desks may ask of the front desk: who owns what is new, and to send somebody something."""

import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import phonenumbers
from django.conf import settings
from django.db.models import Q

from regrow import knowledge
from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.chart.models import Patient
from regrow.clinic.jobs.facts import ask_for
from regrow.clinic.post import Way, public_address
from regrow.clinic.site import clock
from regrow.contact import awake, in_words, waking_from

from .models import Contact, Inquiry, Message

REGION = "US"


def owner_of_new() -> User:
    """Who gets the next inquiry: the coordinator with the fewest open ones, else the front desk, else anybody."""
    active = User.objects.filter(is_active=True)
    staff = active.filter(role=Role.COORDINATOR) or active.filter(role=Role.FRONT_DESK) or active
    return min(
        staff,
        key=lambda user: (
            user.inquiries.filter(patient__isnull=True, closed_at__isnull=True).count(),
            user.id,
        ),
    )


def inquiry_of(patient: Patient) -> Inquiry | None:
    return patient.inquiries.order_by("received_at").first()


def as_address(text: str) -> tuple[Way, str] | None:
    """A telephone number as +15551234567, an e-mail in lower case; None for what is neither."""
    text = text.strip()
    if "@" in text:
        return Way.EMAIL, text.lower()
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return Way.TEXT, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def contact_of(way: Way, address: str, *, language: str = "en") -> Contact:
    """The contact of an address, made at its first use. It knows its patient when exactly one has this address."""
    contact, new = Contact.objects.get_or_create(
        way=way.value, address=address, defaults={"language": language, "created_at": clock.now()}
    )
    if contact.patient_id is None and contact.kind != "colleague":
        sharing = people_at(contact)
        # One of us who is treated here writes as who is treated.
        ours = not sharing and contact.inquiry_id is None and staff_at(way, address)
        if contact.kind != ("staff" if ours else "person"):
            contact.kind = "staff" if ours else "person"
            contact.save(update_fields=["kind"])
        if len(sharing) == 1:
            contact.patient = sharing[0]
            contact.language = sharing[0].language if not new else contact.language
            contact.save()
    return contact


def staff_at(way: Way, address: str) -> bool:
    """Whether an address is that of one of us."""
    given = User.objects.filter(is_active=True).values_list("phone", "email")
    return any(text and as_address(text) == (way, address) for pair in given for text in pair)


def colleague_of(patient: Patient, email: str) -> Contact | None:
    """The address of somebody who treats a person too. What they answer joins that person's thread; what somebody
    answers who treats several of ours is told apart by a person at the desk.

    None for the address of anybody else: a message about one person never goes to another.
    """
    contact = contact_of(Way.EMAIL, email.strip().lower())
    if contact.kind != "colleague":
        if contact.kind == "staff" or contact.patient_id or contact.inquiry_id or people_at(contact):
            return None
        contact.kind, contact.patient = "colleague", patient
    elif contact.patient_id != patient.pk:
        contact.patient = None
    contact.save(update_fields=["kind", "patient"])
    return contact


def people_at(contact: Contact) -> Sequence[Patient]:
    """Everybody with a chart who has this address; more than one share it."""
    if contact.way == Way.EMAIL.value:
        return list(Patient.objects.filter(email__iexact=contact.address))
    last = contact.address[-4:]
    near = Patient.objects.filter(Q(phone__contains=last) | Q(phone__regex=r"[^0-9]"))
    return [p for p in near.exclude(phone="") if as_address(p.phone) == (Way.TEXT, contact.address)]


def contacts_of(patient: Patient) -> Sequence[Contact]:
    """How somebody may be reached, the way they prefer first: by text when there is a number, else by e-mail."""
    found = []
    for given in (patient.phone, patient.email):
        address = as_address(given) if given else None
        if address:
            found.append(contact_of(*address, language=patient.language))
    return found


def zone_of(patient: Patient | None) -> ZoneInfo:
    return ZoneInfo((patient.zone if patient else "") or settings.TIME_ZONE)


def wants_no_messages(patient: Patient) -> bool:
    """Every way to them has been opted out of, or there is none."""
    return all(contact.opted_out_at for contact in contacts_of(patient))


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
    ways = contacts_of(patient)
    open_ways = [contact for contact in ways if not contact.opted_out_at]
    contact = next(iter(open_ways or ways), None)
    language = patient.language
    return _send(patient, contact, message, language, link=link, occasion=occasion, key=key, filled=filled)


def send_to(contact: Contact, message: str, *, key: str | None = None, **filled: str) -> Message:
    """The same to an address of which no chart is known."""
    return _send(contact.patient, contact, message, contact.language, key=key, filled=filled)


def _send(
    patient: Patient | None,
    contact: Contact | None,
    message: str,
    language: str,
    *,
    filled: dict[str, str],
    link: str = "",
    occasion: str = "",
    key: str | None = None,
) -> Message:
    text = knowledge.messages()[message]
    subject, words = in_words(
        text, language, clinic=settings.CLINIC.title, link=public_address() + link, **filled
    )
    return post(
        patient,
        contact,
        subject,
        words,
        kind=text.kind,
        link=link,
        occasion=occasion,
        key=key,
    )


def post(
    patient: Patient | None,
    contact: Contact | None,
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
    now, rules, zone = clock.now(), knowledge.contact(), zone_of(patient)
    refused = kind == "reminder" and bool(contact and contact.opted_out_at)
    waits = kind == "reminder" and not awake(now, zone, rules)
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
        not_before=waking_from(now, zone, rules) if waits else None,
        state="refused" if refused else "waiting" if contact else "failed",
        problem="" if contact else "There is no number and no e-mail address on file.",
        by=by,
    )
    if key is not None:
        earlier = Message.objects.filter(key=key).first()
        if earlier is not None:
            return earlier
    made.save(force_insert=True)
    if made.state == "waiting":
        ask_for("carry", f"carry {made.id}", {"message": str(made.id)}, run_after=made.not_before)
    return made
