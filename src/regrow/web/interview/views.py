"""The guided hour: its sections in any order, facts coded beside free text, and what follows from them so far."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.forms import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from regrow.chart import Chart, CriterionStatus, Determination
from regrow.interview import Progress, missing, progress, questions, unanswered_questions
from regrow.knowledge import Criterion
from regrow.scales import shown
from regrow.web.accounts.api import DECIDES, StaffRequest
from regrow.web.assessments.api import PreVisitAnswers, pre_visit_answers, score_summary
from regrow.web.patients.api import Patient, mark_entered_in_error, provenance_text, record, recorded_labels
from regrow.web.platform import clock
from regrow.web.platform.access import allowed, form_id
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import ServiceForm, sent_with

from .forms import FORMS, ArrivalForm, PersonForm, ScreeningForm, SignVisitForm
from .models import IntakeVisit
from .page_frame import page_frame
from .services import VisitProgress, open_visit, visit_progress

LB_TO_KG = Decimal("0.45359237")  # exact by definition of the pound
RECOGNISED = "medicines-recognised"


@dataclass(frozen=True)
class Shown:
    """A section as the screen shows it: how far it is, its words and how often they were saved, what is coded in it."""

    progress: Progress
    words: str
    saved: int
    questions: Sequence[tuple[Criterion, BoundField]]
    answered: Sequence[tuple[str, str]]  # statement, in words
    rates: Sequence[tuple[str, str, str]]  # scale, its title, the last score in words
    next: str


@allowed(*DECIDES)
def intake_visit(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The open intake visit, or the record from which the next one starts."""
    patient = get_object_or_404(Patient, id=patient_id)
    return show(request, patient)


def show(
    request: StaffRequest, patient: Patient, tried: Mapping[str, ServiceForm] | None = None
) -> HttpResponse:
    """The whole screen. `tried` are forms that could not be saved, with what was typed."""
    tried = tried or {}
    visit = open_visit(patient)
    so_far = visit_progress(patient, visit)
    found, told, recorded = so_far.found, pre_visit_answers(patient), recorded_labels(patient)
    rules = knowledge.candidacy_rules()
    person = PersonForm(
        initial={"name": patient.name, "birth_date": patient.birth_date, "sex": patient.sex},
        auto_id="person_%s",
    )
    screening = tried.get("screening") or ScreeningForm(rules.criteria, auto_id="screening_%s")
    status = max((form.status for form in tried.values()), default=200)
    context = {
        "patient": patient,
        "visit": visit,
        "guide": so_far.guide,
        "sections": _sections(so_far, visit, recorded["attestation"], screening),
        "screening": screening,
        "end_form": tried.get("end") or SignVisitForm(so_far.guide, auto_id="end_%s"),
        "told": told,
        "person_form": tried.get("person", person),
        "arrival_form": tried.get("arrival") or _arrival(patient, visit, so_far, told),
        "forms": {kind: tried.get(kind, form(auto_id=f"{kind}_%s")) for kind, form in FORMS.items()},
        "evidence": {**provenance_text(patient), **score_summary(patient)},
        "recorded": recorded,
        "lacking": missing(so_far.guide, so_far.core, so_far.chart, rules, found),
        "candidacy": found,
        "open_work": [d for d in found.definitions if d.state is CriterionStatus.NOT_DOCUMENTED],
        "titles": {d.id: d.title for d in rules.definitions},
        "medicines": found.of(RECOGNISED),
        "against": _precautions(so_far),
        "past": patient.intake_visits.filter(ended_at__isnull=False).order_by("-ended_at"),
        "video": video_link(patient),
        "frame": page_frame(patient, visit),
    }
    return render(request, "interview/intake_visit.html", context, status=status)


def _precautions(so_far: VisitProgress) -> Sequence[Determination]:
    return [d for d in so_far.found.criteria if d.state is CriterionStatus.NOT_MET]


def video_link(patient: Patient) -> str:
    """Video link of the visit: as set with its time, or the clinic's own room."""
    last = patient.inquiries.exclude(video_link="").order_by("-received_at").first()
    return last.video_link if last else settings.CLINIC.video_link


def _sections(
    so_far: VisitProgress,
    visit: IntakeVisit | None,
    stated: Sequence[tuple[str, str]],
    screening: ServiceForm,
) -> Sequence[Shown]:
    rules, chart = knowledge.candidacy_rules(), so_far.chart
    asked = questions(so_far.guide, rules)
    words = {w.section: w for w in visit.words.all()} if visit else {}
    about = {a.id: a.criterion for a in chart.attestations}
    ids = [section.id for section in so_far.guide.sections]
    return [
        Shown(
            step,
            words=words[id].text if id in words else "",
            saved=words[id].saved if id in words else 0,
            questions=[
                (c, screening[c.determination]) for c in unanswered_questions(asked[id], so_far.found)
            ],
            answered=[
                (fact, said)
                for fact, said in stated
                if about.get(fact) in {c.determination for c in asked[id]}
            ],
            rates=[(name, knowledge.scale(name).title, _last(chart, name)) for name in step.section.rates],
            next=after,
        )
        for step, id, after in zip(
            progress(so_far.guide, so_far.core, chart, rules, so_far.found),
            ids,
            [*ids[1:], ""],
            strict=True,
        )
    ]


