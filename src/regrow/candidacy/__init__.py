"""Who may be treated, by which route, and why.

In: a chart, the rules from the knowledge and a day. Out: three-valued determinations, each with its records and
with what is missing, and the routes they open or close, ranked, in words for the prescriber and the patient.
"""

from .before import MedicineBefore, medicines_before
from .context import unreadable_scores
from .determine import Candidacy, determine
from .routes import Reason, Recommendation, Route
from .trials import TrialJudgement, judge_trial

__all__ = [
    "Candidacy",
    "MedicineBefore",
    "Reason",
    "Recommendation",
    "Route",
    "TrialJudgement",
    "determine",
    "judge_trial",
    "medicines_before",
    "unreadable_scores",
]
