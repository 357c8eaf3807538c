"""The patient list, the chart summary and the eligibility page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from regrow.chart import CriterionStatus, Determination
from regrow.eligibility import Eligibility, assess_eligibility
from regrow.web.accounts.api import CLINICAL, DECIDES, EVERYONE, StaffRequest
from regrow.web.assessments.api import chart_scores, score_summary
from regrow.web.conversations.api import inquiry_of
from regrow.web.interview.api import AskedForm
from regrow.web.patients.api import (
    Patient,
    chart_of,
    consent_in_force,
    current_facts,
    provenance_text,
    record,
)
from regrow.web.platform import clock
from regrow.web.platform.access import allowed, form_id
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import sent_with
from regrow.web.treatment.api import chart_course

from .journeys import status_of, statuses


@allowed(*EVERYONE)
@require_GET
def patients(request: StaffRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    found = Patient.objects.order_by("name")
    if wanted:
        found = found.filter(name__icontains=wanted) | found.filter(mrn=wanted)
    return render(
        request, "staff/patients.html", {"patients": statuses(found, clock.now()), "wanted": wanted}
    )


@allowed(*EVERYONE)
@require_GET
def chart(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Show the chart. Front desk and coordinators see identity and appointments; clinicians see everything."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = chart_course(patient)
    context = {
        "patient": patient,
        "inquiry": inquiry_of(patient),
        "clinical": request.user.works_as in CLINICAL,
        "chart": chart_of(patient, chart_scores(patient)),
        "facts": current_facts(patient),
        "consent": consent_in_force(patient),
        "status": status_of(patient, clock.now()),
        **course,
    }
    return render(request, "staff/chart.html", context)


@dataclass(frozen=True)
class Group:
    """Determinations of one sort, those that need attention first."""

    title: str
    sort: str
    attention: Sequence[Determination]
    settled: Sequence[Determination]
    settled_words: str


def _groups(found: Eligibility) -> Sequence[Group]:
    met, not_met, unknown = CriterionStatus.MET, CriterionStatus.NOT_MET, CriterionStatus.NOT_DOCUMENTED
    against = sorted(found.criteria, key=lambda d: d.state is unknown)
    taken = [d for d in found.interactions if d.state is met and d.id != RECOGNIZED]
    medicines = [*(d for d in found.interactions if d.id == RECOGNIZED and d.state is unknown), *taken]
    return [
        Group("Who", "definition", found.definitions, (), ""),
        Group(
            "Contraindications and precautions",
            "criterion",
            [d for d in against if d.state is not met],
            [d for d in against if d.state is met],
            "not there",
        ),
        Group(
            "Medicines",
            "interaction",
            medicines,
            [d for d in found.interactions if d.state is not_met],
            "groups not taken",
        ),
        Group("Treatment resistance", "definition", found.staging, (), ""),
    ]


RECOGNIZED = "medicines-recognised"


@allowed(*DECIDES)
@require_http_methods(["GET", "POST"])
def eligibility(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Who may be treated, by which route, and why: for the prescriber, and in plain words for the patient.

    By POST the prescriber accepts or refuses a precaution, with the reason.
    """
    patient = get_object_or_404(Patient, id=patient_id)
    form, once = AskedForm(sent_with(request, "criterion"), auto_id="gate_%s"), form_id(request)
    by = request.user.username
    if form.submit(lambda data: record(patient, "attestation", data, author=by, once=once)):
        return redirect("eligibility", patient_id=patient.id)
    record_ = chart_of(patient, chart_scores(patient))
    rules = knowledge.candidacy_rules()
    found = assess_eligibility(record_, rules, on=clock.clinic_today())
    names = {c.determination: c.id for c in rules.criteria} | {
        f"interaction-{i.id}": i.id for i in rules.interactions
    }
    crisis = next((d for d in found.definitions if d.id == "crisis-path"), None)
    context = {
        "patient": patient,
        "candidacy": found,
        "form": form,
        "groups": _groups(found),
        "due": [d for d in found.workup if d.state is CriterionStatus.NOT_DOCUMENTED],
        "done": [d for d in found.workup if d.state is CriterionStatus.MET],
        "optional": {f"workup-{item.id}" for item in rules.workup if not item.required},
        "titles": {d.id: d.title for d in rules.definitions},
        "sorts": {
            c.determination: "caution"
            for c in rules.criteria
            if all(rule.action in ("warn", "info") for rule in c.products.values())
        },
        "crisis": crisis if crisis and crisis.state is CriterionStatus.MET else None,
        "gates": {
            reason.determination: _gate_form(f"accepts-{names[reason.determination]}", form)
            for route in found.routes
            if route.state == "undecided"
            for reason in route.reasons
            if reason.action == "gate"
            and found.of(reason.determination).state is not CriterionStatus.NOT_DOCUMENTED
        },
        "headline": HEADLINES.get(found.recommendation.outcome)
        or f"{next(r.title for r in found.routes if r.id == found.recommendation.outcome)} is open",
        "evidence": {**provenance_text(patient), **score_summary(patient)},
    }
    return render(request, "staff/eligibility.html", context, status=form.status)


def _gate_form(criterion: str, failed: AskedForm) -> AskedForm:
    """The form about one precaution: as it was sent if it could not be saved, else new."""
    if failed.is_bound and failed["criterion"].value() == criterion:
        return failed
    return AskedForm(auto_id=f"{criterion}_%s", initial={"criterion": criterion})


HEADLINES = {
    "either": "Both routes are open",
    "neither": "Neither route is open",
    "undecided": "Not decided yet",
}
