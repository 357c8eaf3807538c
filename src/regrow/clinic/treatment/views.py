"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, DECIDES, EVERYONE, Role
from regrow.clinic.chart.models import Patient
from regrow.clinic.checkin.facts import ask_for_score, course_scores, open_alerts
from regrow.clinic.frontdesk.models import Inquiry
from regrow.clinic.lab.facts import attached_to
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed, form_id
from regrow.dosing import Suggestion
from regrow.knowledge import Protocol
from regrow.outcomes import clinic_outcomes

from .calendar import series
from .decisions import estimates_shown, sign_decision, suggestion_of
from .facts import (
    courses_started,
    current_course,
    instrument_of,
    next_booking,
    protocol_of,
    rule_of,
    signature_in_force,
    titrated,
)
from .models import Booking, Course, Signature
from .orders import signed_order
from .record import core_course
from .registry import registry as clinic_registry
from .registry import sign_weights
from .replay import shadow as run_shadow
from .screen import dosing_context
from .words import put_word, switch_estimate


@allowed(*DECIDES)
@require_GET
def protocols(request: StaffRequest) -> HttpResponse:
    known = [knowledge.protocol(id) for id in knowledge.ids("protocol")]
    shown = [
        (p, signature_in_force(p.id), knowledge.titration(*p.titration) if p.titration else None)
        for p in known
    ]
    context = {"protocols": shown, "estimates_shown": estimates_shown(clock.now())}
    return render(request, "treatment/protocols.html", context)


class LimitsForm(forms.Form):
    """One field for each limit nobody has published."""

    WORDS = {
        "start_hold_systolic_mmhg": ("Do not start above, systolic", "mmHg"),
        "start_hold_diastolic_mmhg": ("Do not start above, diastolic", "mmHg"),
        "during_systolic_mmhg": ("Alarm during the infusion from, systolic", "mmHg"),
        "during_diastolic_mmhg": ("Alarm during the infusion from, diastolic", "mmHg"),
        "during_spo2_below_percent": ("Alarm when SpO₂ is below", "%"),
        "discharge_systolic_mmhg": ("Go home only below, systolic", "mmHg"),
        "discharge_diastolic_mmhg": ("Go home only below, diastolic", "mmHg"),
        "observation_min": ("Observe after the infusion for at least", "min"),
        "vitals_every_min": ("Take vital signs every", "min"),
        "score_fresh_days": ("Decide by no score older than", "days"),
        "score_before_dose_days": ("A score may look back on days before the last dose, at most", "days"),
        "flush_ml": ("Flush the line with", "mL"),
        "counts_as_given_percent": ("A dose counts as given from", "% of the order"),
        "absolute_dose_mg": ("Never more in one session than", "mg"),
        "escalate_after_min": ("Call the prescriber when an alarm stands for", "min"),
        "weight_change_percent": ("Ask the prescriber when weight changed by more than", "%"),
        "tubing_ml": ("Drug left in the line when the bag is empty", "mL"),
        "discharge_spo2_percent": ("Go home only with SpO₂ of at least", "%"),
        "pressure_40_early_min": ("The 40-minute pressure may be early by", "min"),
        "pressure_40_late_min": ("The 40-minute pressure may be late by", "min"),
        "during_systolic_rise_mmhg": ("Alarm when systolic has risen by", "mmHg"),
        "during_pulse_above_per_min": ("Alarm from a pulse of", "/min"),
        "during_pulse_below_per_min": ("Alarm below a pulse of", "/min"),
        "sustained_systolic_mmhg": ("Alarm when two readings stay at or above, systolic", "mmHg"),
        "sustained_apart_min": ("These two readings lie apart by", "min"),
        "during_moaas_below": ("Alarm when MOAA/S is below", "0 to 5"),
        "comfort_at_min": ("Ask for comfort after", "min"),
        "dissociation_at_min": ("Take the CADSS-6 after", "min"),
    }

    def __init__(self, protocol: Protocol, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*protocol.unset_limits, *protocol.optional_limits):
            words, unit = self.WORDS[name]
            optional = name in protocol.optional_limits
            self.fields[name] = forms.DecimalField(
                label=f"{words} ({unit})" + (", may stay empty" if optional else ""),
                required=not optional,
                min_value=Decimal(0 if name in ("tubing_ml", "during_moaas_below") else 1),
                max_value=Decimal(400),
                max_digits=5,
                decimal_places=1,
            )


