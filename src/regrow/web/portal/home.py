"""The patient's page: next appointment, preparation and progress; after a session, the aftercare plan."""

from collections.abc import Mapping, Sequence
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
from regrow.web.treatment.api import aftercare_window

from .aftercare import aftercare_plan
from .forms import AftercarePlanForm
from .models import AftercarePlan, PlanShare
from .progress_chart import progress_chart
from .sharing import notify_changed


@has_link("page")
@require_GET
def page(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Show the page."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    own = aftercare_plan(patient)
    chosen = own.get("choices", {})
    course = current_course(patient)
    sittings = upcoming(course) if course else []
    soon = bool(sittings) and sittings[0].starts_at - clock.now() < knowledge.contact().pace.page_switches
    context = {
        "token": token,
        "patient": patient,
        "plan": plan,
        "steps": [(step, chosen.get(step.id, [])) for step in plan.steps],
        # The day before the next session, the page shows that one.
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
    """Return what to do with each medication on the day; empty without any in the chart."""
    chart, rules = chart_of(patient), knowledge.candidacy_rules()
    if not chart.medicines:
        return ()
    found = assess_eligibility(chart, rules, on=clock.clinic_today())
    return medicines_before(chart, rules, found, protocol_of(course).route)


def wants_card(patient: Patient) -> bool:
    """Whether to ask for an insurance card photo: insurance may pay, and none was sent."""
    last = patient.milestones.filter(kind="determined").last()
    paid = last is not None and last.text in ("spravato", "either")
    return paid and not InsuranceCardPhoto.objects.filter(patient=patient).exists()


@has_link("page")
def edit_aftercare_plan(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Edit the aftercare plan, the ride home and an intention, before the session."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    own = aftercare_plan(patient)
    posted = request.POST if request.method == "POST" else None
    form = AftercarePlanForm(plan, posted, initial=AftercarePlanForm.initial_of(plan, own))
    if form.is_bound:
        _screen_journal(patient, form.typed())
    if form.submit(lambda data: _save_plan(patient, own, form.plan())):
        return redirect("my-page", token=token)
    context = {"token": token, "form": form}
    return render(request, "portal/aftercare_plan.html", context, status=form.status)


def _save_plan(patient: Patient, before: Mapping[str, Any], plan: dict[str, Any]) -> None:
    if plan != before:
        AftercarePlan.objects.create(patient=patient, data=plan, at=clock.now())
        notify_changed(patient)


def _screen_journal(patient: Patient, words: str) -> None:
    """Screen a journal entry, which staff do not read at night, for crisis words."""
    if screen_message(words, knowledge.contact()).crisis and not SafetyAlert.objects.filter(
        patient=patient, is_crisis=True, resolved_at=None
    ):
        raise_alert(patient, f"Wrote on the patient page: “{words[:200]}”", crisis=True)


@has_link("page")
@require_POST
def request_call(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    if not SafetyAlert.objects.filter(
        patient=link.patient, text__startswith="Asked to be called", resolved_at=None
    ).exists():
        raise_alert(link.patient, "Asked to be called, on the patient page")
    return render(request, "portal/call_requested.html", {"token": token})
