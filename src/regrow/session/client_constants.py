"""What the tablet needs besides the rules of the protocol: bounds, kinds of events, labels, reasons.

Everything here reaches the tablet as JSON, in `rules_as_json`, so that no number and no text exists twice.
"""

from fractions import Fraction
from typing import Any

from .checklists import THIRD_IDENTIFIERS
from .containers import PREPARATION
from .events import DOSING, LATE_AFTER, POSSIBLE
from .fold import ACTS
from .projection import PRESCRIBES
from .refusals import AFTERWARDS, UNNAMED

# Source: CFG (clinic configuration; no published value). A systolic pressure that differs from the last by more than
# this share of the last is entered twice before it is saved: a check against a slip of the finger, not a limit.
IMPLAUSIBLE_CHANGE = Fraction(1, 3)

READINGS = {
    "systolic_mmhg": "Systolic",
    "diastolic_mmhg": "Diastolic",
    "pulse_per_min": "Pulse",
    "spo2_percent": "SpO₂",
}
FIELDS = {
    **READINGS,
    "resp_per_min": "RR",
    "rate_ml_per_h": "Rate (mL/h)",
    "drawn_mg": "Amount drawn (mg)",
    "drawn_ml": "Amount drawn (mL)",
    "size_mg": "Contents (mg)",
}
PHASES = {
    "preparing": "Preparing",
    "infusing": "Infusing",
    "paused": "Paused",
    "administering": "Between devices",
    "observing": "Observing",
    "discharged": "Discharged",
    "left_against_advice": "Left AMA",
    "closed": "Closed",
}
PAUSE_REASONS = {
    "nausea": "Nausea",
    "distress": "Distress",
    "pressure": "Blood pressure",
    "line": "IV line",
    "asked": "Patient request",
    "other": "Other",
}
STOP_REASONS = {
    "consent_withdrawn": "Patient withdrew consent",
    "distress": "Distress",
    "pressure": "Blood pressure",
    "emergency": "Emergency",
    "asked": "Patient request",
    "other": "Other",
}
IDENTIFIERS = {
    "name": "Name (stated)",
    "born": "Date of birth (stated)",
    "photo": "Photo ID",
    "mrn": "MRN",
}
# The Spravato instructions for use: one spray in each nostril, head reclined 45 degrees; the device is not primed.
DEVICE_INSTRUCTIONS = {
    "first": "Have the patient blow their nose once, before the first device only. Do not prime the device.",
    "every": "Head back about 45 degrees. One spray in each nostril.",
}


def client_constants() -> dict[str, Any]:
    """The constants as plain JSON values. Shares are given as [numerator, denominator]."""
    return {
        "possible": {name: list(bounds) for name, bounds in POSSIBLE.items()},
        "implausible_change": [IMPLAUSIBLE_CHANGE.numerator, IMPLAUSIBLE_CHANGE.denominator],
        "late_after_ms": round(LATE_AFTER.total_seconds() * 1000),
        "preparation": PREPARATION,
        "prescribing_roles": sorted(PRESCRIBES),
        "third_identifiers": sorted(THIRD_IDENTIFIERS),
        "kinds": {
            "dosing": sorted(DOSING),
            "acts": sorted(ACTS),
            "after_leaving": sorted(AFTERWARDS),
            "unnamed": sorted(UNNAMED),
        },
        "readings": READINGS,
        "fields": FIELDS,
        "phases": PHASES,
        "pause_reasons": PAUSE_REASONS,
        "stop_reasons": STOP_REASONS,
        "identifiers": IDENTIFIERS,
        "device_instructions": DEVICE_INSTRUCTIONS,
    }
