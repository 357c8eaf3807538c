"""Sessions of a database as if they had been run: their logs hold what the dose of a course is read from."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from regrow.session import Kind
from regrow.web.platform.content import knowledge

from .session_logs import START, VITALS, Log

LASTS = timedelta(minutes=125)  # from opening to closing


def give(decision: Any, *, nurse: Any, at: datetime, tolerated: bool = True) -> Any:
    """The session of a signed decision, opened at `at`, given in full."""
    from regrow.web.dosing_sessions.models import DosingSession, SessionEvent
    from regrow.web.treatment.orders import order_event_data

    session = DosingSession.objects.create(
        appointment=decision.appointment,
        decision_id=decision.id,
        opened_by=nurse,
        opened_at=at,
        closed_at=at + LASTS,
    )
    minutes = int(decision.order["minutes"])
    log = Log(knowledge.session_rules("iv-weekly-6"), **order_event_data(decision)).ready()
    log.add(0, Kind.START).add(20, Kind.VITAL, **VITALS | {"systolic_mmhg": 149})
    if not tolerated:
        log.add(25, Kind.SYMPTOM, symptom="vomiting", severity=4)
    log.add(minutes, Kind.COMPLETE).well(88)
    log.add(90, Kind.HANDOVER, name="Ana, sister", tolerated=tolerated).add(95, Kind.CLOSE)
    for number, event in enumerate(log.events, 1):
        moment = event.server_time - START + at + timedelta(minutes=30)
        SessionEvent.objects.create(
            id=uuid.uuid4(),
            session=session,
            number=number,
            kind=event.kind.value,
            data=dict(event.data),
            device_time=moment,
            server_time=moment,
            author=event.author,
            role=event.role,
            licence=event.licence,
        )
    return session
