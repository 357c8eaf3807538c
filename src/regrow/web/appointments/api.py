"""What other apps may use of appointments."""

from .calendar_feeds import feed_url
from .intake_slots import IntakeSlot, open_intake_slots
from .models import Appointment, Chair, Shift
from .preparation import fasting_times, preparation_limits
from .series import Slot, series, series_days
from .services import next_appointment, upcoming

__all__ = [
    "Appointment",
    "Chair",
    "IntakeSlot",
    "Shift",
    "Slot",
    "fasting_times",
    "feed_url",
    "next_appointment",
    "open_intake_slots",
    "preparation_limits",
    "series",
    "series_days",
    "upcoming",
]
