"""The patient's record as values, and the three-valued determination.

Input: records with ids, so that a decision can cite them. Output: `Chart` and its records, `Determination`. JSON is
read and written by `read_chart` and `write_chart`.
"""

from .codec import BadChart, read_chart, read_time
from .determination import CriterionStatus, Determination, all_of, any_of
from .records import (
    Attestation,
    Chart,
    Condition,
    Diagnosis,
    Measurement,
    Medicine,
    Outcome,
    Score,
    Treatment,
    Trial,
)

__all__ = [
    "Attestation",
    "BadChart",
    "Chart",
    "Condition",
    "CriterionStatus",
    "Determination",
    "Diagnosis",
    "Measurement",
    "Medicine",
    "Outcome",
    "Score",
    "Treatment",
    "Trial",
    "all_of",
    "any_of",
    "read_chart",
    "read_time",
]
