"""Infusion arithmetic and titration rules, applied by one interpreter.

Input: a titration rule, a course, a time. Output: `Suggestion` with its reasons, `Infusion` in mL. Regrow suggests; a
prescriber decides.
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
