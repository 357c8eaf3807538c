"""From synapses to the true score: benefit, expectancy by comparator, and what comes without treatment."""

from dataclasses import dataclass

import numpy as np

from regrow.knowledge import EffectParameters

from .concentration import Floats

EXPECTANCIES = ("none", "saline", "midazolam", "open", "spray")


@dataclass(frozen=True)
class MoodModel:
    """What a unit of benefit does for each subject (θ, 0 where nothing does), and how much is expected (u, mean 1).

    `recovers` is what time and an antidepressant do for a person, as a multiple on the logarithm of what they leave.
    """

    theta: Floats
    expects: Floats
    recovers: Floats


def typical_mood_model(parameters: EffectParameters, subjects: int = 1) -> MoodModel:
    """The median of those whom the treatment reaches, with mean expectancy, after two failed trials."""
    every = np.ones(subjects)
    return MoodModel(every * np.exp(parameters["theta_log_mean"]), every, every)


def improvement(theta: Floats, benefit: Floats) -> Floats:
    """The share of the score that the treatment takes away; never negative, never all of it."""
    return -np.expm1(-theta * np.maximum(benefit, 0.0))


def expectancy(parameters: EffectParameters, comparator: str, expects: Floats, days: float) -> Floats:
    """The share that knowing of a treatment takes away, `days` after it began.

    Raises ValueError for a comparator that is not one of `EXPECTANCIES`.
    """
    if comparator not in EXPECTANCIES:
        raise ValueError(f"comparator: {comparator!r} is not one of {', '.join(EXPECTANCIES)}")
    if comparator == "none" or days <= 0:
        return np.zeros_like(expects)
    size = parameters[f"expect_{comparator}"]
    come = -np.expm1(-days / parameters["tau_expect_d"])
    found: Floats = -np.expm1(-size * expects * come)
    return found


def natural(parameters: EffectParameters, days: float, *, new_antidepressant: bool, crisis: bool) -> float:
    """Share of the score lost to natural recovery, a new antidepressant, and admission in a crisis."""
    if days <= 0:
        return 0.0
    slow = -np.expm1(-days / parameters["tau_natural_d"])
    kept = 1 - parameters["natural_course"] * slow
    if new_antidepressant:
        kept *= 1 - parameters["new_antidepressant"] * slow
    if crisis:
        kept *= 1 - parameters["crisis_recovery"] * -np.expm1(-days / parameters["tau_crisis_d"])
    return float(1 - kept)


def true_score(
    before: Floats, improved: Floats, expected: Floats, natural_share: float, recovers: Floats
) -> Floats:
    """The score that no error of rating has touched."""
    return before * (1 - improved) * (1 - expected) * (1 - natural_share) ** recovers
