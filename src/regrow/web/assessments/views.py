"""Staff pages for rating scales: rated by a clinician or entered from paper."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import CLINICAL, StaffRequest
from regrow.web.patients.api import Patient
from regrow.web.platform.access import allowed, form_id
from regrow.web.platform.content import knowledge

from .forms import RatingForm
from .models import QuestionnaireResponse
from .responses import completed_responses, record_clinician_rating, score_response


@allowed(*CLINICAL)
@require_GET
def scales(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Every instrument with the last result on file."""
    patient = get_object_or_404(Patient, id=patient_id)
    last: dict[str, QuestionnaireResponse] = {
        sheet.instrument: sheet for sheet in completed_responses(patient)
    }
    rows = []
    for id in knowledge.ids("scale"):
        sheet = last.get(id)
        rows.append((knowledge.scale(id), sheet, score_response(sheet) if sheet else None))
    return render(request, "assessments/scales.html", {"patient": patient, "rows": rows})


@allowed(*CLINICAL)
def rate(request: StaffRequest, patient_id: str, instrument: str) -> HttpResponse:
    """One instrument as a clinician rates it or types it in; nothing typed is lost when it does not fit."""
    patient = get_object_or_404(Patient, id=patient_id)
    if instrument not in knowledge.ids("scale"):
        raise Http404
    scale = knowledge.scale(instrument)
    form = RatingForm(scale, request.POST if request.method == "POST" else None)
    once = form_id(request)
    if form.submit(lambda data: record_clinician_rating(patient, scale, form.answers(), once=once)):
        return redirect("scales", patient_id=patient.id)
    context = {
        "patient": patient,
        "scale": scale,
        "form": form,
        "source": knowledge.sources()[scale.source],
        "once": once or uuid.uuid4(),
    }
    return render(request, "assessments/rate.html", context, status=form.status)
