"""The intake form: one question per screen, each saved at its tap."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from regrow.messaging import screen_message
from regrow.web.accounts.api import ChartRequest
from regrow.web.alerts.api import raise_alert
from regrow.web.assessments.api import (
    IntakeQuestionnaire,
    QuestionnaireResponse,
    SecureLink,
    has_link,
    intake_questions,
    send_questionnaire,
)
from regrow.web.conversations.api import inquiry_of
from regrow.web.courses.api import current_course, instrument_of
from regrow.web.patients.api import Milestone, Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import locked, writing
from regrow.web.platform.forms import ServiceForm

from .forms import AboutYouForm, AnythingElseForm, DrugResponseForm, DrugsTakenForm, IntakeQuestionForm


def _screens() -> Sequence[str]:
    """Return the screens in order."""
    return ["about", *(f"q-{c.id}" for c in intake_questions()), "medicines", "helped", "else"]


def _intake(patient: Patient) -> IntakeQuestionnaire:
    begun = IntakeQuestionnaire.objects.filter(patient=patient).first()
    if begun is not None:
        return begun
    with writing():
        intake, _new = IntakeQuestionnaire.objects.get_or_create(
            patient=patient, defaults={"language": patient.language, "started_at": clock.now()}
        )
    return intake


@has_link("intake")
def begin(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Redirect to the first screen without an answer."""
    intake = _intake(link.patient)
    if intake.completed_at:
        return render(request, "portal/intake_done.html", {"token": token, **_visit_time(link.patient)})
    done = intake.data.get("done", [])
    place = next((p for p in _screens() if p not in done), _screens()[-1])
    return redirect("intake-step", token=token, place=place)


def _visit_time(patient: Patient) -> dict[str, Any]:
    """Return the visit's time and link; empty when no time is set."""
    inquiry = inquiry_of(patient)
    if inquiry is None or inquiry.interview_at is None:
        return {}
    length = timedelta(minutes=settings.CLINIC.interview_min)
    who = inquiry.interviewer
    return {
        "talk_at": inquiry.interview_at,
        "talk_with": who.shown_name if who else "",
        "talk_over": inquiry.interview_at + 2 * length < clock.now(),
        "video": inquiry.video_link or settings.CLINIC.video_link,
    }


