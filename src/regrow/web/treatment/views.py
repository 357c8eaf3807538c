"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.dosing import Suggestion
from regrow.web.accounts.api import CLINICAL, DECIDES, Role, StaffRequest
from regrow.web.alerts.api import open_alerts
from regrow.web.appointments.api import next_appointment
from regrow.web.assessments.api import ask_for_score, course_scores
from regrow.web.courses.api import Course, current_course, instrument_of, protocol_of, rule_of, titrated
from regrow.web.patients.api import Patient
from regrow.web.platform.access import ActionRefused, allowed, form_id

from .decisions import sign_decision, suggestion_of
from .dosing_screen import dosing_context
from .orders import signed_order
from .statements import record_statement, toggle_estimate


@allowed(*CLINICAL)
@require_GET
def dosing(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Scores over doses on one time line, the suggestion in a sentence, the order spelled out."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        return render(request, "treatment/dosing_empty.html", {"patient": patient})
    protocol, rule = titrated(course), rule_of(course)
    if protocol is None or rule is None:
        return _fixed_dosing(request, patient, course)
    return render(request, "treatment/dosing.html", dosing_context(course, protocol, rule, request.user))


def _fixed_dosing(request: StaffRequest, patient: Patient, course: Course) -> HttpResponse:
    """A product whose dose is not reckoned from a weight: the regimen in words, the doses given, the order."""
    protocol = protocol_of(course)
    appointment = next_appointment(course)
    devices = protocol.session.devices
    context = {
        "patient": patient,
        "course": course,
        "protocol": protocol,
        "appointment": appointment,
        "order_in_force": signed_order(appointment) if appointment else None,
        "suggestion": _fixed_suggestion(course) if appointment else None,
        "doses": devices.doses_mg if devices else None,
        "alerts": open_alerts(patient),
        "may_decide": request.user.works_as in DECIDES,
        "scores": course_scores(patient)[-3:],
        "held": course.appointments.filter(session__closed_at__isnull=False).count(),
    }
    return render(request, "treatment/dosing_fixed.html", context)


def _fixed_suggestion(course: Course) -> Suggestion | None:
    return suggestion_of(course) if rule_of(course) else None


@allowed(*DECIDES)
@require_POST
def record_statement_view(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Spoke with the patient, cleared a session, another weight basis, the estimate off or on."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        raise ActionRefused("There is no course to write about. Plan one first.")
    record_statement(
        course,
        kind=request.POST.get("kind", ""),
        about=request.POST.get("about", ""),
        text=request.POST.get("text", ""),
        by=request.user,
        once=form_id(request),
    )
    return redirect("dosing", patient_id=patient.id)


@allowed(Role.DIRECTOR)
@require_POST
def estimate_switch(request: StaffRequest) -> HttpResponse:
    """Whether the clinic sees the model's estimate at all."""
    toggle_estimate(on=request.POST.get("on") == "yes", text=request.POST.get("text", ""), by=request.user)
    return redirect("protocols")


@allowed(*DECIDES)
@require_POST
def decide(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Accept, change (with a reason) or decline (with a reason)."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        raise ActionRefused("There is no course to decide for. Plan one first.")
    sign_decision(
        course,
        choice=request.POST.get("choice", ""),
        dose=request.POST.get("dose", ""),
        reason=request.POST.get("reason", "").strip(),
        prn=request.POST.get("prn", "").strip(),
        signed_by=request.user,
        once=form_id(request),
    )
    return redirect("dosing", patient_id=patient.id)


@allowed(*CLINICAL, Role.COORDINATOR)
@require_POST
def request_score(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Sends the check-in link of the course's instrument."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    ask_for_score(patient, instrument_of(course))
    return redirect("dosing" if request.POST.get("back") == "dosing" else "chart", patient_id=patient.id)
