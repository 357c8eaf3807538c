"""Session logs: create sessions, store events, read administered doses."""

import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q

from regrow.course import AdministeredDose
from regrow.knowledge import SessionRules
from regrow.session import (
    BadEvent,
    Kind,
    LogEvent,
    Refusal,
    SessionState,
    administered_dose,
    event_as_json,
    event_from_json,
    fold,
    read_event,
    refusals_of,
)
from regrow.web.accounts.api import User
from regrow.web.appointments.api import Appointment
from regrow.web.courses.api import Course
from regrow.web.ledger.api import MOVES, record_session_use, refusal_to_draw
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge

from . import live_updates
from .models import DosingSession, SessionEvent, StaffPresence

# A device clock off by less than this counts as right: the network alone takes as long.
CLOCK_TOLERANCE_MS = 1500
SLOWEST_NETWORK_MS = 20_000  # a device stops waiting before that
# Created by the server or a screen of its own, never accepted from a device.
NOT_FROM_A_TABLET = frozenset({Kind.ORDER, Kind.PRESENCE})


@dataclass(frozen=True)
class Author:
    """The author of an entry, as named in the log: staff or a monitor."""

    name: str
    licence: str = ""
    role: str = ""


def author_of(user: User) -> Author:
    return Author(user.username, user.license_number, _role(user))


@dataclass(frozen=True)
class IngestResult:
    """The result of one uploaded event: stored with its number, or refused with reasons."""

    id: str
    number: int | None
    refused: Sequence[Refusal] = ()


def rules_of(session: DosingSession) -> SessionRules:
    """Return the session's rules: the signed protocol version."""
    signature = session.appointment.course.signature
    return knowledge.session_rules(signature.file_id, signature.version)


# The last parsed logs by session: (number, event). The log only grows, so a cached log is valid while its last entry
# exists (not after a rolled-back transaction).
_logs: OrderedDict[uuid.UUID, Sequence[tuple[int, LogEvent]]] = OrderedDict()
LOG_CACHE_SIZE = 64


def events_of(session: DosingSession) -> Sequence[LogEvent]:
    """Return the log in order of arrival; only new entries are read."""
    if "events" in getattr(session, "_prefetched_objects_cache", {}):
        return [event_of(stored) for stored in session.events.all()]
    known = _logs.get(session.id, ())
    if known:
        fresh = _numbered(session.events.filter(number__gte=known[-1][0]))
        known, fresh = (known, fresh[1:]) if fresh[:1] == [known[-1]] else ((), fresh)
    if not known:
        fresh = _numbered(session.events.all())
    log = (*known, *fresh) if fresh else known
    _logs.pop(session.id, None)
    _logs[session.id] = log
    while len(_logs) > LOG_CACHE_SIZE:
        _logs.popitem(last=False)
    return [event for _, event in log]


def _numbered(stored: Iterable[SessionEvent]) -> list[tuple[int, LogEvent]]:
    return [(one.number, event_of(one)) for one in stored]


def event_of(stored: SessionEvent) -> LogEvent:
    return LogEvent(
        id=str(stored.id),
        kind=Kind(stored.kind),
        device_time=stored.device_time,
        server_time=stored.server_time,
        author=stored.author,
        data=stored.data,
        licence=stored.licence,
        role=stored.role,
        device=stored.device,
        seq=stored.seq,
        happened_at=stored.happened_at,
        skew_ms=stored.skew_ms,
    )


def current_state(session: DosingSession) -> SessionState:
    """The state now. Every stored event counts, also one whose time a server clock that was put back has not reached."""
    newest = max((event.at for event in events_of(session)), default=clock.now())
    return state_of(session, max(clock.now(), newest))


def state_of(session: DosingSession, at: datetime) -> SessionState:
    return fold(rules_of(session), events_of(session), at=at)


