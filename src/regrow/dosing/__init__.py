"""The next dose: exact infusion arithmetic, and the protocol's own rule read by one interpreter.

In: a signed protocol, its limits, a course, a time. Out: `Suggestion` with its reasons, `Infusion` with its mL.
Regrow suggests; a prescriber decides. Nothing here knows who that is.
"""

from .infusion import BadInfusion, Infusion, minutes_within_rate_cap, prepare_infusion
from .rules import (
    ContactToday,
    Hold,
    NoSuggestion,
    Review,
    Start,
    StepDown,
    StepUp,
    Suggestion,
    next_step,
    suggested_dose,
)

__all__ = [
    "BadInfusion",
    "ContactToday",
    "Hold",
    "Infusion",
    "NoSuggestion",
    "Review",
    "Start",
    "StepDown",
    "StepUp",
    "Suggestion",
    "minutes_within_rate_cap",
    "next_step",
    "prepare_infusion",
    "suggested_dose",
]
