"""Write entries to the controlled-substance log, and query the inventory."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from regrow.inventory import (
    BadEntry,
    Container,
    Entry,
    InventoryBalance,
    LedgerAction,
    SessionUse,
    chain_problems,
    compute_balance,
    entry_hash,
    mg,
    movements,
    refusal_of,
)
from regrow.session import PREPARATION, Kind, SessionState, micrograms
from regrow.web.accounts.api import User
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

from .models import LedgerEntry, LedgerHead

# Session events that move a controlled substance.
MOVES = frozenset(
    {Kind.DRAW, Kind.WASTE, Kind.WITNESS, Kind.COMPLETE, Kind.STOP, Kind.CORRECTION, Kind.CLOSE, Kind.LEFT}
)


def entries() -> Sequence[Entry]:
    return [_entry_of(row) for row in LedgerEntry.objects.all()]


# The last computed inventory, with the number and hash of its last entry. The log only grows, so the cached value
# is valid while the entry of that number has that hash (not after a rolled-back transaction).
_folded: tuple[int, str, InventoryBalance] | None = None


def inventory() -> InventoryBalance:
    """Return the inventory. Only entries since the last call are read."""
    global _folded
    known = _folded
    rules = knowledge.custody()
    if known is not None and (
        known[2].rules != rules or not LedgerEntry.objects.filter(number=known[0], hash=known[1]).exists()
    ):
        known = None
    fresh = [_entry_of(row) for row in LedgerEntry.objects.filter(number__gt=known[0] if known else 0)]
    held = compute_balance(fresh, rules, after=known[2] if known else None)
    if fresh:
        known = (fresh[-1].number, fresh[-1].hash, held)
    _folded = known
    return held


def problems() -> Sequence[str]:
    """Return the problems of the hash chain; empty when intact."""
    head = LedgerHead.objects.filter(id=1).first()
    return chain_problems(entries(), count=head.count if head else 0, last_hash=head.hash if head else "")


def record_entry(
    act: LedgerAction,
    *,
    by: User,
    container: str = "",
    data: Mapping[str, Any] | None = None,
    patient: str = "",
    reason: str = "",
    device: str = "",
    once: str | None = None,
) -> Entry:
    """Write an entry from the log page; idempotent by `once`. Raises `BadEntry`."""
    LedgerHead.objects.select_for_update().get_or_create(id=1)
    if once:
        known = LedgerEntry.objects.filter(id=once).first()
        if known:
            return _entry_of(known)
    proposed = _draft(
        act,
        by=by,
        data=data or {},
        container=container,
        patient=patient,
        reason=reason,
        device=device,
    )
    if once:
        proposed = replace(proposed, id=once)
    against = refusal_of(inventory(), proposed, today=clock.clinic_today())
    if against:
        raise BadEntry(against)
    made = _append(proposed)
    if act is LedgerAction.CONFIRM:
        _after_confirm(made)
    return made


def refusal_to_draw(session: str, patient: str, data: Mapping[str, Any]) -> str:
    """Return why a container may not be drawn from in a session; "" if it may.

    An unknown container is not refused: drawing it opens a discrepancy.
    """
    held = inventory()
    name = str(data.get("container", ""))
    if name not in held.containers:
        return ""
    ug = micrograms_of(data.get("drawn_mg", 0))
    draw = _draft(LedgerAction.DRAW, container=name, session=session, patient=patient, data={"ug": ug})
    return refusal_of(held, draw, today=clock.clinic_today())


def containers_offered(medicine: str, patient: str, session: str) -> Sequence[Container]:
    """Return containers that may be drawn from now: this patient's first, then by expiration."""
    held = inventory()
    found = []
    for container in held.containers.values():
        draw = _draft(
            LedgerAction.DRAW, container=container.id, session=session, patient=patient, data={"ug": 1}
        )
        if (
            container.drug == medicine
            and container.here
            and not refusal_of(held, draw, today=clock.clinic_today())
        ):
            found.append(container)
    return sorted(found, key=lambda c: (not c.patient, c.opened_at is None, c.expiry, c.id))


