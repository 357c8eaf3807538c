"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from collections.abc import Mapping
from typing import Any

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
from regrow.web.platform.forms import ServiceForm, sent_with

from .decisions import sign_decision, suggestion_of
from .dosing_screen import dosing_context
from .forms import DecisionForm, StatementForm
from .orders import signed_order
from .statements import record_statement


@allowed(*CLINICAL)
@require_GET
def dosing(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Scores over doses on one time line, the suggestion in a sentence, the order spelled out."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        return render(request, "treatment/dosing_empty.html", {"patient": patient})
    return _page(request, course)


def _page(request: StaffRequest, course: Course, failed: ServiceForm | None = None) -> HttpResponse:
    """The dosing screen. `failed` is the decision or statement that could not be saved."""
    protocol, rule = titrated(course), rule_of(course)
    status = failed.status if failed else 200
    if protocol is None or rule is None:
        return render(
            request, "treatment/dosing_fixed.html", _fixed_dosing(request, course, failed), status=status
        )
    context = dosing_context(course, protocol, rule, request.user, failed)
    return render(request, "treatment/dosing.html", context, status=status)


def _fixed_dosing(request: StaffRequest, course: Course, failed: ServiceForm | None) -> Mapping[str, Any]:
    """A product whose dose is not calculated from a weight: regimen, doses given, order."""
    patient, protocol = course.patient, protocol_of(course)
    appointment = next_appointment(course)
    devices = protocol.session.devices
    return {
        "patient": patient,
        "course": course,
        "protocol": protocol,
        "appointment": appointment,
        "decision": appointment.decisions.order_by("-signed_at").first() if appointment else None,
        "order_in_force": signed_order(appointment) if appointment else None,
        "suggestion": _fixed_suggestion(course) if appointment else None,
        "doses": [f"{dose:f}" for dose in devices.doses_mg] if devices else None,
        "alerts": open_alerts(patient),
        "may_decide": request.user.works_as in DECIDES,
        "scores": course_scores(patient)[-3:],
        "held": course.appointments.filter(session__closed_at__isnull=False).count(),
        "form": failed if isinstance(failed, DecisionForm) else DecisionForm(unit="mg"),
        "failed": failed,
    }


def _fixed_suggestion(course: Course) -> Suggestion | None:
    return suggestion_of(course) if rule_of(course) else None


@allowed(*DECIDES)
@require_POST
def record_statement_view(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Spoke with the patient, cleared a session, another weight basis, the estimate off or on."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        raise ActionRefused("No active course. Schedule one first.")
    form, once = StatementForm(request.POST, auto_id="statement_%s"), form_id(request)
    if form.submit(
        lambda data: record_statement(
            course, kind=data["kind"], about=data["about"], text=data["text"], by=request.user, once=once
        )
    ):
        return redirect("dosing", patient_id=patient.id)
    return _page(request, course, form)


@allowed(*DECIDES)
@require_POST
def decide(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Accept, change (with a reason) or decline (with a reason)."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        raise ActionRefused("No active course. Schedule one first.")
    unit = "mg/kg" if titrated(course) else "mg"
    hold = sent_with(request, "form", "hold")
    form = DecisionForm(request.POST, auto_id="hold_%s" if hold else "decision_%s", unit=unit)
    once = form_id(request)
    if form.submit(
        lambda data: sign_decision(
            course,
            choice=data["choice"],
            dose="" if data["dose"] is None else str(data["dose"]),
            reason=data["reason"],
            prn=data["prn"],
            signed_by=request.user,
            once=once,
            seen=data["seen"] if "seen" in form.data else None,
        )
    ):
        return redirect("dosing", patient_id=patient.id)
    return _page(request, course, form)


@allowed(*CLINICAL, Role.COORDINATOR)
@require_POST
def request_score(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Sends the check-in link of the course's instrument."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    ask_for_score(patient, instrument_of(course))
    return redirect("dosing" if sent_with(request, "back", "dosing") else "chart", patient_id=patient.id)
