"""Clinical eligibility: criteria, routes and reasons.

Input: a chart, the rules from the knowledge and a day. Output: three-valued determinations, each with its records and
missing data, and ranked routes with text for the prescriber and the patient.
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
