"""Before the first talk, by link: one question a screen, each saved at its tap. And the consent, read and signed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regrow import knowledge
from regrow.clinic.accounts.models import ChartRequest
from regrow.clinic.chairside.models import Session
from regrow.clinic.chart.models import Patient
from regrow.clinic.frontdesk.facts import inquiry_of
from regrow.clinic.frontdesk.models import Milestone
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.clinic.site.figures import plain_figures
from regrow.clinic.treatment.facts import current_course, instrument_of
from regrow.contact import heard
from regrow.knowledge import Consent, Criterion, Drug

from .facts import ask, raise_alert
from .links import BornForm, holds_link
from .models import AnswerSheet, ConsentSigned, Intake, Link

ANSWERS = [("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes")), ("unsure", gettext_lazy("Not sure"))]
OUTCOMES = [
    ("response", gettext_lazy("It helped")),
    ("partial", gettext_lazy("It helped a little")),
    ("no_response", gettext_lazy("It did not help")),
    ("intolerance", gettext_lazy("I stopped because of side effects")),
    ("still_taking", gettext_lazy("I am taking it now")),
]
CONSENT = "treatment"
ABOUT = ("name", "born", "place", "emergency_name", "emergency_phone")


def questions() -> Sequence[Criterion]:
    """What is asked of everybody; a date of birth answers some of it."""
    return [
        c for c in knowledge.candidacy_rules().criteria if not c.absent_unless_found and c.id not in _BY_BIRTH
    ]


_BY_BIRTH = ("older", "under-18")


def _places() -> Sequence[str]:
    """The screens in their order."""
    return ["about", *(f"q-{c.id}" for c in questions()), "medicines", "helped", "else"]


def _intake(patient: Patient) -> Intake:
    intake, _new = Intake.objects.get_or_create(
        patient=patient, defaults={"language": patient.language, "begun_at": clock.now()}
    )
    return intake


@holds_link("intake")
def begin(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """Back to the first screen that has no answer."""
    intake = _intake(link.patient)
    if intake.finished_at:
        return render(request, "checkin/intake_done.html", {"token": token, **_talk_of(link.patient)})
    done = intake.data.get("done", [])
    place = next((p for p in _places() if p not in done), _places()[-1])
    return redirect("intake-step", token=token, place=place)


def _talk_of(patient: Patient) -> dict[str, Any]:
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


@holds_link("intake")
def talk(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """Shortly before: the time, and one button to the video."""
    intake = Intake.objects.filter(patient=link.patient).first()
    context = {
        "token": token,
        "told": intake is not None and intake.finished_at is not None,
        **_talk_of(link.patient),
    }
    return render(request, "checkin/talk.html", context)


@holds_link("intake")
def step(request: ChartRequest, link: Link, token: str, place: str) -> HttpResponse:
    places = list(_places())
    if place not in places:
        raise Http404
    intake = _intake(link.patient)
    if intake.finished_at:
        return redirect("intake", token=token)
    problem = ""
    if request.method == "POST":
        problem = _take(request, link.patient, intake, place)
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
    return render(request, "checkin/intake.html", context, status=400 if problem else 200)


def _shown(patient: Patient, intake: Intake, place: str) -> Mapping[str, Any]:
    if place.startswith("q-"):
        criterion = next(c for c in questions() if f"q-{c.id}" == place)
        text = criterion.ask_es if patient.language == "es" else criterion.ask
        return {
            "question": text,
            "answers": ANSWERS,
            "chosen": intake.data.get("health", {}).get(criterion.id),
        }
    if place == "about":
        return {
            "about": intake.data.get("about", {}),
            "born": BornForm(initial=_parts(patient.born)),
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


def _take(request: ChartRequest, patient: Patient, intake: Intake, place: str) -> str:
    """Keeps one screen. Returns the sentence that says what is missing, or nothing."""
    data, post = dict(intake.data), request.POST
    if place == "about":
        form = BornForm(post)
        born = form.born() if form.is_valid() else None
        name = post.get("name", "").strip()[:200]
        if not name or born is None or born >= clock.now().date():
            return _("Please give your name and your date of birth.")
        if patient.born is not None and born != patient.born:
            return _("That is not the date of birth we have. Please look again, or text us.")
        data["about"] = {key: post.get(key, "").strip()[:200] for key in ABOUT if key not in ("name", "born")}
        patient.name, patient.born = name, born
        patient.emergency_name = data["about"]["emergency_name"]
        patient.emergency_phone = data["about"]["emergency_phone"][:40]
        patient.save(update_fields=["name", "born", "emergency_name", "emergency_phone"])
        link_born(request, patient)
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
        if heard(data["else"], knowledge.contact()).crisis:
            raise_alert(patient, f"Wrote before the interview: “{data['else'][:200]}”", crisis=True)
    data["done"] = [*dict.fromkeys([*data.get("done", []), place])]
    intake.data = data
    intake.save(update_fields=["data"])
    return ""


def link_born(request: ChartRequest, patient: Patient) -> None:
    """This device has just given the date of birth: it is not asked again for the person's open links."""
    for id in patient.links.filter(ended_at__isnull=True).values_list("id", flat=True):
        request.session[f"born {id}"] = True


