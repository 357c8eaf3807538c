"""Perpetual inventory of controlled substances, computed from an append-only log.

Input: entries, in order. Output: every container to the microgram, balances, discrepancies, entries that need a second
person, and the reason an entry is refused. Pure: no database.
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
