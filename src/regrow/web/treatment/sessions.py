"""Start a session under its signed order."""

import uuid

from regrow.session import read_order, unfit_order
from regrow.web.accounts.api import User
from regrow.web.appointments.api import Appointment
from regrow.web.dosing_sessions.api import DosingSession, similar_today, start_session
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge

from .orders import order_event_data, order_is_stale, signed_order


def open_session(appointment: Appointment, *, by: User, id: uuid.UUID | None = None) -> DosingSession:
    """Start a session; the signed order is the first entry of its log. Raises `ActionRefused`."""
    decision = signed_order(appointment)
    if decision is None:
        raise ActionRefused("No signed order for this session. The prescriber can sign one under Dosing.")
    stale = order_is_stale(decision)
    if stale:
        raise ActionRefused(" ".join(stale))
    data = {
        **order_event_data(decision),
        "name_alike": bool(similar_today(appointment)),
        "title": appointment.chair.name,
    }
    signature = appointment.course.signature
    unfit = unfit_order(
        read_order("order", data), knowledge.session_rules(signature.file_id, signature.version)
    )
    if unfit:
        raise ActionRefused(unfit)
    return start_session(
        appointment, data, decision_id=decision.id, ordered_by=decision.signed_by, by=by, id=id
    )
