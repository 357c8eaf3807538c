"""Who may be treated, by which route, and why.

In: a chart and the rules from the knowledge. Out: three-valued determinations, each with its records and
with what is missing, and the routes they open or close.
"""

from .medicines import find_antidepressant, suggest_spelling
from .rules import Candidacy, Route, determine
from .trials import TrialJudgement, judge_trial

__all__ = [
    "Candidacy",
    "Route",
    "TrialJudgement",
    "determine",
    "find_antidepressant",
    "judge_trial",
    "suggest_spelling",
]
