"""The next dose: exact infusion arithmetic, and titration rules read by one interpreter.

In: a rule of the knowledge, a course, a time. Out: `Suggestion` with its reasons, `Infusion` with its mL.
Regrow suggests; a prescriber decides. Nothing here knows who that is.
"""

from .infusion import BadInfusion, Infusion, minutes_within_rate_cap, prepare_infusion
from .order import BadOrder, Order, infusion_of, make_order, order_as_json
from .rules import suggest
from .suggestion import Input, Outcome, Reason, Suggestion, suggestion_as_json
from .weight import BASES, BadWeight, dose_slips, dosing_weight, weight_slips

__all__ = [
    "BASES",
    "BadInfusion",
    "BadOrder",
    "BadWeight",
    "Infusion",
    "Input",
    "Order",
    "Outcome",
    "Reason",
    "Suggestion",
    "dose_slips",
    "dosing_weight",
    "infusion_of",
    "make_order",
    "minutes_within_rate_cap",
    "order_as_json",
    "prepare_infusion",
    "suggest",
    "suggestion_as_json",
    "weight_slips",
]
