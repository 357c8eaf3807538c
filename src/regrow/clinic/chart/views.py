"""The patients' list, the chart, the interview and candidacy."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.candidacy import Candidacy, determine
from regrow.chart import Determination, State
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, DECIDES, EVERYONE
from regrow.clinic.checkin.facts import scores_of, sheets_in_words
from regrow.clinic.checkin.intake import consent_in_force, told_before
from regrow.clinic.frontdesk.facts import inquiry_of
from regrow.clinic.site import clock
from regrow.clinic.site.access import allowed, form_id
from regrow.clinic.treatment.facts import chart_course, overview

from .facts import chart_of, evidence_of, record, recorded_words, standing, strike
from .forms import FORMS, PersonForm, ReachForm
from .models import Patient

LB_TO_KG = Decimal("0.45359237")  # exact by definition of the pound


@allowed(*EVERYONE)
@require_GET
def patients(request: StaffRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    found = Patient.objects.order_by("name")
    if wanted:
        found = found.filter(name__icontains=wanted) | found.filter(mrn=wanted)
    return render(request, "chart/patients.html", {"patients": overview(found), "wanted": wanted})


@allowed(*EVERYONE)
@require_GET
def chart(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Front desk and coordinators see who the person is and what is booked; clinicians see the whole chart."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = chart_course(patient)
    context = {
        "patient": patient,
        "inquiry": inquiry_of(patient),
        "clinical": request.user.works_as in CLINICAL,
        "chart": chart_of(patient, scores_of(patient)),
        "facts": standing(patient),
        "consent": consent_in_force(patient),
        **course,
    }
    return render(request, "chart/chart.html", context)


@allowed(*EVERYONE)
def reach(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Number, address, language, and whether check-ins come by text or by call."""
    patient = get_object_or_404(Patient, id=patient_id)
    names = list(ReachForm.base_fields)
    form = ReachForm(request.POST or None, initial={name: getattr(patient, name) for name in names})
    if request.method == "POST" and form.is_valid():
        for name in names:
            setattr(patient, name, form.cleaned_data[name])
        patient.save(update_fields=names)
        return redirect("chart", patient_id=patient.id)
    context = {"patient": patient, "form": form}
    return render(request, "chart/reach.html", context, status=400 if form.errors else 200)


