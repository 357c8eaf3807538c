"""Places in the house: what was shown and may be booked, what was taken meanwhile, what is given up and offered on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.shortcuts import get_object_or_404

from regrow.booking import Plan, Span
from regrow.clinic.accounts.models import StaffRequest, User
from regrow.clinic.accounts.roles import DECIDES, Role
from regrow.clinic.chart.models import Patient
from regrow.clinic.checkin.facts import day_words, send_page_link
from regrow.clinic.frontdesk.carry import hears
from regrow.clinic.frontdesk.facts import zone_of
from regrow.clinic.frontdesk.models import Contact, Message
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.contact import Heard

from .facts import protocol_of
from .house import need_one, zone
from .models import Booking, Chair, Course, Waiting

BOOKS = (*DECIDES, Role.COORDINATOR)
MOVES = (*DECIDES, Role.COORDINATOR, Role.FRONT_DESK, Role.NURSE)


@dataclass(frozen=True)
class Freed:
    """A place in the house that nobody has, for whoever waits."""

    chair: Chair
    nurse: User
    starts_at: datetime
    ends_at: datetime


def kept(way: Plan) -> list[list[Any]]:
    """A way as a page carries it, signed, so that what is booked is what was shown."""
    return [
        [s.number, s.chair, s.nurse, s.span.start.isoformat(), s.span.end.isoformat()] for s in way.sittings
    ]


def still_free(chair: str, nurse: str, span: Span, *, without: Booking | None = None) -> None:
    """Raises `Refused` when the chair or the nurse was taken meanwhile. `without` is a booking about to be given up."""
    beside = Booking.objects.filter(off_at__isnull=True, starts_at__lt=span.end, ends_at__gt=span.start)
    if without is not None:
        beside = beside.exclude(id=without.id)
    per_nurse = settings.CLINIC.patients_per_nurse
    if beside.filter(chair__name=chair).exists() or beside.filter(nurse__username=nurse).count() >= per_nurse:
        local = span.start.astimezone(zone())
        raise Refused(
            f"{local:%a %-d %b, %H:%M} was taken meanwhile; nothing was booked. Look for times again."
        )


def tell_booked(patient: Patient, bookings: Sequence[Booking], key: str) -> None:
    """The person learns the first time at once; the rest stands on their own page."""
    local = bookings[0].starts_at.astimezone(zone_of(patient))
    send_page_link(
        patient,
        message="booked",
        key=key,
        day=day_words(local, patient.language),
        time=f"{local:%H:%M}",
    )


def booking_of(request: StaffRequest, booking_id: str) -> Booking:
    """The booking of an address; the audit row then names whose it is."""
    booking = get_object_or_404(
        Booking.objects.select_related("course__patient", "course__signature", "chair", "nurse"),
        id=booking_id,
    )
    request.about = str(booking.course.patient_id)
    return booking


def must_be_open(booking: Booking) -> None:
    """Raises `Refused` for a session that was called off or has been opened at the chair."""
    if booking.off_at is not None:
        raise Refused("This session was called off already.")
    if getattr(booking, "session", None) is not None:
        raise Refused("This session has been opened at the chair. Close it there.")


def give_up(booking: Booking, why: str) -> None:
    """Takes a session off the calendar, kept on record with the reason; its place is offered to who waits."""
    booking.off_at, booking.off_why = clock.now(), why[:300]
    booking.save(update_fields=["off_at", "off_why"])
    Course.objects.filter(id=booking.course_id).update(look_again_at=clock.now())
    booking.waiting.filter(ended_at__isnull=True).update(
        ended_at=clock.now(), ended_why="moved or called off"
    )
    if booking.starts_at > clock.now():
        offer_freed(Freed(booking.chair, booking.nurse, booking.starts_at, booking.ends_at))


def offer_freed(freed: Freed) -> Waiting | None:
    """Offers a place that has become free to whoever has waited longest and fits it: a YES by text takes it."""
    for waiting in Waiting.objects.filter(ended_at__isnull=True).select_related(
        "booking__course__patient", "booking__course__signature", "booking__chair"
    ):
        booking = waiting.booking
        if booking.off_at or booking.starts_at <= freed.starts_at:
            continue
        # One place at a time; an offer whose time has passed unanswered stands in nobody's way.
        if waiting.offer_starts_at and waiting.offer_starts_at > clock.now():
            continue
        if booking.chair.place != freed.chair.place:
            continue
        need = need_one(booking.course, booking.number, protocol_of(booking.course), freed.starts_at)
        span = Span(freed.starts_at, freed.starts_at + timedelta(minutes=need.minutes))
        last = booking.course.bookings.filter(off_at__isnull=True, number=booking.number - 1).first()
        if span.end > freed.ends_at or (last and last.starts_at + timedelta(days=1) > span.start):
            continue
        waiting.offered_at = clock.now()
        waiting.offer_chair, waiting.offer_nurse = freed.chair, freed.nurse
        waiting.offer_starts_at, waiting.offer_ends_at = span.start, span.end
        waiting.save()
        _tell_place(booking, "earlier-place", span.start, f"offer {waiting.id} {span.start.isoformat()}")
        return waiting
    return None


def take_place(waiting: Waiting) -> Booking:
    """The session moves to the place that was offered. Raises `Refused` when it is not on offer or was taken."""
    booking = waiting.booking
    if waiting.ended_at or waiting.offer_starts_at is None or waiting.offer_ends_at is None:
        raise Refused("This place is not on offer any more.")
    assert waiting.offer_chair is not None and waiting.offer_nurse is not None  # set with the times
    span = Span(waiting.offer_starts_at, waiting.offer_ends_at)
    must_be_open(booking)
    if span.start <= clock.now():
        raise Refused("The time of this place has passed.")
    still_free(waiting.offer_chair.name, waiting.offer_nurse.username, span, without=booking)
    waiting.ended_at, waiting.ended_why = clock.now(), "came earlier"
    waiting.save(update_fields=["ended_at", "ended_why"])
    give_up(booking, "moved")
    made = seat(booking.course, booking.number, waiting.offer_chair, waiting.offer_nurse, span)
    made.save()
    tell_booked(booking.course.patient, [made], f"moved {made.id}")
    return made


def decline_place(waiting: Waiting) -> None:
    """They do not want it: they keep their time and wait no more, and the place is offered on."""
    waiting.ended_at, waiting.ended_why = clock.now(), "did not want the earlier place"
    waiting.save(update_fields=["ended_at", "ended_why"])
    chair, nurse = waiting.offer_chair, waiting.offer_nurse
    start, end = waiting.offer_starts_at, waiting.offer_ends_at
    if chair and nurse and start and end and start > clock.now():
        offer_freed(Freed(chair, nurse, start, end))


def _tell_place(booking: Booking, message: str, at: datetime, key: str) -> None:
    patient = booking.course.patient
    local = at.astimezone(zone_of(patient))
    send_page_link(
        patient, message=message, key=key, day=day_words(local, patient.language), time=f"{local:%H:%M}"
    )


def hear_yes_or_no(contact: Contact, message: Message, said: Heard) -> bool:
    """A bare yes or no of somebody to whom a place is on offer answers it, without anybody at the desk."""
    # A therapist who answers "yes" answers for nobody but themselves.
    if contact.patient is None or contact.kind != "person" or not (said.agrees or said.declines):
        return False
    waiting = (
        Waiting.objects.filter(
            booking__course__patient=contact.patient, ended_at__isnull=True, offer_starts_at__gt=clock.now()
        )
        .select_related("booking__course__patient", "booking__chair", "offer_chair", "offer_nurse")
        .first()
    )
    if waiting is None:
        return False
    if said.declines:
        decline_place(waiting)
        return True
    try:
        take_place(waiting)
    except Refused:
        waiting.offered_at = waiting.offer_starts_at = waiting.offer_ends_at = None
        waiting.offer_chair = waiting.offer_nurse = None
        waiting.save()
        _tell_place(waiting.booking, "place-gone", waiting.booking.starts_at, f"gone {message.id}")
    return True


hears(hear_yes_or_no)


def nurse_names() -> dict[str, str]:
    """What a nurse is called, by the name the solver knows."""
    return {u.username: u.shown_name for u in User.objects.filter(role=Role.NURSE)}


def seats(signed: str) -> list[tuple[int, Chair, User, Span]]:
    """The sittings of a way that was shown: number, chair, nurse, span. Raises `Refused` when it was shown too long ago."""
    try:
        kept_ = signing.loads(signed, salt="ways", max_age=3600)
    except signing.BadSignature as error:
        raise Refused("These times were shown too long ago. Look for times again.") from error
    chairs = {c.name: c for c in Chair.objects.all()}
    nurses = {u.username: u for u in User.objects.filter(role=Role.NURSE)}
    return [
        (
            number,
            chairs[chair],
            nurses[nurse],
            Span(datetime.fromisoformat(start), datetime.fromisoformat(end)),
        )
        for number, chair, nurse, start, end in kept_
    ]


def one_seat(signed: str) -> tuple[int, Chair, User, Span]:
    """The same for a way that holds one sitting."""
    found = seats(signed)
    if len(found) != 1:
        raise Refused("This is a whole series, not one session. Look for times again.")
    return found[0]


def seat(course: Course, number: int, chair: Chair, nurse: User, span: Span) -> Booking:
    """One session in its place."""
    return Booking(
        course=course, number=number, chair=chair, nurse=nurse, starts_at=span.start, ends_at=span.end
    )
