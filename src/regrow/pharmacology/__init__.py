"""From the doses given to the concentration expected, and on to what it does. Floats live here.

In: models and parameters from the knowledge, people's covariates, what was given and when. Out: concentrations
whose type says where the blood was drawn, occupancy, plasticity, mood. Pure: no clock, no database, no state.
"""

from .concentration import Arterial, Concentration, Profile, Venous
from .concentration_forecast import ConcentrationForecast, StepResponse, step_response
from .doses import Bolus, Dose, Given, History, Infusion
from .errors import BadDose, MixedSites
from .plasma import concentration
from .subjects import People, Subjects, differing, drawn, typical

__all__ = [
    "Arterial",
    "BadDose",
    "Bolus",
    "Concentration",
    "ConcentrationForecast",
    "Dose",
    "Given",
    "History",
    "Infusion",
    "MixedSites",
    "People",
    "Profile",
    "StepResponse",
    "Subjects",
    "Venous",
    "concentration",
    "differing",
    "drawn",
    "step_response",
    "typical",
]