def start_session(
    appointment: Appointment,
    order: Mapping[str, Any],
    *,
    decision_id: uuid.UUID,
    ordered_by: User,
    by: User,
    id: uuid.UUID | None = None,
) -> DosingSession:
    """Create the session of an appointment; its log begins with the order and who is on site.

    Args:
        order: data of the `order` event, with protocol, version and signed limits.
        decision_id: the dose decision that the order comes from; one session each.
    """
    session = DosingSession.objects.create(
        id=id or uuid.uuid4(),
        appointment=appointment,
        decision_id=decision_id,
        opened_by=by,
        opened_at=clock.now(),
    )
    persist(session, Kind.ORDER, order, author=ordered_by)
    for who in prescribers_on_site():
        persist(session, Kind.PRESENCE, {"who": who.username, "here": True}, author=who)
    return session


def persist(session: DosingSession, kind: Kind, data: Mapping[str, Any], *, author: User) -> SessionEvent:
    """Store an entry made by the server, now. Raises `BadEvent`."""
    now = clock.now()
    made = LogEvent(
        str(uuid.uuid4()),
        kind,
        now,
        now,
        author.username,
        data,
        licence=author.license_number,
        role=_role(author),
    )
    return _append(session, read_event(made, rules_of(session)))


def skew_of(now: datetime, sent_at: datetime | None, measured_ms: int | None) -> int:
    """Return how far a device's clock is behind the server's, in ms; 0 within the tolerance.

    `sent_at` alone cannot separate a wrong clock from a slow network. The device's own measurement (`measured_ms`) is
    used where the difference may be the network's.
    """
    if sent_at is None:
        return 0
    skew = round((now - sent_at).total_seconds() * 1000)
    if measured_ms is not None and -CLOCK_TOLERANCE_MS <= skew - measured_ms <= SLOWEST_NETWORK_MS:
        skew = measured_ms
    return skew if abs(skew) > CLOCK_TOLERANCE_MS else 0


def ingest(
    session: DosingSession,
    lines: Sequence[Mapping[str, Any]],
    *,
    author: Author,
    device: str = "",
    skew_ms: int = 0,
) -> Sequence[IngestResult]:
    """Store uploaded events in order; idempotent by event id.

    What a device recorded offline has happened: it is stored even against a rule, and the state shows it (`breaches`).
    Raises `BadEvent` for an invalid line.
    """
    DosingSession.objects.select_for_update().get(id=session.id)  # one writer per session
    now = clock.now()
    rules = rules_of(session)
    answers = []
    for line in lines:
        about = {"server_time": now.isoformat(), "skew_ms": skew_ms, "device": device}
        who = {"author": author.name, "licence": author.licence, "role": author.role}
        event = event_from_json({**line, **who, **about})
        try:
            uuid.UUID(event.id)
        except ValueError as error:
            raise BadEvent("the id of an event is a UUID made where it was entered") from error
        if event.kind in NOT_FROM_A_TABLET:
            raise BadEvent(f"an event of the kind {event.kind.value} has a screen of its own")
        event = read_event(event, rules)
        known = SessionEvent.objects.filter(id=event.id).first()
        if known is not None:
            answers.append(IngestResult(event.id, known.number))
            continue
        against = [*refusals_of(rules, events_of(session), event), *_inventory_refusals(session, event)]
        if against and not line.get("kept"):
            answers.append(IngestResult(event.id, None, against))
            continue
        answers.append(IngestResult(event.id, _append(session, event).number))
    return answers


def _inventory_refusals(session: DosingSession, event: LogEvent) -> Sequence[Refusal]:
    """Return the custody rules' refusals to draw from a container."""
    if event.kind is not Kind.DRAW:
        return ()
    against = refusal_to_draw(str(session.id), str(session.appointment.course.patient_id), event.data)
    return (Refusal("cabinet", "hard", against),) if against else ()


