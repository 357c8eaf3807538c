"""The staff's side: instruments rated or typed in, and alerts that somebody must take."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from regrow.scales import BadAnswers
from regrow.web.accounts.api import CLINICAL, StaffRequest
from regrow.web.patients.api import Patient
from regrow.web.platform.access import allowed, form_id
from regrow.web.platform.content import knowledge

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
    given = [request.POST.get(f"item-{item.number}", "") for item in scale.items]
    problem = ""
    if request.method == "POST":
        try:
            answers = [int(text) if text.lstrip("-").isdecimal() else None for text in given]
            if all(answer is None for answer in answers):
                raise BadAnswers("Nothing is answered yet. Choose at least one answer.")
            record_clinician_rating(patient, scale, answers, once=form_id(request))
            return redirect("scales", patient_id=patient.id)
        except BadAnswers as mistake:
            problem = str(mistake)
    context = {
        "patient": patient,
        "scale": scale,
        "items": list(zip(scale.items, given, strict=True)),
        "problem": problem,
        "source": knowledge.sources()[scale.source],
        "once": form_id(request) or uuid.uuid4(),
    }
    return render(request, "assessments/rate.html", context, status=400 if problem else 200)
