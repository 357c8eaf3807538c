"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from regrow.scheduling import TimeRange
from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.courses.api import Course, current_course
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import protocol_in_force

from .forms import PlanForm
from .models import Appointment
from .offers import check_patient_free
from .placement import place_series
from .services import next_appointment


@allowed(*DECIDES, Role.COORDINATOR)
def schedule_manual(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Chooses a signed protocol and books the whole series in one act."""
    patient = get_object_or_404(Patient, id=patient_id)
    existing = current_course(patient)
    form = PlanForm(request.POST or None)
    if form.is_valid() and existing and next_appointment(existing):
        return redirect("chart", patient_id=patient.id)  # a second click finds the series booked
    if form.submit(lambda data: _book(request, patient, data["protocol"], data["first_at"])):
        return redirect("chart", patient_id=patient.id)
    signatures = {id: protocol_in_force(id) for id in knowledge.ids("protocol")}
    context = {"patient": patient, "form": form, "signatures": signatures, "course": existing}
    return render(request, "appointments/schedule_manual.html", context, status=form.status)


def _book(request: StaffRequest, patient: Patient, protocol_id: str, first_at: Any) -> Course:
    signature = protocol_in_force(protocol_id)
    protocol = knowledge.protocol(protocol_id)
    if signature is None:
        raise ActionRefused(
            f"{protocol.title} has no signed limits, so it cannot be used. "
            "The medical director can sign it under Protocols."
        )
    slots = place_series(protocol, signature.values, first_at)
    for slot in slots:
        check_patient_free(patient, TimeRange(slot.starts_at, slot.ends_at))
    course = Course.objects.create(
        patient=patient, signature=signature, planned_by=request.user, planned_at=clock.now()
    )
    Appointment.objects.bulk_create(
        Appointment(
            course=course,
            number=s.number,
            chair=s.chair,
            nurse=s.nurse,
            starts_at=s.starts_at,
            ends_at=s.ends_at,
        )
        for s in slots
    )
    return course
