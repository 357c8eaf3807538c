"""Short labels of log entries, for screens and reports."""

from collections.abc import Mapping
from datetime import datetime

from regrow.inventory import Entry, InventoryBalance, LedgerAction, mg
from regrow.web.accounts.api import User
from regrow.web.patients.api import Patient
from regrow.web.platform import clock


def local(moment: datetime) -> str:
    """2026-11-24 10:41, in the clinic's zone."""
    return moment.astimezone(clock.clinic_zone()).strftime("%Y-%m-%d %H:%M")


def staff_names() -> Mapping[str, str]:
    """Map author names in the log to display names."""
    return {u.username: u.shown_name for u in User.objects.all()} | {"ledger": "automatic"}


def people_of(held: InventoryBalance) -> Mapping[str, Patient]:
    """Return the patients named in the log, by id."""
    ids = {c.patient for c in held.containers.values()} | {row.entry.patient for row in held.rows}
    return {str(p.id): p for p in Patient.objects.filter(id__in=ids - {""})}


def entry_label(entry: Entry, people: Mapping[str, Patient]) -> str:
    """Return a short label of an entry."""
    ug = int(entry.data.get("ug", 0))
    amount = f"{mg(abs(ug))}"
    back = "back " if ug < 0 else ""
    who = f" for {people[entry.patient].name}" if entry.patient in people else ""
    match entry.act:
        case LedgerAction.RECEIVE:
            return f"{entry.container} received, {amount}, invoice {entry.data.get('invoice', '')}{who}"
        case LedgerAction.DRAW:
            return f"{amount} {back}drawn from {entry.container}{who}"
        case LedgerAction.ADMINISTER:
            return f"{amount} of {entry.container} {'not ' if ug < 0 else ''}given{who}"
        case LedgerAction.WASTE:
            return f"{amount} of {entry.container} {'not ' if ug < 0 else ''}wasted{who}"
        case LedgerAction.COUNT:
            opened = "".join(f", {n} {mg(int(u))}" for n, u in entry.data.get("open", {}).items())
            return f"Lot {entry.data['lot']}: {entry.data['sealed']} sealed counted{opened}"
        case LedgerAction.ADJUST:
            return f"{entry.container} adjusted by {'-' if ug < 0 else '+'}{amount}"
        case LedgerAction.CONFIRM:
            return "Confirmed as the second person"
        case LedgerAction.INCIDENT:
            return f"Discrepancy{', lot ' + entry.data['lot'] + ' blocked' if entry.data.get('lot') else ''}"
        case LedgerAction.RESOLVE:
            return "Discrepancy closed"
    return f"{entry.container}: {entry.act.value}"
