"""The perpetual inventory of controlled medicines: an append-only ledger, folded into what the cabinet holds.

In: entries, in their order. Out: every container to the microgram, balances, incidents, what waits for a second
person, and why an entry may not be made. Nothing here knows a database.
"""

from .cabinet import Balance, Cabinet, Container, Incident, Row, fold, mg
from .entries import TWO_PEOPLE, Act, BadEntry, Entry, chain_problems, entry_hash
from .refusals import refusal_of
from .sessions import Movement, SessionUse, movements

__all__ = [
    "TWO_PEOPLE",
    "Act",
    "BadEntry",
    "Balance",
    "Cabinet",
    "Container",
    "Entry",
    "Incident",
    "Movement",
    "Row",
    "SessionUse",
    "chain_problems",
    "entry_hash",
    "fold",
    "mg",
    "movements",
    "refusal_of",
]
