"""From a monitor's message to entries of a session's log, and the pairings that decide whose they are."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from regrow.interop import DUPLICATE_KEY, NOT_A_VALUE, UNKNOWN_KEY, BadMessage, MonitorMessage, MonitorReading
from regrow.session import BadEvent
from regrow.web.accounts.api import User
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge

from .models import DosingSession, Monitor, Pairing, SessionEvent
from .services import CLOCK_TOLERANCE_MS, Author, ingest

# A reading of one message is one entry, however often the message is sent: its id follows from what names it.
_READINGS = uuid.UUID("6f1d6a52-70c7-4f0e-9d0f-7a2f2f6f3c11")
HEARD_FOR = timedelta(minutes=10)  # a monitor that said nothing for so long is not offered for pairing
AHEAD = timedelta(seconds=5)  # a reading may seem to lie so far ahead: no two clocks agree to the second


def pairing_of(device: str) -> Pairing | None:
    """Where a monitor stands now: a pairing ends by itself when its session closes."""
    return (
        Pairing.objects.filter(device=device, ended_at=None, session__closed_at=None)
        .select_related("session__appointment__course__patient", "session__appointment__course__signature")
        .first()
    )


def receive(message: MonitorMessage) -> tuple[Pairing, int]:
    """Keeps what a message says, whole or not at all: (whose it is, how many entries it made). Raises `BadMessage`.

    The same message again changes nothing. Of readings that come faster than the clinic keeps them, those between
    are let go; a blood pressure is always kept.
    """
    now = clock.now()
    pairing = pairing_of(message.device)
    if pairing is None:
        text = f"Monitor {message.device} is paired with no chair; a nurse pairs it on the chair's screen."
        raise BadMessage(text, code=UNKNOWN_KEY)
    patient = pairing.session.appointment.course.patient
    if message.patient and message.patient != patient.mrn:
        text = (
            f"Monitor {message.device} names patient {message.patient}, and the patient of its chair is "
            f"{patient.mrn}. Admit the right patient on the monitor, or pair it with their chair."
        )
        raise BadMessage(text, code=UNKNOWN_KEY)
    behind = _clock_behind(pairing, message, now)
    kept = [_save_reading(pairing, message, reading, behind, now) for reading in message.readings]
    return pairing, sum(kept)


def last_messages(message: MonitorMessage, problem: str = "") -> None:
    """Remembers that a monitor spoke, what it showed, and why its message was not taken."""
    now = clock.now()
    told = dict(message.readings[-1].values) if message.readings else {}
    values: dict[str, object] = {"last_seen_at": now, "last_message": told}
    if problem:
        values |= {"problem": problem, "problem_at": now}
    Monitor.objects.update_or_create(device=message.device, defaults=values)


def offered() -> Sequence[tuple[Monitor, Pairing | None]]:
    """Monitors heard lately, with the chair each stands at."""
    lately = Monitor.objects.filter(last_seen_at__gte=clock.now() - HEARD_FOR).order_by("device")
    return [(monitor, pairing_of(monitor.device)) for monitor in lately]


def pair(session: DosingSession, device: str, *, by: User) -> Pairing:
    """A nurse confirms that this monitor stands at this chair; the one before it is let go. Raises `Refused`."""
    if session.closed_at:
        raise ActionRefused("The session is closed; no monitor is paired with it.")
    if not Monitor.objects.filter(device=device, last_seen_at__gte=clock.now() - HEARD_FOR).exists():
        raise ActionRefused(
            f"Nothing was heard of a monitor {device[:60]!r} lately. Switch it on and look at the list again."
        )
    other = pairing_of(device)
    if other and other.session_id == session.id:
        return other
    if other:
        where = other.session.appointment.chair.name
        raise ActionRefused(
            f"Monitor {device} is paired with {where}. End that pairing on the screen of {where} first."
        )
    Pairing.objects.filter(device=device, ended_at=None).update(ended_at=clock.now())  # of a closed session
    unpair(session)
    return Pairing.objects.create(device=device, session=session, paired_by=by, paired_at=clock.now())


def unpair(session: DosingSession) -> None:
    """The monitor of this chair is let go."""
    Pairing.objects.filter(session=session, ended_at=None).update(ended_at=clock.now())


def _clock_behind(pairing: Pairing, message: MonitorMessage, now: datetime) -> int:
    """How far the monitor's clock is behind, in ms; 0 within the tolerance.

    A message is late by its way and its waiting, never early: the smallest difference seen is the clock's own.
    """
    if message.sent_at is not None:
        seen = round((now - message.sent_at).total_seconds() * 1000)
        if pairing.clock_offset_ms is None or seen < pairing.clock_offset_ms:
            pairing.clock_offset_ms = seen
            pairing.save(update_fields=["clock_offset_ms"])
    behind = pairing.clock_offset_ms or 0
    return behind if abs(behind) > CLOCK_TOLERANCE_MS else 0


def _save_reading(
    pairing: Pairing, message: MonitorMessage, reading: MonitorReading, behind_ms: int, now: datetime
) -> bool:
    """Whether the reading made an entry. Raises `BadMessage`."""
    id = str(uuid.uuid5(_READINGS, f"{message.device}|{message.id}|{reading.taken_at.isoformat()}"))
    known = SessionEvent.objects.filter(id=id).first()
    if known is not None:
        if any(known.data.get(name) != value for name, value in reading.values.items()):
            text = f"A message {message.id} with other values was kept already; give each message its own id."
            raise BadMessage(text, code=DUPLICATE_KEY)
        return False
    at = reading.taken_at + timedelta(milliseconds=behind_ms)
    if at < pairing.paired_at:
        text = (
            "The reading was taken before the monitor was paired with this chair; it may be somebody else's."
        )
        raise BadMessage(text, code=UNKNOWN_KEY)
    if at > now + AHEAD:
        raise BadMessage("The reading lies ahead; set the monitor's clock.", code=NOT_A_VALUE)
    every = timedelta(seconds=knowledge.monitor().keep_every_s)
    if (
        "systolic_mmhg" not in reading.values
        and pairing.last_saved_at
        and abs(at - pairing.last_saved_at) < every
    ):
        return False
    line = {
        "id": id,
        "kind": "vital",
        "device_time": reading.taken_at.isoformat(),
        "data": {**reading.values, "source": f"monitor {message.device}"},
    }
    author = Author(f"monitor {message.device}")
    try:
        with transaction.atomic():
            (taken,) = ingest(
                pairing.session, [line], author=author, device=message.device, skew_ms=behind_ms
            )
    except BadEvent as mistake:
        raise BadMessage(str(mistake), code=NOT_A_VALUE) from mistake
    if taken.refused:
        raise BadMessage(" ".join(r.text for r in taken.refused), code=UNKNOWN_KEY)
    if pairing.last_saved_at is None or at > pairing.last_saved_at:
        pairing.last_saved_at = at
        pairing.save(update_fields=["last_saved_at"])
    return True
