"""Score rating scales and compare totals, exactly.

Input: a `Scale` from the knowledge and the answers, None for a blank. Output: `ScoredSheet`, `Change`, `Converted`.
Nothing is rounded, a blank is never zero, and totals of different instruments, versions, languages or recall windows
are never compared.
"""

from .change import Change, NotComparable, Reading, change, comparable, highest_total_with_fall
from .convert import Converted, convert
from .recall import days_before, overlap_days, recall_window
from .scoring import BadAnswers, ScoredSheet, Total, flags_of, part_of, score, severity_of, shown

__all__ = [
    "BadAnswers",
    "Change",
    "Converted",
    "NotComparable",
    "Reading",
    "ScoredSheet",
    "Total",
    "change",
    "comparable",
    "convert",
    "days_before",
    "flags_of",
    "highest_total_with_fall",
    "overlap_days",
    "part_of",
    "recall_window",
    "score",
    "severity_of",
    "shown",
]
