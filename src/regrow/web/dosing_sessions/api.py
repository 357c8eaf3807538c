"""What other apps may use of dosing sessions."""

from .at_home import send_home_link
from .board import board_frame, todays_appointments
from .models import DosingSession, SessionEvent
from .services import (
    administered_doses,
    append,
    last_ended,
    prescribers_on_site,
    record_presence,
    rules_of,
    start_session,
    state_of,
)
from .similar_names import similar_today

__all__ = [
    "DosingSession",
    "SessionEvent",
    "administered_doses",
    "append",
    "board_frame",
    "last_ended",
    "prescribers_on_site",
    "record_presence",
    "rules_of",
    "send_home_link",
    "similar_today",
    "start_session",
    "state_of",
    "todays_appointments",
]
