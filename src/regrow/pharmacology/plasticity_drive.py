"""How strongly a session drives plasticity, under four alternative hypotheses.

Exposure is the integral of occupancy over the session, relative to that of a typical person given 0.5 mg/kg over 40
minutes; there the drive is 1, under every hypothesis. A saturating function of occupancy, integrated over time, would be
no plateau in the dose (concentration stays longer above any threshold), so it is the session's total that saturates.
"""

from dataclasses import dataclass

import numpy as np

from regrow.knowledge import EffectParameters

from .concentration import Floats

PLATEAU, MONOTONE, INVERTED_U, FLAT = range(4)


@dataclass(frozen=True)
class Shape:
    """Each subject's answer (one of the four) and the three numbers that belong to it, shaped (subject,)."""

    answer: Floats
    half_exposure: Floats
    power: Floats
    downturn_occupancy: Floats


def typical_shape(parameters: EffectParameters, answer: int, subjects: int = 1) -> Shape:
    """The median person under one answer."""
    every = np.ones(subjects)
    return Shape(
        every * answer,
        every * parameters["plateau_half_exposure"],
        every,
        every * parameters["downturn_occupancy"],
    )


def drive_of(
    parameters: EffectParameters, typical_peak: float, shape: Shape, exposure: Floats, peak_occupancy: Floats
) -> Floats:
    """The session's drive: 1 for a typical person's 0.5 mg/kg over 40 minutes, 0 for nothing.

    `exposure` is relative to that typical session, `typical_peak` its peak occupancy.
    """
    half, low = parameters["plateau_half_exposure"], parameters["flat_half_exposure"]
    power = parameters["downturn_power"]
    plateau = (1 + half**2) * exposure**2 / (exposure**2 + shape.half_exposure**2)
    kept = 1 / (1 + (peak_occupancy / shape.downturn_occupancy) ** power)
    kept_at_typical = 1 / (1 + (typical_peak / parameters["downturn_occupancy"]) ** power)
    answers = [
        plateau,
        exposure**shape.power,
        plateau * kept / kept_at_typical,
        (1 + low**2) * exposure**2 / (exposure**2 + low**2),
    ]
    found: Floats = np.choose(shape.answer.astype(np.int64), answers)
    return found