def append(session: DosingSession, kind: str, data: Mapping[str, Any], *, author: User, **more: Any) -> None:
    """Store one entry through the rules. Raises `ActionRefused` with all refusals."""
    line = {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "data": data,
        "device_time": clock.now().isoformat(),
        **more,
    }
    (taken,) = ingest(session, [line], author=author_of(author))
    if taken.refused:
        raise ActionRefused(" ".join(refusal.text for refusal in taken.refused))


def _append(session: DosingSession, event: LogEvent) -> SessionEvent:
    last = session.events.order_by("-number").values_list("number", flat=True).first() or 0
    kept = SessionEvent.objects.create(
        id=event.id,
        number=last + 1,
        session=session,
        kind=event.kind.value,
        device_time=event.device_time,
        server_time=event.server_time,
        happened_at=event.happened_at,
        skew_ms=event.skew_ms,
        author=event.author,
        licence=event.licence,
        role=event.role,
        device=event.device,
        seq=event.seq,
        data=dict(event.data),
    )
    if event.kind is Kind.CLOSE:
        session.closed_at = event.at
        session.save()
    if event.kind in MOVES:
        patient = str(session.appointment.course.patient_id)
        record_session_use(
            str(session.id),
            patient,
            current_state(session),
            by=User.objects.get(username=event.author),
        )
    told = {"number": kept.number, **event_as_json(event)}
    transaction.on_commit(lambda: live_updates.publish(session.id, told))
    return kept


def _role(user: User) -> str:
    return user.role if user.role in ("nurse", "prescriber", "director") else ""


# Prescribers on site


def prescribers_on_site() -> Sequence[User]:
    """Return the prescribers who are on site by their last statement."""
    here: dict[int, User] = {}
    for row in StaffPresence.objects.select_related("staff"):
        if row.present:
            here[row.staff_id] = row.staff
        else:
            here.pop(row.staff_id, None)
    return list(here.values())


def record_presence(user: User, here: bool) -> None:
    """Record presence for the clinic and in every open session."""
    StaffPresence.objects.create(staff=user, present=here, at=clock.now())
    for session in DosingSession.objects.filter(closed_at__isnull=True):
        persist(session, Kind.PRESENCE, {"who": user.username, "here": here}, author=user)


# Queries for other apps


def administered_doses(course: Course, at: datetime) -> Sequence[AdministeredDose]:
    """Return the doses of a course's finished sessions, as recorded by a moment."""
    known = Q(events__server_time__lte=at)
    sessions = (
        DosingSession.objects.filter(appointment__course=course)
        .select_related("appointment__course__signature")
        .annotate(known=Count("events", filter=known), last=Max("events__number", filter=known))
        .filter(known__gt=0)
    )
    return [found for session in sessions if (found := _dose_of(session, at)) is not None]


def _dose_of(session: Any, at: datetime) -> AdministeredDose | None:
    """Return the dose of a closed log, cached; only a new entry changes it."""
    closed = session.closed_at if session.closed_at is not None and session.closed_at <= at else None
    key = (str(session.id), session.known, session.last)
    if closed and (kept := _doses.get(key)) is not None:
        return kept[0]
    log = [event_of(row) for row in session.events.filter(server_time__lte=at)]
    found = administered_dose(str(session.id), fold(rules_of(session), log, at=closed or at))
    if closed:
        _doses[key] = (found,)
        if len(_doses) > DOSE_CACHE_SIZE:
            _doses.clear()  # folded again when asked for; several threads may be here at once
    return found


# Doses of closed sessions, keyed by session, entry count and last entry.
_doses: dict[tuple[str, int, int], tuple[AdministeredDose | None]] = {}
DOSE_CACHE_SIZE = 5000


def last_ended(patient: Patient) -> datetime | None:
    """Return the end of the latest dose, in a closed or open session."""
    ends = []
    for session in DosingSession.objects.filter(appointment__course__patient=patient).select_related(
        "appointment__course__signature"
    ):
        ended_at = current_state(session).ended_at
        if ended_at:
            ends.append(ended_at)
    return max(ends, default=None)
