"""What other apps may use of appointments."""

from .calendar_feeds import feed_url
from .intake_slots import IntakeSlot, open_intake_slots
from .models import Appointment, Chair, Shift
from .placement import Slot, place_series
from .preparation import fasting_times, preparation_limits
from .series import series_days
from .services import cancel_all, next_appointment, upcoming

__all__ = [
    "Appointment",
    "Chair",
    "IntakeSlot",
    "Shift",
    "Slot",
    "cancel_all",
    "fasting_times",
    "feed_url",
    "next_appointment",
    "open_intake_slots",
    "place_series",
    "preparation_limits",
    "series_days",
    "upcoming",
]