@allowed(*DECIDES)
def interview(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The guided hour: each small form saves by itself, and the determinations fill in beside it."""
    patient = get_object_or_404(Patient, id=patient_id)
    return _interview(request, patient)


def _interview(
    request: StaffRequest, patient: Patient, tried: Mapping[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    record_ = chart_of(patient, scores_of(patient))
    rules = knowledge.candidacy_rules()
    person = PersonForm(
        initial={"name": patient.name, "born": patient.born, "sex": patient.sex}, auto_id="person_%s"
    )
    found = determine(record_, rules, on=clock.today(ZoneInfo(settings.TIME_ZONE)))
    context = {
        "told": told_before(patient),
        "patient": patient,
        "person_form": (tried or {}).get("person", person),
        "forms": {kind: (tried or {}).get(kind, form(auto_id=f"{kind}_%s")) for kind, form in FORMS.items()},
        "chart": record_,
        "evidence": {**evidence_of(patient), **sheets_in_words(patient)},
        "recorded": recorded_words(patient),
        "candidacy": found,
        "questions": [
            (c, found.of(c.determination))
            for c in rules.criteria
            if not c.absent_unless_found and found.of(c.determination).state is State.NOT_DOCUMENTED
        ],
        "open_work": [d for d in found.definitions if d.state is State.NOT_DOCUMENTED],
        "titles": {d.id: d.title for d in rules.definitions},
        "medicines": found.of(RECOGNISED),
        "against": [d for d in found.criteria if d.state is State.NOT_MET],
    }
    return render(request, "chart/interview.html", context, status=status)


@allowed(*DECIDES)
@require_POST
def record_fact(request: StaffRequest, patient_id: str, kind: str) -> HttpResponse:
    """One fact of the interview. What was typed is kept when it cannot be saved."""
    patient = get_object_or_404(Patient, id=patient_id)
    if kind == "person":
        person = PersonForm(request.POST, auto_id="person_%s")
        if not person.is_valid():
            return _interview(request, patient, {kind: person}, status=400)
        for name, value in person.cleaned_data.items():
            setattr(patient, name, value)
        patient.save()
        return redirect("interview", patient_id=patient.id)
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST, auto_id=f"{kind}_%s")
    if not form.is_valid():
        return _interview(request, patient, {kind: form}, status=400)
    stored_kind, data = _as_fact(kind, form.cleaned_data)
    record(patient, stored_kind, data, author=request.user.username, once=form_id(request))
    back = request.POST.get("back")
    return redirect(back if back in ("coverage", "candidacy") else "interview", patient_id=patient.id)


@allowed(*DECIDES)
@require_POST
def strike_fact(request: StaffRequest, patient_id: str, fact_id: str) -> HttpResponse:
    """What was recorded wrongly is struck out; it stays on record."""
    patient = get_object_or_404(Patient, id=patient_id)
    strike(patient, fact_id, author=request.user.username)
    return redirect("interview", patient_id=patient.id)


def _as_fact(kind: str, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    at = clock.now().isoformat()
    if kind == "weight":
        kg = data["value"] if data["unit"] == "kg" else data["value"] * LB_TO_KG
        kg = kg.quantize(Decimal("0.1"), ROUND_HALF_UP)
        return "measurement", {"kind": "weight", "value": str(kg), "unit": "kg", "at": at}
    if kind == "height":
        return "measurement", {"kind": "height", "value": str(data["value"]), "unit": "cm", "at": at}
    if kind == "blood_pressure":
        if data["diastolic"] >= data["systolic"]:
            raise ValidationError("The upper blood pressure must be above the lower one.")
        return "measurement", {
            "kind": "blood_pressure",
            "value": str(data["systolic"]),
            "second_value": str(data["diastolic"]),
            "unit": "mmHg",
            "at": at,
        }
    return kind, {k: str(v) if isinstance(v, Decimal) else v for k, v in data.items()}


@allowed(*DECIDES)
@require_POST
def record_asked(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The answers to the safety questions, those that were given; each is a statement of its own."""
    patient = get_object_or_404(Patient, id=patient_id)
    once = form_id(request)
    for criterion in knowledge.candidacy_rules().criteria:
        answer = request.POST.get(criterion.determination)
        if answer in ("no", "yes"):
            data = {"criterion": criterion.determination, "holds": answer == "no", "text": criterion.ask}
            own = str(uuid.uuid5(uuid.UUID(once), criterion.id)) if once else None
            record(patient, "attestation", data, author=request.user.username, once=own)
    return redirect("interview", patient_id=patient.id)


@dataclass(frozen=True)
class Group:
    """Determinations of one sort, those that need attention before those that do not."""

    title: str
    sort: str
    attention: Sequence[Determination]
    settled: Sequence[Determination]
    settled_words: str


def _groups(found: Candidacy) -> Sequence[Group]:
    met, not_met, unknown = State.MET, State.NOT_MET, State.NOT_DOCUMENTED
    against = sorted(found.criteria, key=lambda d: d.state is unknown)
    taken = [d for d in found.interactions if d.state is met and d.id != RECOGNISED]
    medicines = [*(d for d in found.interactions if d.id == RECOGNISED and d.state is unknown), *taken]
    return [
        Group("Who", "definition", found.definitions, (), ""),
        Group(
            "What may stand against it",
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
        Group("How resistant", "definition", found.staging, (), ""),
    ]


RECOGNISED = "medicines-recognised"


@allowed(*DECIDES)
@require_GET
def candidacy(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Who may be treated, by which route, and why: for the prescriber, and in plain words for the patient."""
    patient = get_object_or_404(Patient, id=patient_id)
    record_ = chart_of(patient, scores_of(patient))
    rules = knowledge.candidacy_rules()
    found = determine(record_, rules, on=clock.today(ZoneInfo(settings.TIME_ZONE)))
    names = {c.determination: c.id for c in rules.criteria} | {
        f"interaction-{i.id}": i.id for i in rules.interactions
    }
    crisis = next((d for d in found.definitions if d.id == "crisis-path"), None)
    context = {
        "patient": patient,
        "candidacy": found,
        "groups": _groups(found),
        "due": [d for d in found.workup if d.state is State.NOT_DOCUMENTED],
        "done": [d for d in found.workup if d.state is State.MET],
        "optional": {f"workup-{item.id}" for item in rules.workup if not item.required},
        "titles": {d.id: d.title for d in rules.definitions},
        "sorts": {
            c.determination: "caution"
            for c in rules.criteria
            if all(rule.action in ("warn", "info") for rule in c.products.values())
        },
        "crisis": crisis if crisis and crisis.state is State.MET else None,
        "gates": {
            reason.determination: names[reason.determination]
            for route in found.routes
            if route.state == "undecided"
            for reason in route.reasons
            if reason.action == "gate" and found.of(reason.determination).state is not State.NOT_DOCUMENTED
        },
        "headline": HEADLINES.get(found.recommendation.outcome)
        or f"{next(r.title for r in found.routes if r.id == found.recommendation.outcome)} is open",
        "evidence": {**evidence_of(patient), **sheets_in_words(patient)},
    }
    return render(request, "chart/candidacy.html", context)


HEADLINES = {
    "either": "Both routes are open",
    "neither": "Neither route is open",
    "undecided": "Not decided yet",
}
