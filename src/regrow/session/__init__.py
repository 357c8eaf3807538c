"""A session as an append-only log, and everything else computed from it.

In: the order it runs under, the protocol with its signed limits, the events, a time.
Out: `SessionState` (phase, mg delivered, end of infusion, what is due, alarms, discharge list) and `refusal`,
the sentence that says why an event cannot be taken and what would satisfy it.
"""

from .events import BadEvent, Event, Kind, read_event
from .fold import Alarm, SessionOrder, SessionState, fold, unfit_order
from .refusals import refusal

__all__ = [
    "Alarm",
    "BadEvent",
    "Event",
    "Kind",
    "SessionOrder",
    "SessionState",
    "fold",
    "read_event",
    "refusal",
    "unfit_order",
]
