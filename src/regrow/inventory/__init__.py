"""The perpetual inventory of controlled medicines: an append-only ledger, folded into what the cabinet holds.

In: entries, in their order. Out: every container to the microgram, balances, incidents, what waits for a second
person, and why an entry may not be made. Nothing here knows a database.
"""

from .balance import Balance, Container, Incident, InventoryBalance, LedgerRow, compute_balance, mg
from .custody_rules import refusal_of
from .ledger_entries import TWO_PEOPLE, BadEntry, Entry, LedgerAction, chain_problems, entry_hash
from .sessions import Movement, SessionUse, movements

__all__ = [
    "TWO_PEOPLE",
    "BadEntry",
    "Balance",
    "Container",
    "Entry",
    "Incident",
    "InventoryBalance",
    "LedgerAction",
    "LedgerRow",
    "Movement",
    "SessionUse",
    "chain_problems",
    "compute_balance",
    "entry_hash",
    "mg",
    "movements",
    "refusal_of",
]
