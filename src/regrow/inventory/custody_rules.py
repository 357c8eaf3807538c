"""Why an entry may not be made. Each sentence says what would satisfy it."""

from datetime import date, timedelta

from .balance import Container, InventoryBalance, mg
from .ledger_entries import TWO_PEOPLE, Entry, LedgerAction


def refusal_of(cabinet: InventoryBalance, entry: Entry, *, today: date) -> str:
    """The first thing that stands against an entry, by the clinic's calendar; "" when nothing does."""
    container = cabinet.containers.get(entry.container)
    if entry.act is LedgerAction.RECEIVE:
        return (
            f"{entry.container} is in the ledger already; give it a number of its own." if container else ""
        )
    if entry.act is LedgerAction.CONFIRM:
        return _confirm(cabinet, entry)
    if entry.act is LedgerAction.RESOLVE:
        incident = cabinet.incidents.get(str(entry.data["incident"]))
        if incident is None or incident.resolved_by:
            return "This incident is not open. Load the page again."
        return "" if entry.reason else "Write what was found and what was done; it stands in the ledger."
    if entry.act is LedgerAction.INCIDENT:
        return ""
    if entry.act is LedgerAction.COUNT:
        return _count(cabinet, entry)
    if container is None:
        return f"{entry.container} is not in the ledger. Receive it first, with its lot and its size."
    if container.gone:
        return f"{container.id} has left the cabinet; take another container."
    if entry.act is LedgerAction.DRAW:
        return draw_refusal(cabinet, container, entry, today=today)
    if entry.act in TWO_PEOPLE and not entry.reason:
        return "Write the reason; a second person confirms it."
    if entry.act is LedgerAction.ADJUST and container.left_ug + int(entry.data["ug"]) < 0:
        return f"{container.id} holds {mg(container.left_ug)}; no more than that can be taken off."
    if container.out_ug and entry.act in (LedgerAction.DESTROY, LedgerAction.BREAK, LedgerAction.RETURN):
        return f"{mg(container.out_ug)} of {container.id} is drawn in a session that is not closed; close it first."
    return ""


def draw_refusal(cabinet: InventoryBalance, container: Container, entry: Entry, *, today: date) -> str:
    """Whether a container may be drawn from, for this patient, in this session, on this day."""
    ug = int(entry.data["ug"])
    if ug <= 0:
        return ""
    incident = cabinet.blocked(container.lot)
    if incident:
        return f"Lot {container.lot} is blocked: {incident.text} The medical director closes the incident, or take another lot."
    if container.quarantined:
        return f"{container.id} is in quarantine; take another container."
    if container.patient and container.patient != entry.patient:
        return f"{container.id} was delivered for another patient and can be given to nobody else; take another container."
    if container.use_by and today > container.use_by:
        return (
            f"{container.id} had to be given by {container.use_by.isoformat()}, "
            f"{cabinet.rules.patient_named_days} days after it came; dispose of it on the ledger's page and take another."
        )
    if today > container.expiry:
        return f"{container.id} expired on {container.expiry.isoformat()}; take another container."
    if container.single_dose and container.session and container.session != entry.session:
        return f"{container.id} holds a single dose and was opened in another session; take a sealed one."
    if not container.single_dose and container.opened_at:
        last = container.opened_at.date() + timedelta(days=cabinet.rules.multi_dose_days)
        if today > last:
            return (
                f"{container.id} was opened on {container.opened_at.date().isoformat()}, "
                f"more than {cabinet.rules.multi_dose_days} days ago; take another container."
            )
    if ug > container.left_ug:
        return (
            f"{container.id} holds {mg(container.left_ug)} by the ledger; {mg(ug)} cannot be drawn from it."
        )
    return ""


def _confirm(cabinet: InventoryBalance, entry: Entry) -> str:
    waiting = cabinet.waiting.get(str(entry.data["entry"]))
    if waiting is None:
        return "This entry does not wait for a second person any more. Load the page again."
    if waiting.actor == entry.actor:
        return "A second person confirms this, signed in as themselves."
    if waiting.device and waiting.device == entry.device:
        return "Confirm this on another device than the one it was entered on."
    return ""


def _count(cabinet: InventoryBalance, entry: Entry) -> str:
    lot = str(entry.data["lot"])
    if not any(c.lot == lot for c in cabinet.containers.values()):
        return f"There is no lot {lot!r} in the ledger. Choose one of the lots listed."
    if int(entry.data["sealed"]) < 0 or any(int(ug) < 0 for ug in entry.data.get("open", {}).values()):
        return "A count is 0 or more."
    return ""
