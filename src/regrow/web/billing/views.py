"""The coverage packet and its letter."""

import json
from collections.abc import Sequence
from importlib.resources import files

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from regrow.chart import Chart, Determination, all_of
from regrow.coverage import CashEstimate, cash_estimate, determine_coverage
from regrow.knowledge import InfusionProtocol, Payer
from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.assessments.api import chart_scores, score_summary
from regrow.web.courses.api import current_course, protocol_of
from regrow.web.patients.api import Patient, chart_of, provenance_text
from regrow.web.platform import clock
from regrow.web.platform.access import allowed
from regrow.web.platform.content import knowledge
from regrow.web.platform.formats import numeric_day, prose_day
from regrow.web.signing.api import protocol_in_force

from .card_photos import newest_photos

MAY = (*DECIDES, Role.COORDINATOR)


def _payer(request: StaffRequest) -> Payer:
    """The payer asked for; without one, the first by title. 404 for one without a file."""
    payers = knowledge.payers()
    asked = request.GET.get("payer", payers[0].id if payers else "")
    for payer in payers:
        if payer.id == asked:
            return payer
    raise Http404(f"There is no payer file “{asked}”.")


def _packet(patient: Patient, payer: Payer) -> tuple[Chart, list[Determination]]:
    chart = chart_of(patient, chart_scores(patient))
    return chart, list(determine_coverage(payer, chart, knowledge.formulary(), on=clock.clinic_today()))


def _estimates(patient: Patient) -> Sequence[tuple[str, CashEstimate]]:
    """(protocol title, estimate): of the patient's course, or of each infusion protocol signed at this clinic."""
    course = current_course(patient)
    signed = (id for id in knowledge.ids("protocol") if protocol_in_force(id))
    protocols = [protocol_of(course)] if course else [knowledge.protocol(id) for id in signed]
    return [
        (protocol.title, cash_estimate(settings.CLINIC, protocol))
        for protocol in protocols
        if isinstance(protocol, InfusionProtocol)
    ]


@allowed(*MAY)
@require_GET
def coverage(request: StaffRequest, patient_id: str) -> HttpResponse:
    patient = get_object_or_404(Patient, id=patient_id)
    payer = _payer(request)
    _, determinations = _packet(patient, payer)
    context = {
        "patient": patient,
        "payers": knowledge.payers(),
        "cards": newest_photos(patient),
        "payer": payer,
        "determinations": determinations,
        "attested": [c.id for c in payer.criteria if c.kind == "attestation"],
        "may_attest": request.user.works_as in DECIDES,
        "evidence": {**provenance_text(patient), **score_summary(patient)},
        "overall": all_of(d.state for d in determinations),
        "estimates": _estimates(patient),
        "source": knowledge.sources()[payer.source],
    }
    return render(request, "billing/coverage.html", context)


@allowed(*MAY)
@require_GET
def letter(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The prior-authorisation letter on one page, by Typst with the fonts it brings, so it prints alike everywhere."""
    import typst

    patient = get_object_or_404(Patient, id=patient_id)
    payer = _payer(request)
    chart, determinations = _packet(patient, payer)
    scores = sorted((s for s in chart.scores if s.total is not None), key=lambda s: s.at)
    facts = {
        "clinic": settings.CLINIC.title,
        "address": ", ".join(settings.CLINIC.address),
        "contact": f"{settings.CLINIC.text_number_digits} · {settings.CLINIC.email}",
        "payer": payer.title,
        "medicine": payer.medicine,
        "policy": f"policy version of {payer.effective.isoformat()}",
        "date": prose_day(clock.clinic_today()),
        "patient": patient.name,
        "born": numeric_day(patient.birth_date) if patient.birth_date else "not documented",
        "mrn": patient.mrn,
        "diagnosis": ", ".join(d.icd10 for d in chart.diagnoses) or "not documented",
        "trials": [
            {
                "drug": t.drug,
                "dose": f"{t.dose_mg_per_day} mg" if t.dose_mg_per_day is not None else "not documented",
                "weeks": str(t.weeks) if t.weeks is not None else "not documented",
                "outcome": (t.outcome or "not documented").replace("_", " "),
            }
            for t in chart.trials
        ],
        "scores": [
            {"at": numeric_day(s.at), "what": s.instrument.upper(), "total": str(s.total)}
            for s in scores[-6:]
        ],
        "criteria": [
            {"text": d.text, "state": d.state.replace("_", " "), "missing": "; ".join(d.missing)}
            for d in determinations
        ],
        "signer": request.user.shown_name,
    }
    template = files("regrow.web.billing").joinpath("letter.typ").read_bytes()
    pdf = typst.compile(
        template,
        sys_inputs={"facts": json.dumps(facts)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="prior-authorization-{patient.mrn}.pdf"'
    return response
