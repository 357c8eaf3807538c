"""The person's own page: what is next, what to bring and to do, how it has gone; after a session the days after."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.candidacy import MedicineBefore, determine, medicines_before
from regrow.clinic.accounts.models import ChartRequest
from regrow.clinic.chart.facts import chart_of
from regrow.clinic.chart.models import Patient
from regrow.clinic.payer_desk.models import CardPhoto
from regrow.clinic.site import clock
from regrow.clinic.site.figures import plain_figures
from regrow.clinic.treatment.facts import current_course, instrument_of, protocol_of, upcoming, window_of
from regrow.clinic.treatment.feeds import feed_address
from regrow.clinic.treatment.models import Course
from regrow.contact import heard

from .curve import own_curve
from .facts import own_plan, raise_alert, times_before
from .intake import consent_in_force
from .links import holds_link
from .models import Alert, Link, OwnPlan, Sharing
from .share import tell_changed


@holds_link("page")
@require_GET
def page(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """The person's own page: what is next and what to bring; after a session the window, their plan, driving."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    own = own_plan(patient)
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
        "window": None if soon else window_of(patient),
        "own": own,
        "next": sittings[0] if sittings else None,
        "sittings": sittings,
        "times": times_before(patient, sittings[0].starts_at) if sittings else (),
        "brings": settings.CLINIC.brings_es if patient.language == "es" else settings.CLINIC.brings,
        "feed": feed_address("person", str(patient.id)),
        "consented": consent_in_force(patient) is not None,
        "medicines": _medicines(patient, course) if course and sittings else (),
        "wants_card": wants_card(patient),
        "curve": own_curve(patient, instrument_of(course)) if course else None,
        "sharing": Sharing.objects.filter(patient=patient, ended_at__isnull=True).last(),
    }
    return render(request, "checkin/page.html", context)


def _medicines(patient: Patient, course: Course) -> Sequence[MedicineBefore]:
    """What to do with each on the day; nothing before the chart holds any."""
    chart, rules = chart_of(patient), knowledge.candidacy_rules()
    if not chart.medicines:
        return ()
    found = determine(chart, rules, on=clock.today(ZoneInfo(settings.TIME_ZONE)))
    return medicines_before(chart, rules, found, protocol_of(course).route)


def wants_card(patient: Patient) -> bool:
    """A plan may pay, and no photo of the card has come yet."""
    last = patient.milestones.filter(kind="determined").last()
    paid = last is not None and last.text in ("spravato", "either")
    return paid and not CardPhoto.objects.filter(patient=patient).exists()


@holds_link("page")
def choose(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """What somebody chooses for the days after, who takes them home, and a line of their own: before the session."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    own = own_plan(patient)
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
            OwnPlan.objects.create(patient=patient, data=data, at=clock.now())
            tell_changed(patient)
        _hear(patient, data)
        return redirect("patient-page", token=token)
    chosen = own.get("choices", {})
    steps = [
        (
            step,
            [(text, text in chosen.get(step.id, [])) for text in map(plain_figures, step.choices)],
            next((t for t in chosen.get(step.id, []) if t not in map(plain_figures, step.choices)), ""),
        )
        for step in plan.steps
    ]
    return render(request, "checkin/choose.html", {"token": token, "steps": steps, "own": own})


def _hear(patient: Patient, data: dict[str, Any]) -> None:
    """A journal is read by nobody at night; words of danger in it are heard all the same."""
    words = " ".join(
        [data["intention"], data["ride"], *(t for texts in data["choices"].values() for t in texts)]
    )
    if heard(words, knowledge.contact()).crisis and not Alert.objects.filter(
        patient=patient, crisis=True, closed_at=None
    ):
        raise_alert(patient, f"Wrote on their own page: “{words[:200]}”", crisis=True)


@holds_link("page")
@require_POST
def call_me(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    if not Alert.objects.filter(
        patient=link.patient, text__startswith="Asked to be called", closed_at=None
    ).exists():
        raise_alert(link.patient, "Asked to be called, from their own page")
    return render(request, "checkin/called.html", {"token": token})
