"""Before the first talk, by link: one question a screen, each saved at its tap. And the consent, read and signed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regrow.knowledge import Drug
from regrow.messaging import screen_message
from regrow.web.accounts.api import ChartRequest
from regrow.web.alerts.api import raise_alert
from regrow.web.assessments.api import (
    BirthDateForm,
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

ANSWERS = [("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes")), ("unsure", gettext_lazy("Not sure"))]
OUTCOMES = [
    ("response", gettext_lazy("It helped")),
    ("partial", gettext_lazy("It helped a little")),
    ("no_response", gettext_lazy("It did not help")),
    ("intolerance", gettext_lazy("I stopped because of side effects")),
    ("still_taking", gettext_lazy("I am taking it now")),
]
ABOUT = ("name", "born", "place", "emergency_name", "emergency_phone")


def _screens() -> Sequence[str]:
    """The screens in their order."""
    return ["about", *(f"q-{c.id}" for c in intake_questions()), "medicines", "helped", "else"]


def _intake(patient: Patient) -> IntakeQuestionnaire:
    intake, _new = IntakeQuestionnaire.objects.get_or_create(
        patient=patient, defaults={"language": patient.language, "started_at": clock.now()}
    )
    return intake


@has_link("intake")
def begin(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Back to the first screen that has no answer."""
    intake = _intake(link.patient)
    if intake.completed_at:
        return render(request, "portal/intake_done.html", {"token": token, **_visit_time(link.patient)})
    done = intake.data.get("done", [])
    place = next((p for p in _screens() if p not in done), _screens()[-1])
    return redirect("intake-step", token=token, place=place)


def _visit_time(patient: Patient) -> dict[str, Any]:
    """When the talk is and where it is held; empty when no time is set."""
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
    """Shortly before: the time, and one button to the video."""
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
    problem = ""
    if request.method == "POST":
        problem = _save_screen(request, link.patient, intake, place)
        if not problem:
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
        "problem": problem,
        "steps": [n <= number for n in range(len(places))],
        "number": number + 1,
        "count": len(places),
        "previous": places[number - 1] if number else "",
        **_shown(link.patient, intake, place),
    }
    return render(request, "portal/intake.html", context, status=400 if problem else 200)


def _shown(patient: Patient, intake: IntakeQuestionnaire, place: str) -> Mapping[str, Any]:
    if place.startswith("q-"):
        criterion = next(c for c in intake_questions() if f"q-{c.id}" == place)
        text = criterion.ask_es if patient.language == "es" else criterion.ask
        return {
            "question": text,
            "answers": ANSWERS,
            "chosen": intake.data.get("health", {}).get(criterion.id),
        }
    if place == "about":
        return {
            "about": intake.data.get("about", {}),
            "born": BirthDateForm(initial=_parts(patient.birth_date)),
            "patient": patient,
        }
    drugs: Sequence[Drug] = sorted(knowledge.antidepressants(), key=lambda d: d.names[0] if d.names else d.id)
    known = intake.data.get("drugs", {})
    if place == "medicines":
        return {"drugs": [(d, d.id in known) for d in drugs]}
    if place == "helped":
        return {"taken": [(d, known[d.id]) for d in drugs if d.id in known], "outcomes": OUTCOMES}
    return {"words": intake.data.get("else", "")}


def _parts(born: date | None) -> dict[str, Any]:
    return {"month": born.month, "day": born.day, "year": born.year} if born else {}


def _save_screen(request: ChartRequest, patient: Patient, intake: IntakeQuestionnaire, place: str) -> str:
    """Keeps one screen. Returns the sentence that says what is missing, or nothing."""
    data, post = dict(intake.data), request.POST
    if place == "about":
        form = BirthDateForm(post)
        born = form.born() if form.is_valid() else None
        name = post.get("name", "").strip()[:200]
        if not name or born is None or born >= clock.clinic_today():
            return _("Please give your name and your date of birth.")
        if patient.birth_date is not None and born != patient.birth_date:
            return _("That is not the date of birth we have. Please look again, or text us.")
        data["about"] = {key: post.get(key, "").strip()[:200] for key in ABOUT if key not in ("name", "born")}
        patient.name, patient.birth_date = name, born
        patient.emergency_name = data["about"]["emergency_name"]
        patient.emergency_phone = data["about"]["emergency_phone"][:40]
        patient.save(update_fields=["name", "birth_date", "emergency_name", "emergency_phone"])
        verify_birth_date(request, patient)
    elif place.startswith("q-"):
        if post.get("answer") not in dict(ANSWERS):
            return _("Please choose one of the answers.")
        data["health"] = {**data.get("health", {}), place.removeprefix("q-"): post["answer"]}
    elif place == "medicines":
        known = {d.id for d in knowledge.antidepressants()}
        before = data.get("drugs", {})
        data["drugs"] = {id: before.get(id, {}) for id in post.getlist("drug") if id in known}
    elif place == "helped":
        data["drugs"] = {
            id: {
                "outcome": outcome if (outcome := post.get(f"{id}-outcome", "")) in dict(OUTCOMES) else "",
                "weeks": weeks if (weeks := post.get(f"{id}-weeks", "").strip()[:4]).isdecimal() else "",
            }
            for id in data.get("drugs", {})
        }
    else:
        data["else"] = post.get("words", "").strip()[:4000]
        if screen_message(data["else"], knowledge.contact()).crisis:
            raise_alert(patient, f"Wrote before the interview: “{data['else'][:200]}”", crisis=True)
    data["done"] = [*dict.fromkeys([*data.get("done", []), place])]
    intake.data = data
    intake.save(update_fields=["data"])
    return ""


def verify_birth_date(request: ChartRequest, patient: Patient) -> None:
    """This device has just given the date of birth: it is not asked again for the person's open links."""
    for id in patient.links.filter(revoked_at__isnull=True).values_list("id", flat=True):
        request.session[f"born {id}"] = True


def _finish(patient: Patient, intake: IntakeQuestionnaire, token: str) -> HttpResponse:
    """The end of the screens is the first check-in: mood and anxiety, as they are before anything is done."""
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
