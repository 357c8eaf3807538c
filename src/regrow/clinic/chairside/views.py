"""The board of chairs, the screen beside the patient, the witness, and what the tablet sends."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.clinic.accounts.models import StaffRequest, User
from regrow.clinic.accounts.roles import CLINICAL, DECIDES
from regrow.clinic.checkin.facts import open_alerts, send_page_link
from regrow.clinic.ledger.facts import offered
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed, form_id, public
from regrow.clinic.site.device import device_of, with_device
from regrow.clinic.treatment.models import Booking
from regrow.clinic.treatment.orders import order_is_stale, signed_order
from regrow.pharmacology import People, step_response, typical
from regrow.session import BadEvent, Kind, SessionOrder, event_as_json, note_of, rules_as_json

from . import live
from .alike import alike_today
from .facts import (
    append,
    author_of,
    event_of,
    prescribers_here,
    rules_of,
    say_presence,
    skew_of,
    state_of,
    take,
)
from .facts import open_session as open_under_order
from .home import SELF, home_of, send_home_link
from .models import Session, SessionEvent

MODEL = "clements-1981"
ESTIMATE_MIN = 12 * 60  # a session that runs longer is drawn without an estimate beyond


def todays_bookings() -> Sequence[Booking]:
    """Today's, and every session that is still open: neither midnight nor a forgotten close takes it off the board."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.combine(clock.today(zone), datetime.min.time(), tzinfo=zone)
    today = Booking.objects.filter(
        Q(starts_at__gte=start, starts_at__lt=start + timedelta(days=1))
        | Q(session__isnull=False, session__closed_at=None),
        off_at__isnull=True,
    )
    return list(
        today.select_related("course__patient", "course__signature", "chair", "nurse", "session").order_by(
            "starts_at"
        )
    )


@allowed(*CLINICAL)
@require_GET
def chairs(request: StaffRequest) -> HttpResponse:
    """Today's chairs: who, which phase, what is due; live without reloading."""
    bookings = todays_bookings()
    waiting = []
    for booking in bookings:
        if not hasattr(booking, "session"):
            order = signed_order(booking)
            stale = order_is_stale(order) if order else ()
            waiting.append((booking, order, stale, alike_today(booking)))
    context = {
        "waiting": waiting,
        "frame": {"zone": settings.TIME_ZONE, **_board(bookings)},
        "here": prescribers_here(),
        "am_here": request.user in prescribers_here(),
        "decides": request.user.works_as in DECIDES,
        "any": bool(bookings),
    }
    return render(request, "chairside/chairs.html", context)


def _board(bookings: Sequence[Booking]) -> dict[str, Any]:
    """What the board needs to fold every session of the day by itself."""
    rules: dict[str, Any] = {}
    tiles = []
    for booking in bookings:
        session = getattr(booking, "session", None)
        if session is None:
            continue
        key = f"{booking.course.signature.protocol}:{booking.course.signature.version}"
        if key not in rules:
            rules[key] = rules_as_json(rules_of(session))
        tiles.append(
            {
                "session": str(session.id),
                "rules": key,
                "chair": booking.chair.name,
                "name": booking.course.patient.name,
                "number": booking.number,
                "nurse": booking.nurse.shown_name,
                "alike": [other.name for other in alike_today(booking)],
                "address": f"/patients/{booking.course.patient_id}/sessions/{session.id}/",
                "events": [_line(stored) for stored in session.events.all()],
            }
        )
    return {"rules": rules, "tiles": tiles, "now": clock.now().timestamp() * 1000}


def _line(stored: SessionEvent) -> dict[str, Any]:
    return {"number": stored.number, **event_as_json(event_of(stored))}


@allowed(*CLINICAL)
@require_GET
def board_log(request: StaffRequest) -> HttpResponse:
    """Everything the board shows, anew: after a gap in the live stream."""
    return JsonResponse(_board(todays_bookings()))


