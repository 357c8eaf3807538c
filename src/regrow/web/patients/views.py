"""The page of a patient's contact preferences."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from regrow.web.accounts.api import EVERYONE, StaffRequest
from regrow.web.platform.access import allowed

from .forms import ContactPreferencesForm
from .models import Patient


@allowed(*EVERYONE)
def contact_preferences(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Number, address, language, and whether check-ins come by text or by call."""
    patient = get_object_or_404(Patient, id=patient_id)
    names = list(ContactPreferencesForm.base_fields)
    form = ContactPreferencesForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(patient, name) for name in names},
    )
    if form.submit(lambda data: _save(patient, data)):
        return redirect("chart", patient_id=patient.id)
    context = {"patient": patient, "form": form}
    return render(request, "patients/contact_preferences.html", context, status=form.status)


def _save(patient: Patient, data: Mapping[str, str]) -> None:
    for name, value in data.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(data))
