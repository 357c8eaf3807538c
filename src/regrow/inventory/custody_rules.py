"""Controlled-substance rules: why an entry is refused. Each sentence names the fix."""

from datetime import date, timedelta

from .balance import Container, InventoryBalance, mg
from .ledger_entries import TWO_PEOPLE, Entry, LedgerAction


def refusal_of(cabinet: InventoryBalance, entry: Entry, *, today: date) -> str:
    """Return the first reason to refuse an entry, by the clinic's calendar; "" if it is allowed."""
    container = cabinet.containers.get(entry.container)
    if entry.act is LedgerAction.RECEIVE:
        return (
            f"{entry.container} is already in the log. Enter another container number." if container else ""
        )
    if entry.act is LedgerAction.CONFIRM:
        return _confirm(cabinet, entry)
    if entry.act is LedgerAction.RESOLVE:
        incident = cabinet.incidents.get(str(entry.data["incident"]))
        if incident is None or incident.resolved_by:
            return "This discrepancy is not open. Reload the page."
        return "" if entry.reason else "Enter what was found and what was done. It stays in the log."
    if entry.act is LedgerAction.INCIDENT:
        return ""
    if entry.act is LedgerAction.COUNT:
        return _count(cabinet, entry)
    if container is None:
        return f"{entry.container} is not in the log. Enter its receipt first, with lot and size."
    if container.gone:
        return f"{container.id} is no longer on hand. Choose another container."
    if entry.act is LedgerAction.DRAW:
        return draw_refusal(cabinet, container, entry, today=today)
    if entry.act in TWO_PEOPLE and not entry.reason:
        return "Enter the reason. A second person confirms it."
    if entry.act is LedgerAction.ADJUST and container.left_ug + int(entry.data["ug"]) < 0:
        return f"{container.id} holds {mg(container.left_ug)}; no more than that can be taken off."
    if container.out_ug and entry.act in (LedgerAction.DESTROY, LedgerAction.BREAK, LedgerAction.RETURN):
        return f"{mg(container.out_ug)} of {container.id} is drawn in a session that is not closed; close it first."
    return ""


def draw_refusal(cabinet: InventoryBalance, container: Container, entry: Entry, *, today: date) -> str:
    """Return why a container may not be drawn from, for this patient, session and day; "" if it may."""
    ug = int(entry.data["ug"])
    if ug <= 0:
        return ""
    incident = cabinet.blocked(container.lot)
    if incident:
        fix = "The medical director must close the discrepancy. Choose another lot."
        return f"Lot {container.lot} is blocked: {incident.text} {fix}"
    if container.quarantined:
        return f"{container.id} is in quarantine; choose another container."
    if container.patient and container.patient != entry.patient:
        return f"{container.id} was dispensed for another patient. Choose another container."
    if container.use_by and today > container.use_by:
        return (
            f"{container.id} had to be given by {container.use_by.isoformat()}, "
            f"{cabinet.rules.patient_named_days} days after receipt. Record its disposal and choose another container."
        )
    if today > container.expiry:
        return f"{container.id} expired on {container.expiry.isoformat()}; choose another container."
    if container.single_dose and container.session and container.session != entry.session:
        return f"{container.id} holds a single dose and was opened in another session; choose a sealed one."
    if not container.single_dose and container.opened_at:
        last = container.opened_at.date() + timedelta(days=cabinet.rules.multi_dose_days)
        if today > last:
            return (
                f"{container.id} was opened on {container.opened_at.date().isoformat()}, "
                f"more than {cabinet.rules.multi_dose_days} days ago; choose another container."
            )
    if ug > container.left_ug:
        return f"{container.id} holds {mg(container.left_ug)} by the log; {mg(ug)} cannot be drawn from it."
    return ""


def _confirm(cabinet: InventoryBalance, entry: Entry) -> str:
    waiting = cabinet.waiting.get(str(entry.data["entry"]))
    if waiting is None:
        return "This entry is already confirmed or withdrawn. Reload the page."
    if waiting.actor == entry.actor:
        return "A second person must sign in and confirm this."
    if waiting.device and waiting.device == entry.device:
        return "Confirm this on a different device from the one it was entered on."
    return ""


def _count(cabinet: InventoryBalance, entry: Entry) -> str:
    lot = str(entry.data["lot"])
    if not any(c.lot == lot for c in cabinet.containers.values()):
        return f"Lot {lot!r} is not in the log. Choose a listed lot."
    if int(entry.data["sealed"]) < 0 or any(int(ug) < 0 for ug in entry.data.get("open", {}).values()):
        return "Enter a count of 0 or more."
    return ""
