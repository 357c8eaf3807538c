"""The patients' list, the chart, the interview and candidacy."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from regrow import knowledge
from regrow.candidacy import Candidacy, determine
from regrow.chart import Determination, State
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, DECIDES, EVERYONE
from regrow.clinic.checkin.facts import scores_of, sheets_in_words
from regrow.clinic.checkin.intake import consent_in_force
from regrow.clinic.frontdesk.facts import inquiry_of
from regrow.clinic.site import clock
from regrow.clinic.site.access import allowed
from regrow.clinic.treatment.facts import chart_course, overview

from .facts import chart_of, evidence_of, standing
from .forms import ReachForm
from .models import Patient


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
