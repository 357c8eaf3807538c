"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.courses.api import Course, current_course
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import protocol_in_force

from .models import Appointment
from .series import series
from .services import next_appointment


class PlanForm(forms.Form):
    protocol = forms.ChoiceField(label="Protocol")
    first_at = forms.DateTimeField(
        label="First session (clinic time)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those that can be used come first.
        ids = sorted(knowledge.ids("protocol"), key=lambda id: protocol_in_force(id) is None)
        choices = [(id, knowledge.protocol(id).title) for id in ids]
        self.fields["protocol"] = forms.ChoiceField(choices=choices, label="Protocol")


@allowed(*DECIDES, Role.COORDINATOR)
def schedule_manual(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Chooses a signed protocol and books the whole series in one act."""
    patient = get_object_or_404(Patient, id=patient_id)
    existing = current_course(patient)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if existing and next_appointment(existing):
            return redirect("chart", patient_id=patient.id)  # a second click finds the series booked
        _book(request, patient, form.cleaned_data["protocol"], form.cleaned_data["first_at"])
        return redirect("chart", patient_id=patient.id)
    signatures = {id: protocol_in_force(id) for id in knowledge.ids("protocol")}
    context = {"patient": patient, "form": form, "signatures": signatures, "course": existing}
    return render(request, "appointments/schedule_manual.html", context, status=400 if form.errors else 200)


def _book(request: StaffRequest, patient: Patient, protocol_id: str, first_at: Any) -> Course:
    signature = protocol_in_force(protocol_id)
    protocol = knowledge.protocol(protocol_id)
    if signature is None:
        raise ActionRefused(
            f"{protocol.title} has no signed limits, so it cannot be used. "
            "The medical director can sign it under Protocols."
        )
    if first_at <= clock.now():
        raise ActionRefused("The first session must lie ahead. Choose a later time.")
    if first_at > clock.now() + timedelta(days=365):
        raise ActionRefused("The first session lies more than a year ahead. Check the date.")
    slots = series(protocol, signature.values, first_at, clock.clinic_zone())
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
