"""Sessions today: the board, and starting a session."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.web.accounts.api import CLINICAL, DECIDES, StaffRequest
from regrow.web.alerts.api import open_alerts
from regrow.web.appointments.api import Appointment
from regrow.web.dosing_sessions.api import (
    board_frame,
    prescribers_on_site,
    rules_of,
    send_home_link,
    similar_today,
    todays_appointments,
)
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.treatment.api import open_session as open_under_order
from regrow.web.treatment.api import order_is_stale, signed_order


@allowed(*CLINICAL)
@require_GET
def sessions_today(request: StaffRequest) -> HttpResponse:
    """Show today's sessions by chair: patient, phase, what is due; updated live."""
    appointments = todays_appointments()
    waiting = []
    for appointment in appointments:
        if not hasattr(appointment, "session"):
            order = signed_order(appointment)
            stale = order_is_stale(order) if order else ()
            waiting.append((appointment, order, stale, similar_today(appointment)))
    context = {
        "waiting": waiting,
        "frame": {"zone": settings.TIME_ZONE, **board_frame(appointments)},
        "here": prescribers_on_site(),
        "am_here": request.user in prescribers_on_site(),
        "decides": request.user.works_as in DECIDES,
        "any": bool(appointments),
    }
    return render(request, "staff/sessions_today.html", context)


@allowed(*CLINICAL)
@require_POST
def open_session(request: StaffRequest, appointment_id: str) -> HttpResponse:
    """Start a session under its signed order."""
    appointment = get_object_or_404(Appointment, id=appointment_id)
    request.about = str(appointment.course.patient_id)
    if hasattr(appointment, "session"):
        return redirect(
            "session", patient_id=appointment.course.patient_id, session_id=appointment.session.id
        )
    if open_alerts(appointment.course.patient):
        raise ActionRefused(
            "A safety alert is open for this patient. A prescriber must resolve it before the session starts."
        )
    session = open_under_order(appointment, by=request.user)
    if rules_of(session).at_home:
        send_home_link(session)
    return redirect("session", patient_id=appointment.course.patient_id, session_id=session.id)
