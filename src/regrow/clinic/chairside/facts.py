"""What other desks may ask of a session, and how an event gets into its log."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regrow import knowledge
from regrow.clinic.accounts.models import User
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.clinic.treatment.orders import limits_of, session_order
from regrow.course import GivenDose
from regrow.knowledge import Limits, Protocol
from regrow.session import Event, Kind, SessionOrder, SessionState, fold, read_event, refusal

from .models import Session, SessionEvent

if TYPE_CHECKING:
    from regrow.clinic.chart.models import Patient
    from regrow.clinic.treatment.models import Course


def frame_of(session: Session) -> tuple[Protocol, Limits, SessionOrder]:
    """What a session runs under: protocol, signed limits, signed order."""
    signature = session.booking.course.signature
    return (
        knowledge.protocol(signature.protocol, signature.version),
        limits_of(signature),
        session_order(session.decision),
    )


def events_of(session: Session) -> Sequence[Event]:
    return [
        Event(str(e.id), Kind(e.kind), e.device_time, e.server_time, e.author, e.data)
        for e in session.events.all()
    ]


def state_of(session: Session, at: datetime) -> SessionState:
    protocol, limits, order = frame_of(session)
    return fold(protocol, limits, order, events_of(session), at=at)


def append(
    session: Session,
    kind: str,
    data: Mapping[str, Any],
    *,
    author: User,
    once: str | None = None,
    device_time: datetime | None = None,
) -> SessionEvent:
    """One event more. Sent twice it is kept once. Raises `Refused` or `BadEvent`."""
    now = clock.now()
    id = uuid.UUID(once) if once else uuid.uuid4()
    known = SessionEvent.objects.filter(id=id).first()
    if known is not None:
        return known
    event = read_event(Event(str(id), Kind(kind), device_time or now, now, author.username, data))
    protocol, limits, _ = frame_of(session)
    refused = refusal(protocol, limits, state_of(session, event.device_time), event)
    if refused:
        raise Refused(refused)
    saved = SessionEvent.objects.create(
        id=id,
        session=session,
        kind=event.kind.value,
        device_time=event.device_time,
        server_time=now,
        author=author.username,
        data=dict(event.data),
    )
    if event.kind is Kind.DISCHARGE:
        session.closed_at = event.device_time
        session.save()
    return saved


def given_doses(course: "Course") -> Sequence[GivenDose]:
    """The closed sessions of a course as the engines read them."""
    doses = []
    sessions = Session.objects.filter(booking__course=course, closed_at__isnull=False).select_related(
        "booking__course__signature", "decision"
    )
    for session in sessions.prefetch_related("events"):
        assert session.closed_at is not None  # by the filter
        state = state_of(session, session.closed_at)
        _, _, order = frame_of(session)
        if state.ended_at is None:
            continue
        discharge = [e for e in events_of(session) if e.kind is Kind.DISCHARGE]
        doses.append(
            GivenDose(
                session_id=str(session.id),
                ended_at=state.ended_at,
                ordered_mg_per_kg=order.mg_per_kg,
                delivered_mg=state.delivered_mg_shown(),
                delivered_percent=state.delivered_percent(order),
                tolerated=bool(discharge[-1].data.get("tolerated", True)) if discharge else True,
            )
        )
    return doses


def last_ended(patient: "Patient") -> datetime | None:
    """The end of the latest infusion, closed session or not."""
    ends = []
    for session in Session.objects.filter(booking__course__patient=patient).select_related(
        "booking__course__signature", "decision"
    ):
        ended_at = state_of(session, clock.now()).ended_at
        if ended_at:
            ends.append(ended_at)
    return max(ends, default=None)
