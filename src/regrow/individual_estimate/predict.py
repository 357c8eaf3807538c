"""From the posterior to what a prescriber can read: bands for each dose, chances, when it is likely to wear off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from regrow.pharmacology.acute import systolic_factor, tolerance
from regrow.simulation import random_streams
from regrow.simulation.arrays import Floats, Whole
from regrow.simulation.cohort import noise_of

from .particles import ParticleSet, ParticleSubset
from .posterior import ParticleHistory, Posterior, propagate
from .timeline import DoseDay, Timeline

# Streams of the estimate's own draws; those of the trials come before.
_PICK, _STATE, _LOOK = 100, 101, 102
_WEAR_DAYS = 60
_FACTORS = np.exp(
    np.linspace(-2.0, 2.0, 41)
)  # of a patient's blood-pressure rise relative to the typical one


@dataclass(frozen=True)
class Draws:
    """Particles picked by their weight, with a baseline and a wobble for each: equally likely people, (draw,)."""

    particles: ParticleSet
    which: Whole
    baseline: Floats
    wobble: Floats
    life: ParticleHistory


def drawn(posterior: Posterior, life: ParticleHistory, count: int) -> Draws:
    """Systematic picks, so that the same posterior gives the same people."""
    particles, seed = posterior.particles, posterior.particles.seed
    zero = np.zeros(1, dtype=np.int64)
    start = random_streams.uniforms(seed, zero, zero, _PICK)[0, 0]
    edges = np.cumsum(posterior.weight)
    which = np.searchsorted(edges, (np.arange(count) + start) / count * edges[-1]).astype(np.int64)
    which = np.minimum(which, particles.count - 1)
    ids = np.arange(count, dtype=np.int64)
    z = random_streams.normals(seed, ids, np.zeros(count, dtype=np.int64), _STATE)
    var_b, cov, var_w = posterior.cov[:, which]
    sd_b = np.sqrt(np.maximum(var_b, 1e-12))
    baseline = posterior.mean[0, which] + sd_b * z[0]
    rest = np.sqrt(np.maximum(var_w - cov**2 / np.maximum(var_b, 1e-12), 0.0))
    wobble = posterior.mean[1, which] + cov / sd_b * z[0] + rest * z[1]
    top = particles.severity.maximum[particles.group.instrument]
    return Draws(
        particles,
        which,
        np.clip(baseline, 0.0, top),
        wobble,
        ParticleHistory(
            life.day,
            np.ascontiguousarray(life.numbers[:, which]),
            np.ascontiguousarray(life.ring[:, which]),
            life.recalled[which],
        ),
    )


@dataclass(frozen=True)
class Ahead:
    """What is expected of one plan: of the score at each day asked for, as it would be written down, and as it is.

    `written` and `true` are (day, draw).
    """

    days: Sequence[int]
    written: Floats
    true: Floats


def ahead(
    draws: Draws, timeline: Timeline, doses: Sequence[DoseDay], days: Sequence[int], wobble_day: int | None
) -> Ahead:
    """Lets the picked people live under further doses, up to the last of `days`."""
    instrument = draws.particles.group.instrument
    recalls = draws.life.ring.shape[0] > 1
    # What is written down looks back; what is true is of the day.
    asked = [*((day, recalls) for day in days), *((day, False) for day in days)]
    seen, _ = _lived(draws, timeline, doses, asked)
    shares, true = seen[: len(days)], seen[len(days) :]
    p, top = draws.particles.effects.parameters, draws.particles.severity.maximum[instrument]
    noise, seed = (
        noise_of(draws.particles.effects, draws.particles.severity, instrument),
        draws.particles.seed,
    )
    ids = np.arange(len(draws.which), dtype=np.int64)
    wobble, before = draws.wobble, timeline.today if wobble_day is None else wobble_day
    written = np.empty((len(days), len(ids)))
    for place, day in enumerate(days):
        z = random_streams.normals(seed, ids, np.full(len(ids), day, dtype=np.int64), _LOOK)
        keep = np.exp(-max(day - before, 0) / p["wobble_days"])
        wobble = keep * wobble + np.sqrt(1 - keep * keep) * z[0]
        before = day
        centre = draws.baseline * shares[place] + draws.particles.wobble * np.sqrt(shares[place]) * wobble
        written[place] = np.clip(np.floor(centre + noise * z[1] + 0.5), 0, top)
    return Ahead(days, written, draws.baseline * true)


def _lived(
    draws: Draws, timeline: Timeline, doses: Sequence[DoseDay], asked: list[tuple[int, bool]]
) -> tuple[Floats, Floats]:
    """Shares and benefit (asked, draw) of the picked people under further doses."""
    plan = replace(timeline, doses=[*timeline.doses, *doses])
    until = max(day for day, _ in asked)
    return propagate(ParticleSubset(draws.particles, draws.which), plan, draws.life.copy(), until, asked)


def wears_off_days(draws: Draws, timeline: Timeline, dose: DoseDay) -> tuple[float, float, float] | None:
    """Days after a dose given now, and none after it, until half of what ketamine does a day after it is gone: median, and the middle 80 %.

    None when it does nothing for most of the picked people.
    """
    days = list(range(dose.day + 1, dose.day + _WEAR_DAYS + 1))
    helped = draws.particles.theta[draws.which] > 0
    if helped.mean() < 0.5:
        return None
    felt = _lived(draws, timeline, [dose], [(day, False) for day in days])[1][:, helped]
    gone = felt < felt[0] / 2
    first = np.where(gone.any(axis=0), gone.argmax(axis=0) + 1, _WEAR_DAYS)
    low, mid, high = np.quantile(first, [0.1, 0.5, 0.9], method="inverted_cdf")
    return float(mid), float(low), float(high)


def pressure_over(
    draws: Draws,
    timeline: Timeline,
    dose: tuple[float, float],
    *,
    start_mmhg: float | None,
    limit_mmhg: float | None,
    age_years: float | None,
    hypertension: bool | None,
    readings: int,
) -> float | None:
    """The chance that a reading reaches the signed limit; what earlier sessions showed of this person counts.

    None without a limit, or without a pressure before a session to add the rise to.
    """
    if start_mmhg is None or limit_mmhg is None:
        return None
    particles, p = draws.particles, draws.particles.effects.parameters
    typical = p["systolic_rise_mmhg"] * systolic_factor(p, age_years or 45.0, hypertension=bool(hypertension))
    noise = p["pressure_noise_mmhg"]
    # The largest of some readings, less one before: shifted up, and spread.
    z = random_streams.normals(particles.seed, np.arange(512), np.zeros(512, dtype=np.int64), _PICK)[:4]
    of_largest = noise * np.concatenate([z[:readings].max(axis=0)])
    shift, spread = float(of_largest.mean()), float(np.hypot(of_largest.std(), noise))
    chances = -0.5 * (np.log(_FACTORS) / p["systolic_sd"] + p["systolic_sd"] / 2) ** 2
    for given in timeline.doses:
        if given.systolic_rise_mmhg is None:
            continue
        peak = float(np.median(particles.dose(given.mg_per_kg, given.minutes)[1][draws.which]))
        rise = typical * peak / particles.effects.typical_peak * _FACTORS + shift
        chances = chances - 0.5 * ((given.systolic_rise_mmhg - rise) / spread) ** 2
    weight = np.exp(chances - chances.max())
    weight /= weight.sum()
    peaks = particles.dose(*dose)[1][draws.which] / particles.effects.typical_peak
    highest = start_mmhg + typical * np.outer(_FACTORS, peaks) + of_largest[np.arange(len(peaks)) % 512]
    return float(weight @ (highest >= limit_mmhg).mean(axis=1))


def dissociation(draws: Draws, dose: tuple[float, float], session: int) -> float:
    """The chance of a CADSS above the cut of the trials of the spray, at the n-th session."""
    particles, p = draws.particles, draws.particles.effects.parameters
    peak = particles.dose(*dose)[1][draws.which]
    any_of_it = 1 / (
        1 + np.exp(-p["cadss_none_logit"] - p["cadss_occupancy_slope"] * peak - particles.prone[draws.which])
    )
    size = (
        p["cadss_at_half"]
        * peak
        / particles.effects.typical_peak
        * tolerance(p, session)
        * particles.cadss[draws.which]
    )
    return float(np.mean(any_of_it * (size > p["cadss_dissociation_above"])))


def normal_sum(chances: Sequence[float]) -> float:
    """How often a course as surprising as this one comes, if the model is right: from the chances of its scores.

    Each chance is turned into a standard normal number; the sum of their squares is a χ² of as many degrees.
    """
    from statistics import NormalDist

    if not chances:
        return 1.0
    z = [NormalDist().inv_cdf(min(max(c, 1e-9), 1 - 1e-9)) for c in chances]
    return _chi_square_above(sum(v * v for v in z), len(z))


def _chi_square_above(x: float, degrees: int) -> float:
    """The upper tail of χ², by the regularised incomplete gamma function (a series below its mean, a fraction above)."""
    import math

    a, y = degrees / 2, x / 2
    if y <= 0:
        return 1.0
    scale = math.exp(a * math.log(y) - y - math.lgamma(a))
    if y < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-15:
            n += 1
            term *= y / n
            total += term
        return max(0.0, 1 - total * scale)
    b, c = y + 1 - a, 1e300
    d = 1 / b
    h = d
    for i in range(1, 1000):
        an = -i * (i - a)
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        step = d * c
        h *= step
        if abs(step - 1) < 1e-15:
            break
    return min(1.0, scale * h)


__all__ = [
    "Ahead",
    "Draws",
    "ahead",
    "dissociation",
    "drawn",
    "normal_sum",
    "pressure_over",
    "wears_off_days",
]