@allowed(*CLINICAL)
@require_GET
def live_stream(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    """Events as they are written: of one session, or of all."""
    session = request.GET.get("session")
    if session and not Session.objects.filter(id__in=[s for s in [session] if len(s) == 36]).exists():
        raise Refused("There is no such session to follow.")
    live.ensure_hearing()
    response = StreamingHttpResponse(live.stream(session), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    patch_cache_control(response, no_cache=True, private=True)
    return response


@allowed(*DECIDES)
@require_POST
def presence(request: StaffRequest) -> HttpResponse:
    """A prescriber says that they are in the clinic, or that they leave."""
    say_presence(request.user, request.POST.get("here") == "yes")
    return redirect("chairs")


@allowed(*CLINICAL)
@require_POST
def open_session(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Opens a session under the signed order; without one it stays shut."""
    booking = get_object_or_404(Booking, id=booking_id)
    request.about = str(booking.course.patient_id)
    if hasattr(booking, "session"):
        return redirect("session", patient_id=booking.course.patient_id, session_id=booking.session.id)
    if open_alerts(booking.course.patient):
        raise Refused(
            "A safety alert is open for this patient. A prescriber closes it with what was done; then it opens."
        )
    session = open_under_order(booking, by=request.user)
    if rules_of(session).at_home:
        send_home_link(session)
    return redirect("session", patient_id=booking.course.patient_id, session_id=session.id)


def _find(patient_id: str, session_id: str) -> Session:
    return get_object_or_404(
        Session.objects.select_related(
            "booking__course__patient", "booking__course__signature", "booking__chair"
        ),
        id=session_id,
        booking__course__patient_id=patient_id,
    )


@allowed(*CLINICAL)
@require_GET
def session(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """The next thing is the largest thing; pause and stop are always in the same place."""
    found = _find(patient_id, session_id)
    patient = found.booking.course.patient
    rules = rules_of(found)
    now = clock.now()
    state = state_of(found, now)
    frame = {
        "session": str(found.id),
        "rules": rules_as_json(rules),
        "events": [_line(stored) for stored in found.events.all()],
        "me": {
            "username": request.user.username,
            "name": request.user.shown_name,
            "role": request.user.role,
            "licence": request.user.licence,
        },
        "names": {u.username: u.shown_name for u in User.objects.all()} | {SELF: patient.name},
        "patient": {"name": patient.name, "mrn": patient.mrn},
        "alike": [other.name for other in alike_today(found.booking)],
        "cabinet": [
            {
                "id": c.id,
                "lot": c.lot,
                "expiry": c.expiry.isoformat(),
                "left_mg": c.left_ug / 1000,
                "single": c.single_dose,
            }
            for c in offered(rules.medicine, str(patient.id), str(found.id))
        ],
        "zone": settings.TIME_ZONE,
        "model": _estimate(state.order) if rules.way == "infusion" else None,
        "address": request.path,
    }
    context = {
        "session": found,
        "patient": patient,
        "state": state,
        "rules": rules,
        "order": state.order,
        "frame": frame,
        "here": prescribers_here(),
        "note": note_of(state, ZoneInfo(settings.TIME_ZONE)),
        "others": alike_today(found.booking),
        "has_form": knowledge.rems_form(rules.medicine, now.date()) is not None,
        "home": home_of(found, state),
    }
    return with_device(request, render(request, "chairside/session.html", context))


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
    stored = found.events.filter(number__gt=int(after) if after.isdecimal() else 0)
    return JsonResponse({"events": [_line(e) for e in stored], "now": clock.now().timestamp() * 1000})


@allowed(*CLINICAL)
@require_GET
def session_note(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """The note in prose, as plain text."""
    state = state_of(_find(patient_id, session_id), clock.now())
    text = note_of(state, ZoneInfo(settings.TIME_ZONE))
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
    taken = take(found, lines, author=author_of(request.user), device=device_of(request), skew_ms=skew_ms)
    if handed_over and before is None and not any(t.refused for t in taken):
        send_page_link(found.booking.course.patient)
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
    told = [_line(e) for e in stored]
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
    if request.method == "POST":
        found = get_object_or_404(Session, id=request.POST.get("session", ""))
        request.about = str(found.booking.course.patient_id)
        once = form_id(request)
        (taken,) = take(
            found,
            [
                {
                    "id": once,
                    "kind": "witness",
                    "data": {"waste": request.POST.get("waste", "")},
                    "device_time": clock.now().isoformat(),
                }
            ],
            author=author_of(request.user),
            device=device_of(request),
        )
        if taken.refused:
            raise Refused(" ".join(r.text for r in taken.refused))
        return redirect("witness")
    waiting = []
    for found in Session.objects.filter(closed_at__isnull=True).select_related(
        "booking__chair", "booking__course__patient", "booking__course__signature"
    ):
        for entry in state_of(found, clock.now()).unwitnessed:
            waiting.append((found, entry, entry.event.author == request.user.username))
    return with_device(request, render(request, "chairside/witness.html", {"waiting": waiting}))


@allowed(*DECIDES)
@require_POST
def override(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """A prescriber overrides a gate, with a reason that stays in the log."""
    found = _find(patient_id, session_id)
    data = {"rule": request.POST.get("rule", ""), "reason": request.POST.get("reason", "").strip()}
    append(found, "override", data, author=request.user)
    return redirect("session", patient_id=patient_id, session_id=session_id)


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The tablet's service worker: served from the top, so that it may answer for the chair's pages."""
    path = finders.find("chairside/worker.js")
    assert isinstance(path, str)  # it ships with this desk
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        response = HttpResponse(file.read(), content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    patch_cache_control(response, no_cache=True)
    return response
