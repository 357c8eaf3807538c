"""The person's own page: what is next, what to bring and to do, how it has gone; after a session the days after."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.eligibility import MedicineBefore, assess_eligibility, medicines_before
from regrow.messaging import screen_message
from regrow.web.accounts.api import ChartRequest
from regrow.web.alerts.api import SafetyAlert, raise_alert
from regrow.web.appointments.api import fasting_times, feed_url, upcoming
from regrow.web.assessments.api import SecureLink, has_link
from regrow.web.billing.api import InsuranceCardPhoto
from regrow.web.courses.api import Course, current_course, instrument_of, protocol_of
from regrow.web.patients.api import Patient, chart_of, consent_in_force
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.evidence_figures import plain_figures
from regrow.web.treatment.api import aftercare_window

from .aftercare import aftercare_plan
from .models import AftercarePlan, PlanShare
from .progress_chart import progress_chart
from .sharing import notify_changed


@has_link("page")
@require_GET
def page(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """The person's own page: what is next and what to bring; after a session the window, their plan, driving."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    own = aftercare_plan(patient)
    chosen = own.get("choices", {})
    course = current_course(patient)
    sittings = upcoming(course) if course else []
    soon = bool(sittings) and sittings[0].starts_at - clock.now() < knowledge.contact().pace.page_turns
    context = {
        "token": token,
        "patient": patient,
        "plan": plan,
        "steps": [(step, chosen.get(step.id, [])) for step in plan.steps],
        # The day before the next session the page is about that one.
        "window": None if soon else aftercare_window(patient),
        "own": own,
        "next": sittings[0] if sittings else None,
        "sittings": sittings,
        "times": fasting_times(patient, sittings[0].starts_at) if sittings else (),
        "brings": settings.CLINIC.brings_es if patient.language == "es" else settings.CLINIC.brings,
        "feed": feed_url("person", str(patient.id)),
        "consented": consent_in_force(patient) is not None,
        "medicines": _medicines(patient, course) if course and sittings else (),
        "wants_card": wants_card(patient),
        "curve": progress_chart(patient, instrument_of(course)) if course else None,
        "sharing": PlanShare.objects.filter(patient=patient, ended_at__isnull=True).last(),
    }
    return render(request, "portal/home.html", context)


def _medicines(patient: Patient, course: Course) -> Sequence[MedicineBefore]:
    """What to do with each on the day; nothing before the chart holds any."""
    chart, rules = chart_of(patient), knowledge.candidacy_rules()
    if not chart.medicines:
        return ()
    found = assess_eligibility(chart, rules, on=clock.clinic_today())
    return medicines_before(chart, rules, found, protocol_of(course).route)


def wants_card(patient: Patient) -> bool:
    """A plan may pay, and no photo of the card has come yet."""
    last = patient.milestones.filter(kind="determined").last()
    paid = last is not None and last.text in ("spravato", "either")
    return paid and not InsuranceCardPhoto.objects.filter(patient=patient).exists()


@has_link("page")
def edit_aftercare_plan(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """What somebody chooses for the days after, who takes them home, and a line of their own: before the session."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    own = aftercare_plan(patient)
    if request.method == "POST":
        data = {
            "choices": {
                step.id: [
                    text.strip()[:200]
                    for text in [*request.POST.getlist(step.id), request.POST.get(f"{step.id}-own", "")]
                    if text.strip()
                ]
                for step in plan.steps
            },
            "ride": request.POST.get("ride", "").strip()[:100],
            "intention": request.POST.get("intention", "").strip()[:300],
        }
        if data != own:
            AftercarePlan.objects.create(patient=patient, data=data, at=clock.now())
            notify_changed(patient)
        _screen_journal(patient, data)
        return redirect("my-page", token=token)
    chosen = own.get("choices", {})
    steps = [
        (
            step,
            [(text, text in chosen.get(step.id, [])) for text in map(plain_figures, step.choices)],
            next((t for t in chosen.get(step.id, []) if t not in map(plain_figures, step.choices)), ""),
        )
        for step in plan.steps
    ]
    return render(request, "portal/aftercare_plan.html", {"token": token, "steps": steps, "own": own})


def _screen_journal(patient: Patient, data: dict[str, Any]) -> None:
    """A journal is read by nobody at night; words of danger in it are heard all the same."""
    words = " ".join(
        [data["intention"], data["ride"], *(t for texts in data["choices"].values() for t in texts)]
    )
    if screen_message(words, knowledge.contact()).crisis and not SafetyAlert.objects.filter(
        patient=patient, is_crisis=True, resolved_at=None
    ):
        raise_alert(patient, f"Wrote on their own page: “{words[:200]}”", crisis=True)


@has_link("page")
@require_POST
def request_call(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    if not SafetyAlert.objects.filter(
        patient=link.patient, text__startswith="Asked to be called", resolved_at=None
    ).exists():
        raise_alert(link.patient, "Asked to be called, from their own page")
    return render(request, "portal/call_requested.html", {"token": token})
