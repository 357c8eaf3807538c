"""Who may be treated, by which route, and why.

In: a chart, the rules from the knowledge and a day. Out: three-valued determinations, each with its records and
with what is missing, and the routes they open or close, ranked, in words for the prescriber and the patient.
"""

from .antidepressant_trials import TrialAssessment, assess_trial
from .assess import Eligibility, assess_eligibility
from .context import unreadable_scores
from .medications_before_dose import MedicineBefore, medicines_before
from .routes import Recommendation, Route, RouteReason

__all__ = [
    "Eligibility",
    "MedicineBefore",
    "Recommendation",
    "Route",
    "RouteReason",
    "TrialAssessment",
    "assess_eligibility",
    "assess_trial",
    "medicines_before",
    "unreadable_scores",
]
