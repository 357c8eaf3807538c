"""Scores an answer sheet and compares two totals, exactly.

In: a `Scale` from the knowledge and the answers as given, None for a blank.
Out: `ScoredSheet`, `Change`. Nothing is rounded, nothing blank becomes zero, and scales are never mixed.
"""

from .change import Change, change
from .scoring import BadAnswers, ScoredSheet, score

__all__ = ["BadAnswers", "Change", "ScoredSheet", "change", "score"]
