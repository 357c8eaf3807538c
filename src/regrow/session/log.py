"""Order log events by when they happened and apply their corrections."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .events import EffectiveEvent, Kind, LogEvent


def entries_of(events: Iterable[LogEvent]) -> Sequence[EffectiveEvent]:
    """Effective events in order: deleted entries left out, replaced ones with their new data and time.

    The order depends only on the events, never on the order of arrival. An event sent twice counts once. The
    entries of one device keep their own order even if its clock was set back between them.
    """
    known = deduplicate(events)
    placed = _placed(known)
    verdicts = _verdicts(placed)
    effective: list[tuple[datetime, datetime, int, str, EffectiveEvent]] = []
    for event, at in placed:
        if event.kind is Kind.CORRECTION:
            continue
        correction = verdicts.get(event.id)
        if correction is None:
            entry = EffectiveEvent(event, at, event.data)
        elif correction.data.get("data") is None and "at" not in correction.data:
            continue
        else:
            moved = correction.data.get("at")
            at = datetime.fromisoformat(moved) if moved else at
            entry = EffectiveEvent(
                event, at, {**event.data, **(correction.data.get("data") or {})}, correction.id
            )
        effective.append((at, event.server_time, event.seq, event.id, entry))
    effective.sort(key=lambda found: found[:4])
    return [entry for *_, entry in effective]


def apply_corrections(events: Iterable[LogEvent]) -> Mapping[str, LogEvent]:
    """The correction in force for each corrected event, by that event's id."""
    return _verdicts(_placed(deduplicate(events)))


def deduplicate(events: Iterable[LogEvent]) -> Sequence[LogEvent]:
    """Each event once, however often it was sent; the first to arrive is used."""
    known: dict[str, LogEvent] = {}
    for event in events:
        other = known.get(event.id)
        if other is None or _arrival(event) < _arrival(other):
            known[event.id] = event
    return list(known.values())


def _arrival(event: LogEvent) -> tuple[Any, ...]:
    return event.server_time, event.device_time, event.seq, event.kind.value, repr(sorted(event.data.items()))


def _placed(events: Iterable[LogEvent]) -> Sequence[tuple[LogEvent, datetime]]:
    """Each event with its time; a device whose clock jumps back does not reorder its own entries."""
    newest: dict[str, datetime] = {}
    placed = []
    for event in sorted(events, key=lambda e: (e.device, e.seq, e.device_time, e.server_time, e.id)):
        at = event.at
        if event.device and event.seq and event.happened_at is None:
            at = max(at, newest.get(event.device, at))
            newest[event.device] = at
        placed.append((event, at))
    placed.sort(key=lambda p: (p[1], p[0].server_time, p[0].seq, p[0].id))
    return placed


def _verdicts(placed: Sequence[tuple[LogEvent, datetime]]) -> Mapping[str, LogEvent]:
    """The last correction of each event wins, unless a later correction withdraws it."""
    order = {event.id: n for n, (event, _) in enumerate(placed)}
    verdicts: dict[str, LogEvent] = {}
    for n in range(len(placed) - 1, -1, -1):
        correction = placed[n][0]
        if correction.kind is not Kind.CORRECTION:
            continue
        undone = verdicts.get(correction.id)
        target = str(correction.data["corrects"])
        # A late entry may be placed before what it corrects; a correction can only be corrected by a later one.
        is_correction = target in order and placed[order[target]][0].kind is Kind.CORRECTION
        if undone is None and not (is_correction and order[target] > n):
            verdicts.setdefault(target, correction)
    return verdicts
