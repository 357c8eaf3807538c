"""The patient's record as values, and the three-valued determination every engine answers with.

In: records with an id, so that whatever is decided can point at what decided it.
Out: `Chart` and its records, `Determination`. Reading and writing JSON is `read_chart` / `write_chart`.
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
