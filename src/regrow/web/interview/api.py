"""What other apps may use of interview."""

from .models import IntakeVisit
from .services import end_visit, save_arrival, save_narrative, start_visit

__all__ = [
    "IntakeVisit",
    "end_visit",
    "save_arrival",
    "save_narrative",
    "start_visit",
]