@has_link("intake")
def video_visit(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Show the time and the video button, shortly before the visit."""
    intake = IntakeQuestionnaire.objects.filter(patient=link.patient).first()
    context = {
        "token": token,
        "told": intake is not None and intake.completed_at is not None,
        **_visit_time(link.patient),
    }
    return render(request, "portal/video_visit.html", context)


@has_link("intake")
def step(request: ChartRequest, link: SecureLink, token: str, place: str) -> HttpResponse:
    places = list(_screens())
    if place not in places:
        raise Http404
    intake = _intake(link.patient)
    if intake.completed_at:
        return redirect("intake", token=token)
    form = _form(place, request.POST if request.method == "POST" else None, link.patient, intake)
    if isinstance(form, AnythingElseForm) and form.is_bound:
        _screen_words(link.patient, str(form["words"].value() or ""))
    if form.submit(lambda data: _save(request, link.patient, intake, place, form)):
        after = places[places.index(place) + 1 :]
        if place == "medicines" and not intake.data.get("drugs"):
            after = after[1:]
        if not after:
            return _finish(link.patient, intake, token)
        return redirect("intake-step", token=token, place=after[0])
    number = places.index(place)
    context = {
        "token": token,
        "place": place,
        "form": form,
        "steps": [n <= number for n in range(len(places))],
        "number": number + 1,
        "count": len(places),
        "previous": places[number - 1] if number else "",
    }
    if isinstance(form, IntakeQuestionForm):
        spanish = link.patient.language == "es"
        context["question"] = form.criterion.ask_es if spanish else form.criterion.ask
    return render(request, "portal/intake.html", context, status=form.status)


def _form(place: str, post: QueryDict | None, patient: Patient, intake: IntakeQuestionnaire) -> ServiceForm:
    """The form of one screen, filled with what is stored."""
    data = intake.data
    if place.startswith("q-"):
        criterion = next(c for c in intake_questions() if f"q-{c.id}" == place)
        return IntakeQuestionForm(
            criterion, post, initial={"answer": data.get("health", {}).get(criterion.id)}
        )
    if place == "about":
        stored = {"name": patient.name, **_parts(patient.birth_date), **data.get("about", {})}
        return AboutYouForm(patient, post, initial=stored)
    drugs = sorted(knowledge.antidepressants(), key=lambda d: d.names[0] if d.names else d.id)
    known = data.get("drugs", {})
    if place == "medicines":
        return DrugsTakenForm(drugs, post, initial={"drug": list(known)})
    if place == "helped":
        told = {f"{id}-{name}": value for id, each in known.items() for name, value in each.items()}
        return DrugResponseForm([d for d in drugs if d.id in known], post, initial=told)
    return AnythingElseForm(post, initial={"words": data.get("else", "")})


def _parts(born: date | None) -> dict[str, Any]:
    return {"month": born.month, "day": born.day, "year": born.year} if born else {}


def _save(
    request: ChartRequest, patient: Patient, intake: IntakeQuestionnaire, place: str, form: ServiceForm
) -> None:
    """Store the answers of one screen."""
    data, given = (
        dict(locked(intake).data),
        form.cleaned_data,
    )  # another device may have saved a screen
    if isinstance(form, AboutYouForm):
        data["about"] = {key: given[key] for key in ("place", "emergency_name", "emergency_phone")}
        patient.name, patient.birth_date = given["name"], given["born"]
        patient.emergency_name, patient.emergency_phone = given["emergency_name"], given["emergency_phone"]
        patient.save(update_fields=["name", "birth_date", "emergency_name", "emergency_phone"])
        verify_birth_date(request, patient)
    elif isinstance(form, IntakeQuestionForm):
        data["health"] = {**data.get("health", {}), form.criterion.id: given["answer"]}
    elif isinstance(form, DrugsTakenForm):
        before = data.get("drugs", {})
        data["drugs"] = {id: before.get(id, {}) for id in given["drug"]}
    elif isinstance(form, DrugResponseForm):
        data["drugs"] = form.by_drug()
    else:
        data["else"] = given["words"]
    data["done"] = [*dict.fromkeys([*data.get("done", []), place])]
    intake.data = data
    intake.save(update_fields=["data"])


def _screen_words(patient: Patient, text: str) -> None:
    """Raise an alert for crisis language, also in a text that could not be saved."""
    if screen_message(text, knowledge.contact()).crisis:
        raise_alert(patient, f"Wrote before the interview: “{text[:200]}”", crisis=True)


def verify_birth_date(request: ChartRequest, patient: Patient) -> None:
    """Mark the device as verified for the patient's open links."""
    for id in patient.links.filter(revoked_at__isnull=True).values_list("id", flat=True):
        request.session[f"born {id}"] = True


def _finish(patient: Patient, intake: IntakeQuestionnaire, token: str) -> HttpResponse:
    """Complete the form and continue with the first check-in (mood and anxiety at baseline)."""
    if locked(intake).completed_at:
        return redirect("intake", token=token)
    intake.completed_at = clock.now()
    intake.save(update_fields=["completed_at"])
    Milestone.objects.create(patient=patient, kind="intake_completed", at=clock.now())
    course = current_course(patient)
    wanted = [instrument_of(course), "gad-7"]
    fresh = QuestionnaireResponse.objects.filter(
        patient=patient, instrument__in=wanted, completed_at__isnull=False
    )
    missing = [w for w in wanted if not fresh.filter(instrument=w).exists()]
    if missing:
        send_questionnaire(patient, missing, message="checkin")
    return redirect("intake", token=token)
