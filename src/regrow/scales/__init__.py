"""Scores an answer sheet and compares two totals, exactly.

In: a `Scale` from the knowledge and the answers as given, None for a blank.
Out: `ScoredSheet`, `Change`, `Converted`. Nothing is rounded, nothing blank becomes zero, and totals of
different instruments, versions, languages or recall windows are never set against each other.
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
