"""The hot loops of the estimate, particle by particle in compiled code; each particle by its own numbers alone."""

import math

import numpy as np

from regrow.pharmacology.numerics import compiled, exp, log
from regrow.simulation.arrays import Floats, Whole

POLES = 4  # of what a session leaves from a day on: build, synapses, those kept, the fast benefit


@compiled
def propagate(
    first_day: int,
    last_day: int,
    dose_day: Whole,
    first_left: Floats,
    then_left: Floats,
    drives: Floats,
    keeps: Whole,
    decay: Floats,
    synapse: Floats,
    theta: Floats,
    expects: Floats,
    recovers: Floats,
    lost_on: Whole,
    log_left: Floats,
    expected: Floats,
    fade: float,
    looks_back: int,
    numbers: Floats,
    ring: Floats,
    recalled: Floats,
    score_day: Whole,
    recalls: Whole,
    out: Floats,
    benefit_out: Floats,
) -> None:
    """Lets days pass, from `first_day` to `last_day`, and writes what each score at `score_day` would see.

    A dose of day d has left `first_left` a day later and `then_left` more a day after that, each (2, POLES, particle)
    without and with an antidepressant (`keeps`), times its drive. `log_left` and `expected` are by day: what time and
    expectancy leave, to be multiplied by `recovers` and `expects`. `numbers` (POLES, particle), `ring` (looks_back,
    particle) and `recalled` (particle) are the state, changed in place: a later call goes on from there. out and
    benefit_out: (score, particle), the share of the score before treatment that is left, by recall where `recalls`.
    """
    n = theta.shape[0]
    benefit = np.empty(n)
    share = np.empty(n)
    gone = fade**looks_back
    total = (1.0 - gone) / (1.0 - fade)
    for day in range(first_day, last_day + 1):
        for pole in range(POLES):
            if pole == 1:
                for i in range(n):
                    numbers[pole, i] *= synapse[i]
            else:
                for i in range(n):
                    numbers[pole, i] *= decay[pole]
        for dose in range(dose_day.shape[0]):
            ago = day - dose_day[dose]
            if ago == 1:
                for pole in range(POLES):
                    for i in range(n):
                        numbers[pole, i] += drives[dose, i] * first_left[keeps[dose], pole, i]
            if ago == 2:
                for pole in range(POLES):
                    for i in range(n):
                        numbers[pole, i] += drives[dose, i] * then_left[keeps[dose], pole, i]
        if lost_on.shape[0] > 0:
            for loss in range(lost_on.shape[0]):
                for i in range(n):
                    if lost_on[loss, i] == day:
                        for pole in range(POLES):
                            numbers[pole, i] = 0.0
        place = day % looks_back
        ll, ex = log_left[day], expected[day]
        for i in range(n):
            b = numbers[0, i] + numbers[1, i] + numbers[2, i] + numbers[3, i]
            b = b if b > 0.0 else 0.0
            benefit[i] = b
            share[i] = exp(recovers[i] * ll - theta[i] * b - expects[i] * ex)
        for i in range(n):
            recalled[i] = share[i] + fade * recalled[i] - gone * ring[place, i]
            ring[place, i] = share[i]
        for score in range(score_day.shape[0]):
            if score_day[score] == day:
                for i in range(n):
                    out[score, i] = recalled[i] / total if recalls[score] else share[i]
                    benefit_out[score, i] = benefit[i]


@compiled
def reweight(
    score: float,
    top: float,
    seen: Floats,
    noise: float,
    wobble: float,
    mean: Floats,
    cov: Floats,
    log_weight: Floats,
) -> None:
    """One score: each particle's weight by how likely it makes it, and what it teaches of baseline and wobble.

    Inside every particle the baseline and the wobble are normal: `mean` (2, particle), `cov` (3, particle) holds
    var(b), cov(b, w), var(w). The score is rounded and ends at 0 and `top`, where all the mass beyond counts.
    """
    rounding = noise * noise + 1.0 / 12.0
    n = seen.shape[0]
    ends = score <= 0.0 or score >= top
    for i in range(n):
        h1 = seen[i]
        h2 = wobble * math.sqrt(seen[i])
        p1 = cov[0, i] * h1 + cov[1, i] * h2
        p2 = cov[1, i] * h1 + cov[2, i] * h2
        var = h1 * p1 + h2 * p2 + rounding
        miss = score - h1 * mean[0, i] - h2 * mean[1, i]
        if not ends:
            log_weight[i] -= 0.5 * (log(var) + miss * miss / var)
        k1, k2 = p1 / var, p2 / var
        mean[0, i] += k1 * miss
        mean[1, i] += k2 * miss
        cov[0, i] -= k1 * p1
        cov[1, i] -= k1 * p2
        cov[2, i] -= k2 * p2
        if ends:
            # A distance of the score from the mean, in SDs, to the edge of the last point of the scale.
            edge = (miss + 0.5 if score <= 0.0 else -(miss - 0.5)) / math.sqrt(var)
            mass = 0.5 * math.erfc(-edge / math.sqrt(2.0))
            log_weight[i] += math.log(mass if mass > 1e-300 else 1e-300) + 0.9189385332046727


@compiled
def jitter(keep: float, mean: Floats, cov: Floats) -> None:
    """Time between two scores: the wobble fades by `keep`, and what is not known of it returns."""
    for i in range(mean.shape[1]):
        mean[1, i] *= keep
        cov[1, i] *= keep
        cov[2, i] = keep * keep * cov[2, i] + 1.0 - keep * keep


@compiled
def below(
    score: float,
    top: float,
    seen: Floats,
    noise: float,
    wobble: float,
    mean: Floats,
    cov: Floats,
    weight: Floats,
    step: int,
) -> float:
    """The chance of a lower score, and half that of the same one, over every `step`-th particle."""
    found, whole = 0.0, 0.0
    for i in range(0, seen.shape[0], step):
        h1 = seen[i]
        h2 = wobble * math.sqrt(seen[i])
        var = h1 * h1 * cov[0, i] + 2.0 * h1 * h2 * cov[1, i] + h2 * h2 * cov[2, i] + noise * noise
        sd = math.sqrt(2.0 * var)
        centre = h1 * mean[0, i] + h2 * mean[1, i]
        low = 0.0 if score <= 0.0 else 0.5 * math.erfc((centre - score + 0.5) / sd)
        high = 1.0 if score >= top else 0.5 * math.erfc((centre - score - 0.5) / sd)
        found += weight[i] * 0.5 * (low + high)
        whole += weight[i]
    return found / whole
