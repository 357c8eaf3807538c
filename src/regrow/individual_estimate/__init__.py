"""What one patient's scores say about what is not known of them, and how little that is. Floats live here.

In: a course, the rule whose caps bind, the parameters of the pharmacology, a population. Out: `Estimate` with bands for
each dose, or `StepsBack` with the reason. The same course gives the same estimate to the last bit. Pure: no clock.
"""

from .estimate import DoseOptionEstimate, Estimate, NoEstimate, PathPoint, estimate, estimate_as_json, warm_up
from .learning import evidence_of, learned

__all__ = [
    "DoseOptionEstimate",
    "Estimate",
    "NoEstimate",
    "PathPoint",
    "estimate",
    "estimate_as_json",
    "evidence_of",
    "learned",
    "warm_up",
]
