"""Places in the house: what was shown and may be booked, what was taken meanwhile, what is given up and offered on."""

from collections.abc import Sequence
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
from regrow.clinic.frontdesk.facts import zone_of
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused

from .facts import protocol_of
from .house import need_one, zone
from .models import Booking, Chair, Course, Waiting

BOOKS = (*DECIDES, Role.COORDINATOR)
MOVES = (*DECIDES, Role.COORDINATOR, Role.FRONT_DESK, Role.NURSE)


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
        offer_freed(booking)


def offer_freed(freed: Booking) -> Waiting | None:
    """Offers a place that has become free to whoever has waited longest and fits it. They answer by text, or a person asks."""
    for waiting in Waiting.objects.filter(ended_at__isnull=True).select_related(
        "booking__course__patient", "booking__course__signature"
    ):
        booking = waiting.booking
        if booking.off_at or booking.starts_at <= freed.starts_at or waiting.offered_at:
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
        patient = booking.course.patient
        local = span.start.astimezone(zone_of(patient))
        send_page_link(
            patient,
            message="earlier-place",
            key=f"offer {waiting.id} {span.start.isoformat()}",
            day=day_words(local, patient.language),
            time=f"{local:%H:%M}",
        )
        return waiting
    return None


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
