"""Printed reports of the controlled-substance log (PDF by Typst): all entries, and the inventory."""

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from django.conf import settings

from regrow.inventory import Entry, InventoryBalance, mg
from regrow.web.platform import clock

from .labels import entry_label, local, people_of, staff_names
from .services import inventory, problems


def as_pdf(name: str, printed_by: str) -> bytes:
    """Return one of `REPORTS` as PDF. Raises KeyError for another name."""
    import typst

    facts = REPORTS[name]() | {
        "clinic": settings.CLINIC.title,
        "printed": f"Printed by {printed_by}, {local(clock.now())}",
        "chain": "Integrity of the log verified." if not problems() else " ".join(problems()),
    }
    template = files("regrow.web.ledger").joinpath("report.typ").read_bytes()
    made: bytes = typst.compile(
        template, sys_inputs={"facts": json.dumps(facts)}, ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    return made


def _entries_report() -> dict[str, Any]:
    held = inventory()
    names, people = staff_names(), people_of(held)
    return {
        "title": "Perpetual inventory: every entry",
        "wide": True,
        "head": [
            "No.",
            "When",
            "What",
            "By",
            "Second person",
            "Left after: containers",
            "mL",
            "mg",
            "Reason",
        ],
        "align": ["right", "left", "left", "left", "left", "right", "right", "right", "left"],
        "rows": [
            [
                str(row.entry.number),
                local(row.entry.at),
                entry_label(row.entry, people),
                names.get(row.entry.actor, row.entry.actor),
                _second(held, row.entry, names),
                str(row.after.containers) if row.after else "",
                f"{float(row.after.ml):.2f}" if row.after else "",
                _number(row.after.ug) if row.after else "",
                row.entry.reason,
            ]
            for row in held.rows
        ],
        "foot": "Amounts are stored in whole micrograms. The balance is that of the entry's product.",
    }


def _inventory_report() -> dict[str, Any]:
    held = inventory()
    people = people_of(held)
    here = sorted((c for c in held.containers.values() if c.here), key=lambda c: (c.product, c.lot, c.id))
    rows = [
        [
            c.product,
            c.ndc,
            c.id,
            c.lot,
            c.expiry.isoformat(),
            "sealed" if c.sealed else "opened",
            f"{float(c.left_ml):.2f}",
            _number(c.left_ug),
            people[c.patient].name if c.patient in people else "stock",
        ]
        for c in here
    ]
    totals = [
        [
            "Total: " + b.product,
            "",
            str(b.containers),
            "",
            "",
            "",
            f"{float(b.ml):.2f}",
            _number(b.ug),
            "",
        ]
        for b in held.balances.values()
    ]
    months = held.rules.inventory_every_months
    return {
        "title": "Inventory of controlled substances, Schedule III",
        "wide": True,
        "head": ["Product", "NDC", "Container", "Lot", "Expires", "State", "mL", "mg", "Patient"],
        "align": ["left", "left", "left", "left", "left", "left", "right", "right", "left"],
        "rows": rows + totals,
        "foot": f"Taken at the opening / close of business (strike one). Next inventory due within {months} months. "
        "Counted by two people: ______________________    ______________________    Date ______________",
    }


def _number(ug: int) -> str:
    return mg(ug).removesuffix(" mg")


def _second(held: InventoryBalance, entry: Entry, names: Mapping[str, str]) -> str:
    """Return the second person's name; "unconfirmed" until then."""
    if entry.id in held.waiting:
        return "unconfirmed"
    second = held.second_person(entry)
    return names.get(second, second)


REPORTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "entries": _entries_report,
    "inventory": _inventory_report,
}
