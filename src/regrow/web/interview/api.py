"""What other apps may use of interview."""

from .forms import AskedForm
from .models import IntakeVisit
from .services import end_visit, save_arrival, save_narrative, start_visit

__all__ = [
    "AskedForm",
    "IntakeVisit",
    "end_visit",
    "save_arrival",
    "save_narrative",
    "start_visit",
]
