"""The board of chairs, the screen beside the patient, the witness, and what the tablet sends."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from regrow.pharmacology import People, step_response, typical
from regrow.session import BadEvent, Kind, SessionOrder, note_of, rules_as_json
from regrow.web.accounts.api import CLINICAL, DECIDES, StaffRequest, User
from regrow.web.assessments.api import send_portal_link
from regrow.web.ledger.api import containers_offered
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed, form_id, public
from regrow.web.platform.content import knowledge
from regrow.web.platform.device_id import device_of, with_device
from regrow.web.platform.forms import sent_with

from . import live_updates
from .at_home import SELF, home_of
from .board import log_line
from .forms import OverrideForm, WitnessForm
from .models import DosingSession
from .services import (
    CLOCK_TOLERANCE_MS,
    append,
    author_of,
    current_state,
    ingest,
    prescribers_on_site,
    record_presence,
    rules_of,
    skew_of,
)
from .similar_names import similar_today

MODEL = "clements-1981"
ESTIMATE_MIN = 12 * 60  # a session that runs longer is drawn without an estimate beyond


@allowed(*CLINICAL)
@require_GET
def live_stream(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    """Events as they are written: of one session, or of all."""
    session = request.GET.get("session")
    if session and not DosingSession.objects.filter(id__in=[s for s in [session] if len(s) == 36]).exists():
        raise ActionRefused("No open session has this address.")
    live_updates.ensure_listening()
    response = StreamingHttpResponse(live_updates.stream(session), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    patch_cache_control(response, no_cache=True, private=True)
    return response


@allowed(*DECIDES)
@require_POST
def presence(request: StaffRequest) -> HttpResponse:
    """A prescriber says that they are in the clinic, or that they leave."""
    record_presence(request.user, sent_with(request, "here", "yes") is not None)
    return redirect("sessions")


def _find(patient_id: str, session_id: str) -> DosingSession:
    return get_object_or_404(
        DosingSession.objects.select_related(
            "appointment__course__patient", "appointment__course__signature", "appointment__chair"
        ),
        id=session_id,
        appointment__course__patient_id=patient_id,
    )


@allowed(*CLINICAL)
@require_GET
def session(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """The next thing is the largest thing; pause and stop are always in the same place."""
    return _page(request, _find(patient_id, session_id))


def _page(request: StaffRequest, found: DosingSession, failed: OverrideForm | None = None) -> HttpResponse:
    """The screen beside the patient. `failed` is an override that could not be saved."""
    patient = found.appointment.course.patient
    rules = rules_of(found)
    now = clock.now()
    state = current_state(found)
    frame = {
        "session": str(found.id),
        "rules": rules_as_json(rules),
        "events": [log_line(stored) for stored in found.events.all()],
        "me": {
            "username": request.user.username,
            "name": request.user.shown_name,
            "role": request.user.role,
            "licence": request.user.license_number,
        },
        "names": {u.username: u.shown_name for u in User.objects.all()} | {SELF: patient.name},
        "patient": {"name": patient.name, "mrn": patient.mrn},
        "alike": [other.name for other in similar_today(found.appointment)],
        "cabinet": [
            {
                "id": c.id,
                "lot": c.lot,
                "expiry": c.expiry.isoformat(),
                "left_mg": c.left_ug / 1000,
                "single": c.single_dose,
            }
            for c in containers_offered(rules.medicine, str(patient.id), str(found.id))
        ],
        "zone": settings.TIME_ZONE,
        "model": _estimate(state.order) if rules.way == "infusion" else None,
        "address": reverse("session", args=[patient.id, found.id]),
        "clock_tolerance_ms": CLOCK_TOLERANCE_MS,
    }
    context = {
        "session": found,
        "patient": patient,
        "state": state,
        "rules": rules,
        "order": state.order,
        "frame": frame,
        "here": prescribers_on_site(),
        "note": note_of(state, clock.clinic_zone()),
        "others": similar_today(found.appointment),
        "has_form": knowledge.rems_form(rules.medicine, clock.clinic_day(now)) is not None,
        "home": home_of(found, state),
        "failed": failed,
    }
    status = failed.status if failed else 200
    return with_device(request, render(request, "dosing_sessions/session.html", context, status=status))


def _estimate(order: SessionOrder | None) -> Mapping[str, Any] | None:
    """What the tablet draws its estimate from, with no network: the model's answer to 1 mg/min, as a table."""
    if order is None or order.weight_kg is None:
        return None
    model = knowledge.model(MODEL)
    subject = typical(model, People.one(float(order.weight_kg)))
    table = step_response(subject, until_min=ESTIMATE_MIN)
    return {
        "title": model.title,
        "site": table.site,
        "every_min": table.every_min,
        "response": table.ng_per_ml,
    }


