"""What other apps may use of ledger."""

from .services import MOVES, containers_offered, problems, record_entry, record_session_use, refusal_to_draw

__all__ = [
    "MOVES",
    "containers_offered",
    "problems",
    "record_entry",
    "record_session_use",
    "refusal_to_draw",
]