def _last(chart: Chart, instrument: str) -> str:
    """The newest score in words; empty where there is none."""
    sheets = chart.scores_of(instrument)
    if not sheets:
        return ""
    return "answered" if sheets[-1].total is None else shown(Fraction(sheets[-1].total))


def _arrival(
    patient: Patient, visit: IntakeVisit | None, so_far: VisitProgress, told: PreVisitAnswers | None
) -> ArrivalForm:
    arrival = so_far.core.arrival
    initial = {
        "place": arrival.place or (told.place if told else ""),
        "identity": arrival.identity,
        "callback": arrival.callback or patient.phone,
        "present": arrival.present,
        "emergency_name": arrival.emergency_name,
        "emergency_phone": arrival.emergency_phone,
    }
    return ArrivalForm(initial=initial, identities=so_far.guide.identity, auto_id="arrival_%s")


def section_of(kind: str) -> str:
    """The section in which a kind of fact is coded, to come back to."""
    coded = {"weight": "measurement", "height": "measurement", "blood_pressure": "measurement"}
    kind = coded.get(kind, kind)
    guide = knowledge.interview()
    return next((s.id for s in guide.sections if kind in s.codes), guide.sections[0].id)


def back_to(patient: Patient, section: str) -> HttpResponse:
    return redirect(f"{reverse('intake-visit', args=[patient.id])}#{section}")


@allowed(*DECIDES)
@require_POST
def record_fact(request: StaffRequest, patient_id: str, kind: str) -> HttpResponse:
    """One fact of the interview. What was typed is kept when it cannot be saved."""
    patient = get_object_or_404(Patient, id=patient_id)
    if kind == "person":
        person = PersonForm(request.POST, auto_id="person_%s")
        if person.submit(lambda data: _save_person(patient, data)):
            return back_to(patient, section_of(kind))
        return show(request, patient, {kind: person})
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST, auto_id=f"{kind}_%s")
    once = form_id(request)

    def save(data: Mapping[str, Any]) -> None:
        stored_kind, fact = _as_fact(kind, data)
        record(patient, stored_kind, fact, author=request.user.username, once=once)

    if not form.submit(save):
        return show(request, patient, {kind: form})
    for back in ("coverage", "eligibility"):
        if sent_with(request, "back", back):
            payers = [p.id for p in knowledge.payers() if sent_with(request, "payer", p.id)]
            query = {"payer": payers[0]} if payers else None
            return redirect(reverse(back, args=[patient.id], query=query))
    return back_to(patient, section_of("medicine" if kind == "attestation" else kind))


def _save_person(patient: Patient, data: Mapping[str, Any]) -> None:
    patient.name, patient.birth_date, patient.sex = data["name"], data["birth_date"], data["sex"]
    patient.save(update_fields=["name", "birth_date", "sex"])


@allowed(*DECIDES)
@require_POST
def mark_fact_in_error(request: StaffRequest, patient_id: str, fact_id: str) -> HttpResponse:
    """What was recorded wrongly is struck out; it stays on record."""
    patient = get_object_or_404(Patient, id=patient_id)
    mark_entered_in_error(patient, fact_id, author=request.user.username)
    return back_to(patient, _section_sent(request))


def _section_sent(request: StaffRequest) -> str:
    """The section a form was sent from; the first one if it names none."""
    sections = [section.id for section in knowledge.interview().sections]
    return next((id for id in sections if sent_with(request, "section", id)), sections[0])


def _as_fact(kind: str, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    at = clock.now().isoformat()
    if kind == "weight":
        kg = data["value"] if data["unit"] == "kg" else data["value"] * LB_TO_KG
        kg = kg.quantize(Decimal("0.1"), ROUND_HALF_UP)
        return "measurement", {"kind": "weight", "value": str(kg), "unit": "kg", "at": at}
    if kind == "height":
        return "measurement", {"kind": "height", "value": str(data["value"]), "unit": "cm", "at": at}
    if kind == "blood_pressure":
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
    once, rules = form_id(request), knowledge.candidacy_rules()
    form = ScreeningForm(rules.criteria, request.POST, auto_id="screening_%s")

    def save(given: Mapping[str, str]) -> None:
        for criterion in rules.criteria:
            answer = given[criterion.determination]
            if answer:
                data = {"criterion": criterion.determination, "holds": answer == "no", "text": criterion.ask}
                own = str(uuid.uuid5(uuid.UUID(once), criterion.id)) if once else None
                record(patient, "attestation", data, author=request.user.username, once=own)

    if form.submit(save):
        return back_to(patient, _section_sent(request))
    return show(request, patient, {"screening": form})