@allowed(*CLINICAL)
@require_GET
def session_log(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """The log from a number on: after a gap in the live stream, or for a second tablet."""
    found = _find(patient_id, session_id)
    after = request.GET.get("after", "0")
    stored = found.events.filter(number__gt=int(after) if after.isdecimal() and len(after) < 10 else 0)
    return JsonResponse({"events": [log_line(e) for e in stored], "now": clock.now().timestamp() * 1000})


@allowed(*CLINICAL)
@require_GET
def session_note(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """The note in prose, as plain text."""
    state = current_state(_find(patient_id, session_id))
    text = note_of(state, clock.clinic_zone())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@allowed(*CLINICAL)
@require_POST
def add_events(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """What a tablet sends: events in their order, each kept once."""
    found = _find(patient_id, session_id)
    body = _body(request)
    lines = body.get("events")
    if not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
        raise BadEvent('Send {"events": […]}, each event an object; `regrow schema session-event` says how.')
    sent_at = _moment(body.get("sent_at"))
    measured = body.get("offset_ms")
    if measured is not None and not isinstance(measured, int):
        raise BadEvent("`offset_ms` is a whole number: the server's clock less the device's, as measured")
    before = found.closed_at
    handed_over = any(line.get("kind") == Kind.HANDOVER for line in lines)
    skew_ms = skew_of(clock.now(), sent_at, measured)
    taken = ingest(found, lines, author=author_of(request.user), device=device_of(request), skew_ms=skew_ms)
    if handed_over and before is None and not any(t.refused for t in taken):
        send_portal_link(found.appointment.course.patient)
    answer = [
        {
            "id": t.id,
            "number": t.number,
            "refused": [{"rule": r.rule, "force": r.force, "text": r.text} for r in t.refused],
        }
        for t in taken
    ]
    numbers = [t.number for t in taken if t.number is not None]
    stored = found.events.filter(number__in=numbers)
    told = [log_line(e) for e in stored]
    return JsonResponse({"taken": answer, "events": told, "now": clock.now().timestamp() * 1000})


def _moment(text: object) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadEvent("`sent_at` is the device's own clock, such as 2026-11-24T15:00:00Z") from error
    if moment.tzinfo is None:
        raise BadEvent("`sent_at` needs a zone, such as 2026-11-24T15:00:00Z")
    return moment


def _body(request: HttpRequest) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException) as error:
        raise BadEvent("This is not JSON. Load the page again and send it once more.") from error
    if not isinstance(body, Mapping):
        raise BadEvent("Send an object with `events`.")
    return body


@allowed(*CLINICAL)
def witness(request: StaffRequest) -> HttpResponse:
    """The second person confirms a waste, signed in as themselves on a device of their own."""
    form = WitnessForm(request.POST if request.method == "POST" else None)
    once = form_id(request)
    if form.submit(lambda data: _witness(request, data["session"], data["waste"], once)):
        return redirect("witness")
    waiting = []
    for found in DosingSession.objects.filter(closed_at__isnull=True).select_related(
        "appointment__chair", "appointment__course__patient", "appointment__course__signature"
    ):
        for entry in current_state(found).unwitnessed:
            waiting.append((found, entry, entry.event.author == request.user.username))
    context = {"waiting": waiting, "form": form}
    return with_device(request, render(request, "dosing_sessions/witness.html", context, status=form.status))


def _witness(request: StaffRequest, found: DosingSession, waste: str, once: str | None) -> None:
    request.about = str(found.appointment.course.patient_id)
    line = {"id": once, "kind": "witness", "data": {"waste": waste}, "device_time": clock.now().isoformat()}
    (taken,) = ingest(found, [line], author=author_of(request.user), device=device_of(request))
    if taken.refused:
        raise ActionRefused(" ".join(r.text for r in taken.refused))


@allowed(*DECIDES)
@require_POST
def override(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """A prescriber overrides a gate, with a reason that stays in the log."""
    found = _find(patient_id, session_id)
    form = OverrideForm(request.POST)
    if form.submit(lambda data: append(found, "override", data, author=request.user)):
        return redirect("session", patient_id=patient_id, session_id=session_id)
    return _page(request, found, form)


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The tablet's service worker: served from the top, so that it may answer for the chair's pages."""
    path = finders.find("dosing_sessions/worker.js")
    assert isinstance(path, str)  # it ships with this desk
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        response = HttpResponse(file.read(), content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    patch_cache_control(response, no_cache=True)
    return response
