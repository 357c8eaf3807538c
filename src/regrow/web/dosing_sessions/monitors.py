"""Store monitor readings in session logs, by pairing."""

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

# One reading is one entry, however often the message is sent: its id is derived from what identifies it.
_READINGS = uuid.UUID("6f1d6a52-70c7-4f0e-9d0f-7a2f2f6f3c11")
HEARD_FOR = timedelta(minutes=10)  # a monitor without messages for this long is not offered for pairing
AHEAD = timedelta(seconds=5)  # tolerated clock lead: no two clocks agree to the second


def pairing_of(device: str) -> Pairing | None:
    """Return the current pairing of a device; it ends when its session closes."""
    return (
        Pairing.objects.filter(device=device, ended_at=None, session__closed_at=None)
        .select_related("session__appointment__course__patient", "session__appointment__course__signature")
        .first()
    )


def receive(message: MonitorMessage) -> tuple[Pairing, int]:
    """Store a message's readings atomically; returns the pairing and the number of new entries. Raises `BadMessage`.

    A repeated message changes nothing. Readings more frequent than the clinic's interval are dropped, except blood
    pressures.
    """
    now = clock.now()
    pairing = pairing_of(message.device)
    if pairing is None:
        text = f"Monitor {message.device} is not paired; pair it on the session page."
        raise BadMessage(text, code=UNKNOWN_KEY)
    patient = pairing.session.appointment.course.patient
    if message.patient and message.patient != patient.mrn:
        text = (
            f"Monitor {message.device} names patient {message.patient}, but its session's patient is "
            f"{patient.mrn}. Admit the right patient on the monitor, or pair it with their session."
        )
        raise BadMessage(text, code=UNKNOWN_KEY)
    behind = _clock_behind(pairing, message, now)
    kept = [_save_reading(pairing, message, reading, behind, now) for reading in message.readings]
    return pairing, sum(kept)


def last_messages(message: MonitorMessage, problem: str = "") -> None:
    """Store a monitor's last message, its values, and why it was rejected."""
    now = clock.now()
    told = dict(message.readings[-1].values) if message.readings else {}
    values: dict[str, object] = {"last_seen_at": now, "last_message": told}
    if problem:
        values |= {"problem": problem, "problem_at": now}
    Monitor.objects.update_or_create(device=message.device, defaults=values)


def offered() -> Sequence[tuple[Monitor, Pairing | None]]:
    """Return recently heard monitors, with the pairing of each."""
    lately = Monitor.objects.filter(last_seen_at__gte=clock.now() - HEARD_FOR).order_by("device")
    return [(monitor, pairing_of(monitor.device)) for monitor in lately]


def pair(session: DosingSession, device: str, *, by: User) -> Pairing:
    """Pair a monitor with a session; the previous one is unpaired. Raises `ActionRefused`."""
    if session.closed_at:
        raise ActionRefused("The session is closed. No monitor can be paired.")
    if not Monitor.objects.filter(device=device, last_seen_at__gte=clock.now() - HEARD_FOR).exists():
        raise ActionRefused(
            f"No recent message from monitor {device[:60]!r}. Turn it on and reload the list."
        )
    other = pairing_of(device)
    if other and other.session_id == session.id:
        return other
    if other:
        where = other.session.appointment.chair.name
        raise ActionRefused(f"Monitor {device} is paired with {where}. Unpair it there first.")
    Pairing.objects.filter(device=device, ended_at=None).update(ended_at=clock.now())  # of a closed session
    unpair(session)
    return Pairing.objects.create(device=device, session=session, paired_by=by, paired_at=clock.now())


def unpair(session: DosingSession) -> None:
    """Unpair the session's monitor."""
    Pairing.objects.filter(session=session, ended_at=None).update(ended_at=clock.now())


def _clock_behind(pairing: Pairing, message: MonitorMessage, now: datetime) -> int:
    """Return how far the monitor's clock is behind, in ms; 0 within the tolerance.

    A message can be late, never early, so the smallest difference seen is the clock's.
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
    """Store one reading; returns whether it made an entry. Raises `BadMessage`."""
    id = str(uuid.uuid5(_READINGS, f"{message.device}|{message.id}|{reading.taken_at.isoformat()}"))
    known = SessionEvent.objects.filter(id=id).first()
    if known is not None:
        if any(known.data.get(name) != value for name, value in reading.values.items()):
            text = (
                f"A message {message.id} is already stored with other values; give each message its own id."
            )
            raise BadMessage(text, code=DUPLICATE_KEY)
        return False
    at = reading.taken_at + timedelta(milliseconds=behind_ms)
    if at < pairing.paired_at:
        text = "The reading is from before the pairing; it may be another patient's."
        raise BadMessage(text, code=UNKNOWN_KEY)
    if at > now + AHEAD:
        raise BadMessage("The reading is in the future; set the monitor's clock.", code=NOT_A_VALUE)
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