def _finish(patient: Patient, intake: Intake, token: str) -> HttpResponse:
    """The end of the screens is the first check-in: mood and anxiety, as they are before anything is done."""
    intake.finished_at = clock.now()
    intake.save(update_fields=["finished_at"])
    Milestone.objects.create(patient=patient, kind="told", at=clock.now())
    course = current_course(patient)
    wanted = [instrument_of(course), "gad-7"]
    fresh = AnswerSheet.objects.filter(patient=patient, instrument__in=wanted, finished_at__isnull=False)
    missing = [w for w in wanted if not fresh.filter(instrument=w).exists()]
    if missing:
        ask(patient, missing, message="checkin")
    return redirect("intake", token=token)


@holds_link("page")
def consent(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """The consent to read, and to sign by one's own name; never while a session is open."""
    patient, text = link.patient, knowledge.consent(CONSENT)
    words = text.texts[patient.language if patient.language in text.texts else "en"]
    signed = patient.consents.filter(consent=text.id, version=text.version).last()
    problem = ""
    if request.method == "POST" and signed is None:
        if Session.objects.filter(booking__course__patient=patient, closed_at__isnull=True).exists():
            raise Refused(_("Not today: nothing is signed on the day of a session. It waits for you here."))
        name = " ".join(request.POST.get("name", "").split())[:200]
        if name.casefold() != " ".join(patient.name.split()).casefold():
            problem = _("Please write your name as we have it: %(name)s.") % {"name": patient.name}
        elif request.POST.get("agree") != "yes":
            problem = _("Please tick the sentence if you agree. If you do not, ask us to call you.")
        else:
            _sign(patient, text, name)
            return redirect("consent", token=token)
    context = {
        "token": token,
        "words": words,
        "sections": [(title, plain_figures(body)) for title, body in words.sections],
        "text": text,
        "signed": signed,
        "problem": problem,
        "patient": patient,
    }
    return render(request, "checkin/consent.html", context, status=400 if problem else 200)


def _sign(patient: Patient, text: Consent, name: str) -> None:
    language = patient.language if patient.language in text.texts else "en"
    words = text.texts[language]
    whole = "\n".join([words.title, *(f"{t}\n{b}" for t, b in words.sections), words.agree])
    try:
        with transaction.atomic():
            ConsentSigned.objects.create(
                patient=patient,
                consent=text.id,
                version=text.version,
                language=language,
                text_hash=hashlib.sha256(whole.encode()).hexdigest(),
                name=name,
                at=clock.now(),
            )
    except IntegrityError:  # pragma: no cover - a second tap at the same moment
        return


@dataclass(frozen=True)
class Told:
    """What somebody told before the interview, as the prescriber reads it beside the questions."""

    place: str
    yes: Sequence[str]
    unsure: Sequence[str]
    drugs: Sequence[tuple[str, str, str]]  # id, outcome, weeks
    words: str
    finished: bool


def told_before(patient: Patient) -> Told | None:
    """In the prescriber's language, whatever the person's; None when nothing was told."""
    intake = Intake.objects.filter(patient=patient).first()
    if intake is None:
        return None
    health = intake.data.get("health", {})
    asked = {c.id: c.ask for c in questions()}
    return Told(
        place=intake.data.get("about", {}).get("place", ""),
        yes=[asked[id] for id, answer in health.items() if answer == "yes" and id in asked],
        unsure=[asked[id] for id, answer in health.items() if answer == "unsure" and id in asked],
        drugs=[
            (id, drug.get("outcome", ""), drug.get("weeks", ""))
            for id, drug in intake.data.get("drugs", {}).items()
        ],
        words=intake.data.get("else", ""),
        finished=intake.finished_at is not None,
    )


def consent_in_force(patient: Patient) -> ConsentSigned | None:
    """The signature under the consent's version in force, if there is one."""
    text = knowledge.consent(CONSENT)
    return patient.consents.filter(consent=text.id, version=text.version).last()
