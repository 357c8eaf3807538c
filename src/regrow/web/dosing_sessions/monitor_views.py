"""Where monitors send to, and where a nurse pairs one with a chair."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from regrow.interop import BadMessage, MonitorMessage, acknowledgement, outcome, read_observations, read_oru
from regrow.web.accounts.api import CLINICAL, MachineRequest, StaffRequest
from regrow.web.platform import clock
from regrow.web.platform.access import allowed, by_key
from regrow.web.platform.content import knowledge

from .models import DosingSession, Monitor
from .monitors import last_messages, offered, pair, receive, unpair

PROBLEM_SHOWN = timedelta(minutes=2)


@by_key
@require_POST
def hl7(request: MachineRequest) -> HttpResponse:
    """An ORU^R01 over HTTP; the answer is its ACK. 200 for AA, 422 for AE, 400 for AR."""
    text = request.body.decode("utf-8", "replace")
    mistake = _save_message(request, lambda: read_oru(text, knowledge.monitor(), clock.clinic_zone()))
    return HttpResponse(
        acknowledgement(text, now=clock.now(), mistake=mistake),
        content_type="application/hl7-v2; charset=utf-8",
        status=_status(mistake),
    )


@by_key
@require_POST
def fhir(request: MachineRequest) -> HttpResponse:
    """An Observation or a Bundle of them; the answer is an OperationOutcome."""
    mistake = _save_message(request, lambda: read_observations(_resource(request), knowledge.monitor()))
    return JsonResponse(outcome(mistake), status=_status(mistake), content_type="application/fhir+json")


def _save_message(request: MachineRequest, read: Callable[[], MonitorMessage]) -> BadMessage | None:
    """Parse and save a message. A rejected message saves only its error text."""
    try:
        message = read()
    except BadMessage as mistake:
        return mistake
    try:
        with transaction.atomic():
            pairing, kept = receive(message)
    except BadMessage as mistake:
        last_messages(message, str(mistake))
        return mistake
    last_messages(message)
    if kept:
        request.about = str(pairing.session.appointment.course.patient_id)
    return None


def _status(mistake: BadMessage | None) -> int:
    if mistake is None:
        return 200
    return 400 if mistake.rejected else 422


def _resource(request: HttpRequest) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, Mapping) else {}


@allowed(*CLINICAL)
@require_http_methods(["GET", "POST"])
def monitors(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """The monitors heard lately; by POST the nurse pairs one with this chair, or lets it go."""
    session = get_object_or_404(DosingSession, id=session_id, appointment__course__patient_id=patient_id)
    if request.method == "POST":
        device = request.POST.get("device", "")
        if device:
            pair(session, device, by=request.user)
        else:
            unpair(session)
    rows = [
        {
            "device": monitor.device,
            "heard_s": round((clock.now() - monitor.last_seen_at).total_seconds()),
            "last_message": monitor.last_message,
            "here": pairing is not None and pairing.session_id == session.id,
            "elsewhere": pairing.session.appointment.chair.name
            if pairing and pairing.session_id != session.id
            else "",
            "problem": _problem(monitor) if pairing and pairing.session_id == session.id else "",
        }
        for monitor, pairing in offered()
    ]
    return JsonResponse({"monitors": rows})


def _problem(monitor: Monitor) -> str:
    """Why the last messages of a monitor were not taken; "" when that is past."""
    since = clock.now() - monitor.problem_at if monitor.problem_at else None
    return monitor.problem if since is not None and since < PROBLEM_SHOWN else ""
