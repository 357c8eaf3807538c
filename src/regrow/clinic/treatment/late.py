"""Somebody is late: told kindly and once, held later the same day where the house allows it, or missed without blame."""

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from regrow import knowledge
from regrow.booking import Span
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.checkin.facts import send_page_link
from regrow.clinic.checkin.models import HandedOver
from regrow.clinic.frontdesk.facts import zone_of
from regrow.clinic.jobs.facts import goes_round
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed
from regrow.clinic.site.database import writing

from .facts import protocol_of
from .house import house, need_one, zone
from .models import Booking, Course
from .places import MOVES, booking_of, give_up, must_be_open, still_free

EVERY_S = 60


def overdue() -> QuerySet[Booking]:
    """Sessions whose person has not come: past their time by the clinic's minutes, not yet counted as missed."""
    now, pace = clock.now(), knowledge.contact().pace
    return Booking.objects.filter(
        off_at__isnull=True,
        session__isnull=True,
        starts_at__lte=now - pace.late_after,
        starts_at__gt=now - pace.missed_after,
    ).select_related("course__patient__owner")


def look_for_late() -> None:
    """Each is asked once by message, and is somebody's task at the desk."""
    for booking in overdue():
        key = f"late:{booking.id}"
        with writing():
            if HandedOver.objects.filter(course=booking.course, key=key).exists():
                continue
            patient = booking.course.patient
            local = booking.starts_at.astimezone(zone_of(patient))
            here = booking.starts_at.astimezone(zone())
            HandedOver.objects.create(
                course=booking.course,
                key=key,
                text=f"Expected at {here:%H:%M} for session {booking.number} and not here yet: call them.",
                owner=patient.owner,
                at=clock.now(),
            )
            send_page_link(patient, message="late", key=key, time=f"{local:%H:%M}")


def later_today(booking: Booking, minutes: int) -> Booking:
    """The same session, begun so many minutes from now. Raises `Refused` with what stands in the way."""
    must_be_open(booking)
    start = clock.now() + timedelta(minutes=minutes)
    start = start.replace(second=0, microsecond=0)
    if start <= booking.starts_at:
        raise Refused("That is not later than it was planned. They can be received at their time.")
    need = need_one(booking.course, booking.number, protocol_of(booking.course), start)
    span = Span(start, start + timedelta(minutes=need.minutes))
    today = start.astimezone(zone()).date()
    there = house(today, 1, place=booking.chair.place, without=booking)
    end = span.end.astimezone(zone())
    if not there.is_open(span):
        raise Refused(f"It would end at {end:%H:%M}, and the house is closed then. Find another day.")
    here = Span(
        start + timedelta(minutes=need.present_from),
        start + timedelta(minutes=need.present_from + need.present_minutes),
    )
    if not there.has_prescriber(here):
        raise Refused("No prescriber is in the house for all of it. Find another day.")
    if booking.nurse.username not in there.on_duty(span):
        raise Refused(f"{booking.nurse.shown_name} is not on duty until {end:%H:%M}. Find another day.")
    still_free(booking.chair.name, booking.nurse.username, span, without=booking)
    was = booking.starts_at.astimezone(zone())
    # The same booking, so that the order signed for it stands.
    booking.starts_at, booking.ends_at = span.start, span.end
    booking.save(update_fields=["starts_at", "ends_at"])
    Course.objects.filter(id=booking.course_id).update(look_again_at=clock.now())
    settled = f"came late: planned at {was:%H:%M}, comes at {start.astimezone(zone()):%H:%M}"
    HandedOver.objects.update_or_create(
        course=booking.course,
        key=f"late:{booking.id}",
        defaults={"done_at": clock.now(), "done": settled},
        create_defaults={
            "text": settled,
            "owner": booking.course.patient.owner,
            "at": clock.now(),
            "done_at": clock.now(),
            "done": settled,
        },
    )
    return booking


@allowed(*MOVES)
@require_POST
def late(request: StaffRequest, booking_id: str) -> HttpResponse:
    """They come later today (`minutes` from now), or they do not come."""
    booking = booking_of(request, booking_id)
    patient = booking.course.patient
    minutes = request.POST.get("minutes", "")
    if request.POST.get("missed"):
        must_be_open(booking)
        if booking.starts_at > clock.now():
            raise Refused("Its time has not come yet. It can be moved or called off.")
        give_up(booking, "did not come")
        _settle(booking, "did not come; another time is looked for")
        send_page_link(patient, message="missed", key=f"missed {booking.id}")
        return redirect("chart", patient_id=patient.id)
    if not minutes.isdecimal() or not 0 <= int(minutes) <= 600:
        raise Refused("Say in how many minutes they are here, such as 20.")
    later_today(booking, int(minutes))
    local = booking.starts_at.astimezone(zone_of(patient))
    send_page_link(
        patient,
        message="later-today",
        key=f"later {booking.id} {local:%Y-%m-%dT%H:%M}",
        time=f"{local:%H:%M}",
    )
    return redirect("chart", patient_id=patient.id)


def _settle(booking: Booking, what: str) -> None:
    HandedOver.objects.filter(course=booking.course, key=f"late:{booking.id}", done_at=None).update(
        done_at=clock.now(), done=what
    )


goes_round("late", look_for_late, every_s=EVERY_S)
