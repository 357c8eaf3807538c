"""What other desks may ask of a session, and how an event gets into its log."""

import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q

from regrow import knowledge
from regrow.clinic.accounts.models import User
from regrow.clinic.chart.models import Patient
from regrow.clinic.ledger.facts import MOVES, follow, refusal_to_draw
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.clinic.treatment.models import Booking, Course
from regrow.clinic.treatment.orders import order_event_data, order_is_stale, signed_order
from regrow.course import GivenDose
from regrow.knowledge import SessionRules
from regrow.session import (
    BadEvent,
    Event,
    Kind,
    Refusal,
    SessionState,
    event_as_json,
    event_from_json,
    fold,
    given_dose,
    read_event,
    read_order,
    refusals_of,
    unfit_order,
)

from . import live
from .alike import alike_today
from .models import Presence, Session, SessionEvent

# A tablet's clock that is off by less than this is taken as right: the network alone takes as long.
CLOCK_TOLERANCE_MS = 1500
SLOWEST_NETWORK_MS = 20_000  # a tablet gives up waiting before that
# Written by the site itself or by a screen of its own, never taken from a tablet as it comes.
NOT_FROM_A_TABLET = frozenset({Kind.ORDER, Kind.PRESENCE})


@dataclass(frozen=True)
class Author:
    """Who an entry is by, as the log names them: somebody of the staff, or a monitor."""

    name: str
    licence: str = ""
    role: str = ""


def author_of(user: User) -> Author:
    return Author(user.username, user.licence, _role(user))


@dataclass(frozen=True)
class Taken:
    """What became of one event that was sent: kept (with its number), or refused with the reasons."""

    id: str
    number: int | None
    refused: Sequence[Refusal] = ()


def rules_of(session: Session) -> SessionRules:
    """How the session is run: the version of its protocol that was signed."""
    signature = session.booking.course.signature
    return knowledge.session_rules(signature.protocol, signature.version)


# The logs that were read last, by session: (number, event) each. A log only grows, so what was read stands while its
# last entry is still there (it is not after a transaction was undone).
_logs: OrderedDict[uuid.UUID, Sequence[tuple[int, Event]]] = OrderedDict()
LOGS_KEPT = 64


def events_of(session: Session) -> Sequence[Event]:
    """The log in the order of arrival; only what is new since the last time is read."""
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
    while len(_logs) > LOGS_KEPT:
        _logs.popitem(last=False)
    return [event for _, event in log]


def _numbered(stored: Iterable[SessionEvent]) -> list[tuple[int, Event]]:
    return [(one.number, event_of(one)) for one in stored]


