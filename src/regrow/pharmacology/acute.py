"""What is felt during a session. Benefit never reads any of it."""

from dataclasses import dataclass

import numpy as np

from regrow.knowledge import EffectParameters

from .concentration import Floats
from .effects import Effects


@dataclass(frozen=True)
class Acute:
    """Of the typical person of these covariates at these occupancies, each shaped as the occupancies.

    `cadss` is the mean; `no_cadss` and the two chances are probabilities for one session at its peak.
    """

    no_cadss: Floats
    cadss: Floats
    systolic_rise_mmhg: Floats
    diastolic_rise_mmhg: Floats
    pulse_rise_per_min: Floats
    sedation: Floats
    nausea: Floats


def acute(
    effects: Effects,
    occupancy: Floats,
    session: int = 1,
    age_years: float = 45.0,
    *,
    hypertension: bool = False,
) -> Acute:
    """`session` counts from 1: dissociation fades with repetition, pressure does not."""
    p = effects.parameters
    relative = occupancy / effects.typical_peak
    none = np.where(
        occupancy > 0, _chance(-p["cadss_none_logit"] - p["cadss_occupancy_slope"] * occupancy), 1.0
    )
    rise = p["systolic_rise_mmhg"] * relative * systolic_factor(p, age_years, hypertension=hypertension)
    given = np.where(occupancy > 0, 1.0, 0.0)
    return Acute(
        no_cadss=none,
        cadss=(1 - none) * p["cadss_at_half"] * relative * tolerance(p, session),
        systolic_rise_mmhg=rise,
        diastolic_rise_mmhg=rise * p["diastolic_share"],
        pulse_rise_per_min=rise * p["pulse_share"],
        sedation=given * _chance(p["sedation_logit"] + p["sedation_slope"] * occupancy),
        nausea=given * _chance(p["nausea_logit"] + p["nausea_slope"] * occupancy),
    )


def tolerance(parameters: EffectParameters, session: int) -> float:
    """What is left of dissociation at the n-th session, of the first's."""
    return max(parameters["cadss_tolerance"] ** (session - 1), parameters["cadss_floor"])


def systolic_factor(parameters: EffectParameters, age_years: float, *, hypertension: bool) -> float:
    """How much more the pressure rises with age, about 45 years, and with hypertension."""
    factor = float(np.exp(parameters["systolic_age_per_y"] * (age_years - 45.0)))
    return factor * (parameters["systolic_hypertension"] if hypertension else 1.0)


def _chance(logit: Floats) -> Floats:
    return 1 / (1 + np.exp(-logit))
