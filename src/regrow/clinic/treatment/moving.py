"""One session at the desk: other times for it, called off or missed, and one more after the series."""

from datetime import UTC, date, datetime, time, timedelta

from django import forms
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.booking import NoRoom, Plan, best_three
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.chart.models import Patient
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed

from .calendar import place_of
from .facts import current_course, next_booking, protocol_of
from .house import house, need_one, zone
from .models import Course
from .places import (
    BOOKS,
    MOVES,
    booking_of,
    give_up,
    kept,
    must_be_open,
    nurse_names,
    one_seat,
    seat,
    still_free,
    tell_booked,
)


@allowed(*MOVES)
@require_GET
def session_times(request: StaffRequest, booking_id: str) -> HttpResponse:
    """The three best other times for one session."""
    booking = booking_of(request, booking_id)
    must_be_open(booking)
    ways, problem = list[Plan](), ""
    try:
        earliest = max(clock.now(), booking.starts_at - timedelta(days=3))
        first = earliest.astimezone(zone()).date()
        prefers = booking.starts_at.astimezone(zone()).time()
        need = need_one(booking.course, booking.number, protocol_of(booking.course), earliest, prefers)
        found = best_three(
            need, house(first, 16, place=booking.chair.place, without=booking), zone(), first_days=14, count=4
        )
        ways = [way for way in found if way.sittings[0].span.start != booking.starts_at][:3]
    except NoRoom as reason:
        problem = str(reason)
    context = {
        "patient": booking.course.patient,
        "booking": booking,
        "ways": [(w.sittings[0], signing.dumps(kept(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": nurse_names(),
        "waiting": booking.waiting.filter(ended_at__isnull=True).first(),
        "past": booking.starts_at <= clock.now(),
    }
    return render(request, "treatment/session_times.html", context)


@allowed(*MOVES)
@require_POST
def move(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Another time for one session. The old one stays on record as moved."""
    booking = booking_of(request, booking_id)
    must_be_open(booking)
    _, chair, nurse, span = one_seat(request.POST.get("way", ""))
    still_free(chair.name, nurse.username, span, without=booking)
    give_up(booking, "moved")
    made = seat(booking.course, booking.number, chair, nurse, span)
    made.save()
    tell_booked(booking.course.patient, [made], f"moved {made.id}")
    return redirect("chart", patient_id=booking.course.patient_id)


@allowed(*MOVES)
@require_POST
def call_off(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Called off or missed, with the reason. The place is free at once, and whoever waits is offered it."""
    booking = booking_of(request, booking_id)
    must_be_open(booking)
    why = request.POST.get("why", "").strip()
    if len(why) < 3:
        raise Refused("Say why in a word or two, such as “ill” or “did not come”.")
    give_up(booking, why)
    return redirect("chart", patient_id=booking.course.patient_id)


NOT_FINISHED = "A booster comes after a series. This person has none that is finished."


def _finished(patient: Patient) -> Course | None:
    course = current_course(patient)
    return None if course is None or next_booking(course) else course


@allowed(*BOOKS)
def booster(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Times for a booster in the days from `begin` on; posted, the chosen one is booked."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = _finished(patient)
    if course is None:
        if request.method == "POST":
            raise Refused(NOT_FINISHED)
        return render(request, "treatment/booster.html", {"patient": patient, "problem": NOT_FINISHED})
    last = course.bookings.filter(off_at__isnull=True).order_by("-number").first()
    number = last.number + 1 if last else 1
    if request.method == "POST":
        return _book_booster(request, patient, course, number)
    form = BoosterForm(request.GET if "begin" in request.GET else None, initial={"begin": _tomorrow()})
    first = form.cleaned_data["begin"] if form.is_valid() else _tomorrow()
    ways, problem = list[Plan](), ""
    try:
        earliest = max(datetime.combine(first, time(), tzinfo=zone()).astimezone(UTC), clock.now())
        need = need_one(course, number, protocol_of(course), earliest)
        home = place_of(protocol_of(course))
        there = house(earliest.astimezone(zone()).date(), 16, place=home)
        ways = list(best_three(need, there, zone(), first_days=14))
    except NoRoom as reason:
        problem = str(reason)
    context = {
        "patient": patient,
        "form": form,
        "number": number,
        "ways": [(w.sittings[0], signing.dumps(kept(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": nurse_names(),
    }
    return render(request, "treatment/booster.html", context, status=400 if form.errors else 200)


class BoosterForm(forms.Form):
    begin = forms.DateField(label="Not before", widget=forms.DateInput(attrs={"type": "date"}))


def _tomorrow() -> date:
    return clock.today(zone()) + timedelta(days=1)


def _book_booster(request: StaffRequest, patient: Patient, course: Course, number: int) -> HttpResponse:
    _, chair, nurse, span = one_seat(request.POST.get("way", ""))
    still_free(chair.name, nurse.username, span)
    made = seat(course, number, chair, nurse, span)
    made.save()
    Course.objects.filter(id=course.id).update(look_again_at=clock.now())
    tell_booked(patient, [made], f"booster {made.id}")
    return redirect("chart", patient_id=patient.id)
