"""At-home sessions on the patient's phone: location, measurements, and a call button for the nurse.

The patient's entries join the session log as theirs. The nurse, by video, runs the session on the session page.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regrow.knowledge import HomeRules
from regrow.session import BadEvent, Kind, SessionState
from regrow.web.accounts.api import ChartRequest
from regrow.web.alerts.api import raise_alert
from regrow.web.assessments.api import SecureLink, has_link, make_link
from regrow.web.conversations.api import send
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, form_id
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import ServiceForm, sent_with

from .forms import LOOK_AGAIN, HomePlaceForm, HomeVitalsForm
from .models import DosingSession
from .services import Author, ingest, rules_of, state_of

SELF = "self"  # author of an entry made by the patient
HELP = "asks-for-help"
FIELDS: Mapping[str, Sequence[str]] = {
    "pressure": ("systolic_mmhg", "diastolic_mmhg"),
    "pulse_per_min": ("pulse_per_min",),
    "spo2_percent": ("spo2_percent",),
}


@dataclass(frozen=True)
class Home:
    """At-home data on the nurse's screen."""

    rules: HomeRules
    place: str
    video: str


def send_home_link(session: DosingSession) -> None:
    """Send the session's page as it starts; the link ends with the day."""
    patient = session.appointment.course.patient
    _link, token = make_link(patient, "home")
    send(patient, "home-session", link=f"/h/{token}/", key=f"home {session.id}")


def home_of(session: DosingSession, state: SessionState) -> Home | None:
    """Return None for a session in the clinic."""
    signature = session.appointment.course.signature
    rules = knowledge.protocol(signature.file_id, signature.version).home
    if rules is None:
        return None
    return Home(rules, _place(state), settings.CLINIC.video_link)


def _place(state: SessionState) -> str:
    """Return the location the patient entered last."""
    told = [e for e in state.of(Kind.CHECK) if e.data["check"] == "location" and e.data.get("note")]
    return str(told[-1].data["note"]) if told else ""


def _session(link: SecureLink) -> DosingSession | None:
    """Return the patient's open at-home session, or the last one."""
    sessions = DosingSession.objects.filter(appointment__course__patient=link.patient).order_by("-opened_at")
    found = next(iter(sessions.select_related("appointment__course__signature", "appointment__nurse")), None)
    return found if found and rules_of(found).at_home else None


@has_link("home")
def page(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    return _show(request, link, token)


def _show(
    request: ChartRequest,
    link: SecureLink,
    token: str,
    failed: ServiceForm | None = None,
    called: bool = False,
) -> HttpResponse:
    """The page. `failed` is the form that could not be saved; `called` says that the clinic was alerted."""
    session = _session(link)
    if session is None:
        return render(request, "assessments/link_expired.html", status=404)
    now = clock.now()
    state = state_of(session, now)
    home = home_of(session, state)
    assert home is not None  # an at-home session by the query above
    last = next(iter(reversed(state.vitals)), None)
    context = {
        "token": token,
        "state": state,
        "over": state.phase in ("discharged", "left_against_advice", "closed"),
        "place": home.place,
        "video": home.video,
        "nurse": session.appointment.nurse.shown_name,
        "vitals_form": failed if isinstance(failed, HomeVitalsForm) else HomeVitalsForm(_vitals(home.rules)),
        "place_form": failed
        if isinstance(failed, HomePlaceForm)
        else HomePlaceForm(initial={"place": home.place}),
        "failed": failed,
        "called": called,
        "last": last,
        "due_at": state.vitals_due_at,
        "stop": [rule.plain.get(link.patient.language, rule.plain["en"]) for rule in home.rules.stop],
        "asked": any(e.data["symptom"] == HELP and not e.data.get("resolved") for e in _own(state)),
        "once": uuid.uuid4(),
    }
    return render(request, "dosing_sessions/at_home.html", context, status=failed.status if failed else 200)


def _vitals(rules: HomeRules) -> list[str]:
    return [name for sign in rules.signs for name in FIELDS[sign]]


def _own(state: SessionState) -> Sequence[Any]:
    """Return the patient's own symptom entries, the newest of each kind."""
    newest = {e.data["symptom"]: e for e in state.of(Kind.SYMPTOM)}
    return list(newest.values())


@has_link("home")
@require_POST
def say(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Record one entry of the patient: location, measurement, or a request for the nurse."""
    session = _session(link)
    if session is None:
        return render(request, "assessments/link_expired.html", status=404)
    once = form_id(request) or str(uuid.uuid4())
    if sent_with(request, "say", "help"):
        if session.closed_at is not None:
            raise_alert(link.patient, "Asked for help after their session at home", crisis=True)
            return _show(request, link, token, called=True)
        # A request for help is recorded even if a rule refuses other entries.
        ingest(
            session,
            [_line(once, "symptom", {"symptom": HELP, "severity": 5}) | {"kept": True}],
            author=Author(SELF),
        )
        return redirect("home-session", token=token)
    form: ServiceForm
    if sent_with(request, "say", "place"):
        form = place = HomePlaceForm(request.POST)
        kind, read = "check", lambda: {"check": "location", "note": place.cleaned_data["place"]}
    else:
        form = vitals = HomeVitalsForm(_vitals(_home_rules(session)), request.POST)
        kind, read = "vital", vitals.entered_values
    if form.submit(lambda _data: _record(session, _line(once, kind, read()))):
        return redirect("home-session", token=token)
    return _show(request, link, token, form)


def _line(id: str, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": id, "kind": kind, "data": data, "device_time": clock.now().isoformat()}


def _home_rules(session: DosingSession) -> HomeRules:
    home = home_of(session, state_of(session, clock.now()))
    assert home is not None  # found as one at home
    return home.rules


def _record(session: DosingSession, line: Mapping[str, Any]) -> None:
    """Add one entry of the patient's. Raises `ValidationError` for wrong numbers, `ActionRefused` if it is not time."""
    try:
        (taken,) = ingest(session, [line], author=Author(SELF))
    except BadEvent as mistake:
        raise ValidationError(LOOK_AGAIN) from mistake
    if taken.refused:
        raise ActionRefused(
            _("This can't be recorded right now. Your nurse will tell you when. You can also call us.")
        )
