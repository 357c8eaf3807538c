"""Reschedule or cancel one session, record a no-show, or schedule a booster."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.scheduling import NoAvailability, SeriesPlan, TimeRange, best_options
from regrow.web.accounts.api import StaffRequest
from regrow.web.courses.api import Course, current_course, protocol_of
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.forms import ServiceForm

from .capacity import clinic_capacity, single_request
from .forms import BoosterForm, CancelForm, ChosenTimeForm, RunningLateForm
from .models import Appointment
from .offers import (
    MAY_BOOK,
    MAY_RESCHEDULE,
    appointment_from,
    appointment_from_token,
    cancel,
    check_available,
    check_patient_free,
    conflict_of,
    ensure_open,
    notify_booked,
    nurse_names,
    signed_option,
    standing_sessions,
    to_appointment,
)
from .series import place_of
from .services import next_appointment


@allowed(*MAY_RESCHEDULE)
@require_GET
def appointment_options(request: StaffRequest, appointment_id: str) -> HttpResponse:
    """The three best other times for one session."""
    return options_page(request, appointment_from(request, appointment_id))


def options_page(
    request: StaffRequest, appointment: Appointment, failed: ServiceForm | None = None
) -> HttpResponse:
    """Other times for one session, and what else can be done. `failed` is the form that could not be saved."""
    ensure_open(appointment)
    ways, problem = list[SeriesPlan](), ""
    try:
        earliest = max(clock.now(), appointment.starts_at - timedelta(days=3))
        first = earliest.astimezone(clock.clinic_zone()).date()
        prefers = appointment.starts_at.astimezone(clock.clinic_zone()).time()
        need = single_request(
            appointment.course, appointment.number, protocol_of(appointment.course), earliest, prefers
        )
        need = replace(need, may=_free_for(appointment.course, appointment.number, without=appointment))
        found = best_options(
            need,
            clinic_capacity(first, 16, place=appointment.chair.place, without=appointment),
            clock.clinic_zone(),
            first_days=14,
            count=4,
        )
        ways = [way for way in found if way.visits[0].span.start != appointment.starts_at][:3]
    except NoAvailability as reason:
        problem = str(reason)
    context = {
        "patient": appointment.course.patient,
        "appointment": appointment,
        "ways": [(w.visits[0], signing.dumps(signed_option(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": nurse_names(),
        "waiting": appointment.waiting.filter(ended_at__isnull=True).first(),
        "past": appointment.starts_at <= clock.now(),
        "late": failed
        if isinstance(failed, RunningLateForm)
        else RunningLateForm(initial={"minutes": 15}, auto_id="late_%s"),
        "canceling": failed if isinstance(failed, CancelForm) else CancelForm(auto_id="cancel_%s"),
        "failed": failed,
    }
    status = failed.status if failed else 200
    return render(request, "appointments/appointment_options.html", context, status=status)


def _free_for(
    course: Course, number: int, *, without: Appointment | None = None
) -> Callable[[TimeRange], bool]:
    """Times that the patient's other sessions leave free."""
    others = standing_sessions(course.patient, without)
    return lambda span: not conflict_of(others, span, course=course, number=number)


@allowed(*MAY_RESCHEDULE)
@require_POST
def reschedule_view(request: StaffRequest, appointment_id: str) -> HttpResponse:
    """Reschedule one session; the old appointment stays on record."""
    appointment = appointment_from(request, appointment_id)
    form = ChosenTimeForm(request.POST)
    if form.submit(lambda data: _move(appointment, data["way"])):
        return redirect("chart", patient_id=appointment.course.patient_id)
    return options_page(request, appointment, failed=form)


def _move(appointment: Appointment, way: str) -> None:
    ensure_open(appointment)
    _, chair, nurse, span = appointment_from_token(way)
    check_available(chair.name, nurse.username, span, without=appointment)
    check_patient_free(
        appointment.course.patient,
        span,
        course=appointment.course,
        number=appointment.number,
        without=appointment,
    )
    cancel(appointment, "moved")
    made = to_appointment(appointment.course, appointment.number, chair, nurse, span)
    made.save()
    notify_booked(appointment.course.patient, [made], f"moved {made.id}")


@allowed(*MAY_RESCHEDULE)
@require_POST
def cancel_view(request: StaffRequest, appointment_id: str) -> HttpResponse:
    """Cancel or record a no-show, with the reason. The slot is offered to the waitlist."""
    appointment = appointment_from(request, appointment_id)
    form = CancelForm(request.POST, auto_id="cancel_%s")
    if form.submit(lambda data: _cancel(appointment, data["why"])):
        return redirect("chart", patient_id=appointment.course.patient_id)
    return options_page(request, appointment, failed=form)


def _cancel(appointment: Appointment, why: str) -> None:
    ensure_open(appointment)
    cancel(appointment, why)


NOT_FINISHED = "A booster follows a completed series. This patient has none."


def _finished_course(patient: Patient) -> Course | None:
    course = current_course(patient)
    return None if course is None or next_appointment(course) else course


@allowed(*MAY_BOOK)
def booster(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Show times for a booster from `begin` on; POST books the chosen one."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = _finished_course(patient)
    if course is None:
        if request.method == "POST":
            raise ActionRefused(NOT_FINISHED)
        return render(request, "appointments/booster.html", {"patient": patient, "problem": NOT_FINISHED})
    last = course.appointments.filter(canceled_at__isnull=True).order_by("-number").first()
    number = last.number + 1 if last else 1
    chosen = ChosenTimeForm(request.POST if request.method == "POST" else None)
    if chosen.submit(lambda data: _book_booster(patient, course, number, data["way"])):
        return redirect("chart", patient_id=patient.id)
    form = BoosterForm(request.GET if "begin" in request.GET else None, initial={"begin": _tomorrow()})
    first = form.cleaned_data["begin"] if form.is_valid() else _tomorrow()
    ways, problem = list[SeriesPlan](), ""
    try:
        earliest = max(
            datetime.combine(first, time(), tzinfo=clock.clinic_zone()).astimezone(UTC), clock.now()
        )
        need = single_request(course, number, protocol_of(course), earliest)
        need = replace(need, may=_free_for(course, number))
        home = place_of(protocol_of(course))
        there = clinic_capacity(earliest.astimezone(clock.clinic_zone()).date(), 16, place=home)
        ways = list(best_options(need, there, clock.clinic_zone(), first_days=14))
    except NoAvailability as reason:
        problem = str(reason)
    context = {
        "patient": patient,
        "form": form,
        "chosen": chosen,
        "number": number,
        "ways": [(w.visits[0], signing.dumps(signed_option(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": nurse_names(),
    }
    return render(request, "appointments/booster.html", context, status=max(form.status, chosen.status))


def _tomorrow() -> date:
    return clock.clinic_today() + timedelta(days=1)


def _book_booster(patient: Patient, course: Course, number: int, way: str) -> None:
    _, chair, nurse, span = appointment_from_token(way)
    check_available(chair.name, nurse.username, span)
    check_patient_free(patient, span, course=course, number=number)
    made = to_appointment(course, number, chair, nurse, span)
    made.save()
    Course.objects.filter(id=course.id).update(next_outreach_at=clock.now())
    notify_booked(patient, [made], f"booster {made.id}")