@allowed(Role.DIRECTOR)
def sign(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """The director reads the protocol, fills in the limits and signs."""
    protocol = knowledge.protocol(protocol_id)
    before = signature_in_force(protocol_id)
    form = LimitsForm(protocol, request.POST or None, initial=before.limits if before else None)
    if request.method == "POST" and form.is_valid():
        Signature.objects.create(
            protocol=protocol.id,
            version=protocol.version,
            limits={name: str(value) for name, value in form.cleaned_data.items() if value is not None},
            signed_by=request.user,
            signed_at=clock.now(),
        )
        return redirect("protocols")
    context = {
        "protocol": protocol,
        "form": form,
        "signature": before,
        "sources": knowledge.sources(),
        "comparisons": attached_to(protocol.id, protocol.version),
    }
    return render(request, "treatment/sign.html", context, status=400 if form.errors else 200)


class PlanForm(forms.Form):
    protocol = forms.ChoiceField(label="Protocol")
    first_at = forms.DateTimeField(
        label="First session (clinic time)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those that can be used come first.
        ids = sorted(knowledge.ids("protocol"), key=lambda id: signature_in_force(id) is None)
        choices = [(id, knowledge.protocol(id).title) for id in ids]
        self.fields["protocol"] = forms.ChoiceField(choices=choices, label="Protocol")


@allowed(*DECIDES, Role.COORDINATOR)
def plan(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Chooses a signed protocol and books the whole series in one act."""
    patient = get_object_or_404(Patient, id=patient_id)
    existing = current_course(patient)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if existing and next_booking(existing):
            return redirect("chart", patient_id=patient.id)  # a second click finds the series booked
        _book(request, patient, form.cleaned_data["protocol"], form.cleaned_data["first_at"])
        return redirect("chart", patient_id=patient.id)
    signatures = {id: signature_in_force(id) for id in knowledge.ids("protocol")}
    context = {"patient": patient, "form": form, "signatures": signatures, "course": existing}
    return render(request, "treatment/plan.html", context, status=400 if form.errors else 200)


def _book(request: StaffRequest, patient: Patient, protocol_id: str, first_at: Any) -> Course:
    signature = signature_in_force(protocol_id)
    protocol = knowledge.protocol(protocol_id)
    if signature is None:
        raise Refused(
            f"{protocol.title} has no signed limits, so it cannot be used. "
            "The medical director can sign it under Protocols."
        )
    if first_at <= clock.now():
        raise Refused("The first session must lie ahead. Choose a later time.")
    if first_at > clock.now() + timedelta(days=365):
        raise Refused("The first session lies more than a year ahead. Check the date.")
    slots = series(protocol, signature.limits, first_at, ZoneInfo(settings.TIME_ZONE))
    course = Course.objects.create(
        patient=patient, signature=signature, planned_by=request.user, planned_at=clock.now()
    )
    Booking.objects.bulk_create(
        Booking(
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


def set_talks(days: Sequence[date]) -> list[Any]:
    """First talks that are set for days around these."""
    first, last = days[0] - timedelta(days=1), days[-1] + timedelta(days=1)
    talks = Inquiry.objects.filter(interview_at__date__range=(first, last), closed_at__isnull=True)
    return list(talks.select_related("patient", "interviewer").order_by("interview_at"))


@allowed(*EVERYONE)
@require_GET
def calendar(request: StaffRequest) -> HttpResponse:
    """The chairs of a week; keys and links move by a week."""
    zone = ZoneInfo(settings.TIME_ZONE)
    try:
        ahead = int(request.GET.get("week", "0"))
    except ValueError as error:
        raise Refused("The week must be a whole number, such as ?week=1 for the next one.") from error
    ahead = max(-520, min(520, ahead))
    today = clock.today(zone)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
    days = [monday + timedelta(days=n) for n in range(7)]
    standing = Booking.objects.filter(off_at__isnull=True)
    bookings = standing.select_related("course__patient", "chair", "nurse").order_by("starts_at")
    by_day: dict[Any, list[Booking]] = {day: [] for day in days}
    for booking in bookings:
        day = booking.starts_at.astimezone(zone).date()
        if day in by_day:
            by_day[day].append(booking)
    found = set_talks(days)
    talks = {day: [t for t in found if t.interview_at.astimezone(zone).date() == day] for day in days}
    context = {
        "days": [(day, booked, talks[day]) for day, booked in by_day.items()],
        "ahead": ahead,
        "today": today,
        "before": ahead - 1,
        "after": ahead + 1,
    }
    return render(request, "treatment/calendar.html", context)


@allowed(*CLINICAL)
@require_GET
def dosing(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Scores over doses on one time line, the suggestion in a sentence, the order spelled out."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        return render(request, "treatment/dosing_empty.html", {"patient": patient})
    protocol, rule = titrated(course), rule_of(course)
    if protocol is None or rule is None:
        return _fixed_dosing(request, patient, course)
    return render(request, "treatment/dosing.html", dosing_context(course, protocol, rule, request.user))


def _fixed_dosing(request: StaffRequest, patient: Patient, course: Course) -> HttpResponse:
    """A product whose dose is not reckoned from a weight: the regimen in words, the doses given, the order."""
    protocol = protocol_of(course)
    booking = next_booking(course)
    devices = protocol.session.devices
    context = {
        "patient": patient,
        "course": course,
        "protocol": protocol,
        "booking": booking,
        "order_in_force": signed_order(booking) if booking else None,
        "suggestion": _said(course) if booking else None,
        "doses": devices.doses_mg if devices else None,
        "alerts": open_alerts(patient),
        "may_decide": request.user.works_as in DECIDES,
        "scores": course_scores(patient)[-3:],
        "held": course.bookings.filter(session__closed_at__isnull=False).count(),
    }
    return render(request, "treatment/dosing_fixed.html", context)


def _said(course: Course) -> Suggestion | None:
    return suggestion_of(course) if rule_of(course) else None


@allowed(*DECIDES)
@require_POST
def word(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Spoke with the patient, cleared a session, another weight basis, the estimate off or on."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        raise Refused("There is no course to write about. Plan one first.")
    put_word(
        course,
        kind=request.POST.get("kind", ""),
        about=request.POST.get("about", ""),
        text=request.POST.get("text", ""),
        by=request.user,
        once=form_id(request),
    )
    return redirect("dosing", patient_id=patient.id)


@allowed(Role.DIRECTOR)
@require_POST
def estimate_switch(request: StaffRequest) -> HttpResponse:
    """Whether the clinic sees the model's estimate at all."""
    switch_estimate(on=request.POST.get("on") == "yes", text=request.POST.get("text", ""), by=request.user)
    return redirect("protocols")


@allowed(*DECIDES)
def registry(request: StaffRequest) -> HttpResponse:
    """What the clinic's courses say about dose and benefit; the director puts it in force."""
    if request.method == "POST":
        sign_weights(by=request.user, reason=request.POST.get("reason", ""))
        return redirect("registry")
    found = clinic_registry()
    answers = [
        (
            h.text,
            found.known[h.id],
            found.in_force[h.id],
            found.suggested[h.id],
            [b.weights[h.id] for b in found.batches],
        )
        for h in knowledge.dose_effect().hypotheses
    ]
    context = {"found": found, "answers": answers, "choices": knowledge.estimate_choices()}
    return render(request, "treatment/registry.html", context)


@allowed(*DECIDES)
@require_GET
def shadow(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """Another rule run silently at every decision so far: where it would have said something else."""
    protocol = knowledge.protocol(protocol_id)
    if protocol.titration is None:
        raise Refused("This protocol has no rule that moves its dose.")
    own = knowledge.titration(*protocol.titration)
    known = [
        knowledge.titration(document.id, document.version)
        for id in knowledge.ids("titration")
        for document in knowledge.history("titration", id)
    ]
    rules = [r for r in known if r.unit == own.unit and (r.id, r.version) != (own.id, own.version)]
    chosen = request.GET.get("rule", "")
    rule = next((r for r in rules if f"{r.id}.v{r.version}" == chosen), None)
    if chosen and rule is None:
        raise Refused("Choose one of the rules in the list.")
    context = {
        "protocol": protocol,
        "own": own,
        "rules": rules,
        "rule": rule,
        "chosen": chosen,
        "result": run_shadow(rule, protocol_id) if rule else None,
    }
    return render(request, "treatment/shadow.html", context)


@allowed(*DECIDES)
@require_POST
def decide(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Accept, change (with a reason) or decline (with a reason)."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    if course is None:
        raise Refused("There is no course to decide for. Plan one first.")
    sign_decision(
        course,
        choice=request.POST.get("choice", ""),
        dose=request.POST.get("dose", ""),
        reason=request.POST.get("reason", "").strip(),
        prn=request.POST.get("prn", "").strip(),
        signed_by=request.user,
        once=form_id(request),
    )
    return redirect("dosing", patient_id=patient.id)


@allowed(*CLINICAL, Role.COORDINATOR)
@require_POST
def ask_score(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Sends the check-in link of the course's instrument."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = current_course(patient)
    ask_for_score(patient, instrument_of(course))
    return redirect("dosing" if request.POST.get("back") == "dosing" else "chart", patient_id=patient.id)


@allowed(*DECIDES)
@require_GET
def outcomes(request: StaffRequest) -> HttpResponse:
    """How many started, how many are counted, response and remission."""
    started = list(courses_started())
    scale = knowledge.scale("phq-9")
    result = clinic_outcomes(scale, [core_course(c) for c in started])
    return render(
        request, "treatment/outcomes.html", {"result": result, "scale": scale, "figures": knowledge.figures()}
    )
