"""What other apps may use of simulator."""

from .services import attached_to

__all__ = [
    "attached_to",
]