def record_session_use(session: str, patient: str, state: SessionState, *, by: User) -> None:
    """Write the entries a session still needs; open a discrepancy for what does not match."""
    LedgerHead.objects.select_for_update().get_or_create(id=1)
    held = inventory()
    known = held.of_session(session)
    witnesses = {str(e.data["waste"]): e.event.author for e in state.of(Kind.WITNESS)}
    wasted = [e for e in state.of(Kind.WASTE) if e.id in witnesses]
    used = [
        SessionUse(
            line.container,
            line.out_ug,
            sum(micrograms_of(e.data["mg"]) for e in wasted if e.data["container"] == line.container),
        )
        for line in state.containers
        if line.container != PREPARATION
    ]
    over = state.ended_at is not None or state.left_at is not None
    moved = movements(
        used,
        known,
        given_ug=micrograms(state.delivered_mg) if over else None,
        wasted_after_ug=sum(
            micrograms_of(e.data["mg"]) for e in wasted if e.data["container"] == PREPARATION
        ),
    )
    for move in moved:
        proposed = _draft(
            move.act,
            by=by,
            data={"ug": move.ug, **({"of": "drawn"} if move.of_drawn else {})},
            container=move.container,
            session=session,
            patient=patient,
            witness=next(iter(witnesses.values()), "") if move.act is LedgerAction.WASTE else "",
            reason="corrected in the session log" if move.ug < 0 else "",
        )
        if move.container not in held.containers:
            _unknown(held, proposed)
            continue
        against = (
            refusal_of(held, proposed, today=clock.clinic_today()) if move.act is LedgerAction.DRAW else ""
        )
        _append(proposed)
        if against:
            lot = held.containers[move.container].lot
            _incident(f"Drawn anyway, as recorded in the session: {against}", lot)
    if over and state.of(Kind.CLOSE):
        _reconcile(inventory(), session)


def micrograms_of(mg: object) -> int:
    """Parse an amount in mg to whole micrograms. Raises `BadEntry`."""
    try:
        return micrograms(Fraction(str(mg).strip()))
    except (ValueError, ZeroDivisionError) as error:
        raise BadEntry(f"{str(mg)[:40]!r} is not an amount; enter mg, such as 460 or 12.5.") from error


def _after_confirm(confirm: Entry) -> None:
    """Compare a confirmed count with the log; a difference opens a discrepancy and blocks the lot."""
    counted = next(e for e in entries() if e.id == str(confirm.data["entry"]))
    if counted.act is not LedgerAction.COUNT:
        return
    lot = str(counted.data["lot"])
    here = [c for c in inventory().containers.values() if c.lot == lot and c.here]
    sealed = sum(1 for c in here if c.sealed)
    if sealed != int(counted.data["sealed"]):
        _incident(f"{counted.data['sealed']} sealed containers were counted, the log has {sealed}.", lot)
    for container in here:
        found = counted.data.get("open", {}).get(container.id)
        if not container.sealed and found is not None and int(found) != container.left_ug:
            text = f"{container.id}: {mg(int(found))} were counted, the log has {mg(container.left_ug)}."
            _incident(text, lot)


def _reconcile(held: InventoryBalance, session: str) -> None:
    """At the close of a session, open a discrepancy for every amount not accounted for."""
    for name in held.of_session(session):
        container = held.containers.get(name)
        if container is None or (container.out_ug == 0 and container.left_ug >= 0):
            continue
        text = (
            f"{name}: {mg(container.out_ug)} were drawn and neither given nor wasted with a witness."
            if container.out_ug
            else f"{name}: {mg(-container.left_ug)} more were taken out than it held."
        )
        if not any(i.text == text for i in held.open_incidents):
            _incident(text, container.lot)


def _unknown(held: InventoryBalance, proposed: Entry) -> None:
    text = f"{proposed.container} was drawn in a session and has no receipt in the log."
    if proposed.act is LedgerAction.DRAW and not any(i.text == text for i in held.incidents.values()):
        _incident(text, "", session=proposed.session, patient=proposed.patient)


def _incident(text: str, lot: str, *, session: str = "", patient: str = "") -> None:
    _append(_draft(LedgerAction.INCIDENT, data={"lot": lot}, session=session, patient=patient, reason=text))


def _draft(act: LedgerAction, *, by: User | None = None, data: Mapping[str, Any], **more: str) -> Entry:
    """Build an unsaved entry; authored by the system without a `by`."""
    return Entry(
        number=0,
        id=str(uuid.uuid4()),
        act=act,
        at=clock.now(),
        actor=by.username if by else "ledger",
        licence=by.license_number if by else "",
        data=dict(data),
        **more,
    )


def _append(proposed: Entry) -> Entry:
    head, _ = LedgerHead.objects.select_for_update().get_or_create(id=1)
    bound = replace(proposed, number=head.count + 1, previous_hash=head.hash)
    made = replace(bound, hash=entry_hash(bound))
    LedgerEntry.objects.create(
        number=made.number,
        id=made.id,
        act=made.act.value,
        at=made.at,
        actor=made.actor,
        licence=made.licence,
        witness=made.witness,
        device=made.device,
        container=made.container,
        session=made.session,
        patient=made.patient,
        reason=made.reason,
        data=dict(made.data),
        previous_hash=made.previous_hash,
        hash=made.hash,
    )
    head.count, head.hash = made.number, made.hash
    head.save()
    return made


def _entry_of(row: LedgerEntry) -> Entry:
    return Entry(
        number=row.number,
        id=str(row.id),
        act=LedgerAction(row.act),
        at=row.at,
        actor=row.actor,
        licence=row.licence,
        witness=row.witness,
        device=row.device,
        container=row.container,
        session=row.session,
        patient=row.patient,
        reason=row.reason,
        data=row.data,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
