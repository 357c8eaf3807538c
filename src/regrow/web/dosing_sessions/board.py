"""The board of today's sessions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from regrow.session import event_as_json, rules_as_json
from regrow.web.accounts.api import CLINICAL, StaffRequest
from regrow.web.appointments.api import Appointment
from regrow.web.platform import clock
from regrow.web.platform.access import allowed

from .models import SessionEvent
from .services import CLOCK_TOLERANCE_MS, event_of, rules_of
from .similar_names import similar_today


def todays_appointments() -> Sequence[Appointment]:
    """Return today's appointments and every open session: neither midnight nor a forgotten close removes one."""
    zone = clock.clinic_zone()
    start = datetime.combine(clock.clinic_today(), datetime.min.time(), tzinfo=zone)
    today = Appointment.objects.filter(
        Q(starts_at__gte=start, starts_at__lt=start + timedelta(days=1))
        | Q(session__isnull=False, session__closed_at=None),
        canceled_at__isnull=True,
    )
    return list(
        today.select_related("course__patient", "course__signature", "chair", "nurse", "session").order_by(
            "starts_at"
        )
    )


def board_frame(appointments: Sequence[Appointment]) -> dict[str, Any]:
    """Return the data from which the browser computes every session of the day."""
    rules: dict[str, Any] = {}
    tiles = []
    for appointment in appointments:
        session = getattr(appointment, "session", None)
        if session is None:
            continue
        key = f"{appointment.course.signature.file_id}:{appointment.course.signature.version}"
        if key not in rules:
            rules[key] = rules_as_json(rules_of(session))
        tiles.append(
            {
                "session": str(session.id),
                "rules": key,
                "chair": appointment.chair.name,
                "name": appointment.course.patient.name,
                "number": appointment.number,
                "nurse": appointment.nurse.shown_name,
                "alike": [other.name for other in similar_today(appointment)],
                "address": f"/patients/{appointment.course.patient_id}/sessions/{session.id}/",
                "events": [log_line(stored) for stored in session.events.all()],
            }
        )
    return {
        "rules": rules,
        "tiles": tiles,
        "now": clock.now().timestamp() * 1000,
        "clock_tolerance_ms": CLOCK_TOLERANCE_MS,
    }


def log_line(stored: SessionEvent) -> dict[str, Any]:
    return {"number": stored.number, **event_as_json(event_of(stored))}


@allowed(*CLINICAL)
@require_GET
def sessions_log(request: StaffRequest) -> HttpResponse:
    """Return all events of the board, after a gap in the live stream."""
    return JsonResponse(board_frame(todays_appointments()))