def event_of(stored: SessionEvent) -> Event:
    return Event(
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


def state_of(session: Session, at: datetime) -> SessionState:
    return fold(rules_of(session), events_of(session), at=at)


def open_session(booking: "Booking", *, by: User, id: uuid.UUID | None = None) -> Session:
    """Opens a session under the signed order, which becomes the first entry of its log. Raises `Refused`."""
    decision = signed_order(booking)
    if decision is None:
        raise Refused(
            "No order is signed for this session. The prescriber can sign one on the dosing screen."
        )
    stale = order_is_stale(decision)
    if stale:
        raise Refused(" ".join(stale))
    data = {
        **order_event_data(decision),
        "name_alike": bool(alike_today(booking)),
        "title": booking.chair.name,
    }
    signature = booking.course.signature
    unfit = unfit_order(
        read_order("order", data), knowledge.session_rules(signature.protocol, signature.version)
    )
    if unfit:
        raise Refused(unfit)
    now = clock.now()
    session = Session.objects.create(
        id=id or uuid.uuid4(), booking=booking, decision=decision, opened_by=by, opened_at=now
    )
    store(session, Kind.ORDER, data, author=decision.signed_by)
    for who in prescribers_here():
        store(session, Kind.PRESENCE, {"who": who.username, "here": True}, author=who)
    return session


def store(session: Session, kind: Kind, data: Mapping[str, Any], *, author: User) -> SessionEvent:
    """An entry that the site itself makes, now. Raises `BadEvent`."""
    now = clock.now()
    made = Event(
        str(uuid.uuid4()), kind, now, now, author.username, data, licence=author.licence, role=_role(author)
    )
    return _keep(session, read_event(made, rules_of(session)))


def skew_of(now: datetime, sent_at: datetime | None, measured_ms: int | None) -> int:
    """How far a device's clock is behind the server's, in ms; 0 within the tolerance.

    `sent_at` alone cannot tell a wrong clock from a slow network. What the device measured by a quick answer
    (`measured_ms`) is believed where the difference can be the network's.
    """
    if sent_at is None:
        return 0
    skew = round((now - sent_at).total_seconds() * 1000)
    if measured_ms is not None and -CLOCK_TOLERANCE_MS <= skew - measured_ms <= SLOWEST_NETWORK_MS:
        skew = measured_ms
    return skew if abs(skew) > CLOCK_TOLERANCE_MS else 0


def take(
    session: Session,
    lines: Sequence[Mapping[str, Any]],
    *,
    author: Author,
    device: str = "",
    skew_ms: int = 0,
) -> Sequence[Taken]:
    """Events as a tablet sends them, in its order; each is kept once, however often it is sent.

    What the tablet kept while it had no network has happened: it is taken even where a rule stands against it,
    and the state shows that (`breaches`). Raises `BadEvent` for a line that is no event.
    """
    Session.objects.select_for_update().get(id=session.id)  # one writer a session
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
            answers.append(Taken(event.id, known.number))
            continue
        against = [*refusals_of(rules, events_of(session), event), *_cabinet_refuses(session, event)]
        if against and not line.get("kept"):
            answers.append(Taken(event.id, None, against))
            continue
        answers.append(Taken(event.id, _keep(session, event).number))
    return answers


def _cabinet_refuses(session: Session, event: Event) -> Sequence[Refusal]:
    """A container of another patient, past its day, blocked or empty by the ledger is not drawn from."""
    if event.kind is not Kind.DRAW:
        return ()
    against = refusal_to_draw(str(session.id), str(session.booking.course.patient_id), event.data)
    return (Refusal("cabinet", "hard", against),) if against else ()


def append(session: Session, kind: str, data: Mapping[str, Any], *, author: User, **more: Any) -> None:
    """One entry through the rules. Raises `Refused` with every sentence that stands against it."""
    line = {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "data": data,
        "device_time": clock.now().isoformat(),
        **more,
    }
    (taken,) = take(session, [line], author=author_of(author))
    if taken.refused:
        raise Refused(" ".join(refusal.text for refusal in taken.refused))


def _keep(session: Session, event: Event) -> SessionEvent:
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
        patient = str(session.booking.course.patient_id)
        follow(
            str(session.id),
            patient,
            state_of(session, clock.now()),
            by=User.objects.get(username=event.author),
        )
    told = {"number": kept.number, **event_as_json(event)}
    transaction.on_commit(lambda: live.tell(session.id, told))
    return kept


def _role(user: User) -> str:
    return user.role if user.role in ("nurse", "prescriber", "director") else ""


# Who is in the clinic


def prescribers_here() -> Sequence[User]:
    """Prescribers who said last that they are in the clinic."""
    here: dict[int, User] = {}
    for row in Presence.objects.select_related("who"):
        if row.here:
            here[row.who_id] = row.who
        else:
            here.pop(row.who_id, None)
    return list(here.values())


def say_presence(user: User, here: bool) -> None:
    """Written down for the clinic and into every open session."""
    Presence.objects.create(who=user, here=here, at=clock.now())
    for session in Session.objects.filter(closed_at__isnull=True):
        store(session, Kind.PRESENCE, {"who": user.username, "here": here}, author=user)


# What other desks read


def given_doses(course: "Course", at: datetime) -> Sequence[GivenDose]:
    """The sessions of a course whose patient had left, by what had been written down at a moment."""
    known = Q(events__server_time__lte=at)
    sessions = (
        Session.objects.filter(booking__course=course)
        .select_related("booking__course__signature")
        .annotate(known=Count("events", filter=known), last=Max("events__number", filter=known))
        .filter(known__gt=0)
    )
    return [found for session in sessions if (found := _dose_of(session, at)) is not None]


def _dose_of(session: Any, at: datetime) -> GivenDose | None:
    """A log that is closed is folded once: nothing that comes later changes it but another entry."""
    closed = session.closed_at if session.closed_at is not None and session.closed_at <= at else None
    key = (str(session.id), session.known, session.last)
    if closed and (kept := _doses.get(key)) is not None:
        return kept[0]
    log = [event_of(row) for row in session.events.filter(server_time__lte=at)]
    found = given_dose(str(session.id), fold(rules_of(session), log, at=closed or at))
    if closed:
        _doses[key] = (found,)
        if len(_doses) > DOSES_KEPT:
            _doses.clear()  # folded again when asked for; several threads may be here at once
    return found


# Doses of closed sessions, by session, how many entries were known and which was the last.
_doses: dict[tuple[str, int, int], tuple[GivenDose | None]] = {}
DOSES_KEPT = 5000


def last_ended(patient: "Patient") -> datetime | None:
    """The end of the latest dose, closed session or not."""
    ends = []
    for session in Session.objects.filter(booking__course__patient=patient).select_related(
        "booking__course__signature"
    ):
        ended_at = state_of(session, clock.now()).ended_at
        if ended_at:
            ends.append(ended_at)
    return max(ends, default=None)
