"""Posterior weights of the particles, score by score; results of past weeks are cached."""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regrow.knowledge import HYPOTHESES
from regrow.simulation import random_streams
from regrow.simulation.arrays import Floats, Whole
from regrow.simulation.cohort import BLOCK, noise_of

from . import kernels
from .particles import ParticleSet, ParticleSubset
from .timeline import ScoreDay, Timeline

_KEPT = 64
_MOVES = 3  # of each particle, at each stage
_STAY = 0.8  # how much of where it was a proposal keeps
_STAGES = 12
_WORTH_SHARING = 4  # blocks
_both = ThreadPoolExecutor(2, thread_name_prefix="estimate")
_RESAMPLE, _MOVE, _ACCEPT = 110, 111, 112  # streams
_EVERY = 4  # of the particles, for how surprising a score is


@dataclass
class ParticleHistory:
    """State of the particles on a day: remaining effects of their sessions, and recall of the last two weeks."""

    day: int
    numbers: Floats
    ring: Floats
    recalled: Floats

    def copy(self) -> "ParticleHistory":
        return ParticleHistory(self.day, self.numbers.copy(), self.ring.copy(), self.recalled.copy())


@dataclass
class Posterior:
    """After some scores of a course. `log_weight` (particle,), `mean` (2, particle), `cov` (3, particle).

    `surprises` holds, of each score after the first dose, the chance that the model gave to a lower one; `moved` counts
    how often the particles were made anew, because too few of them did the work.
    """

    particles: ParticleSet
    log_weight: Floats
    mean: Floats
    cov: Floats
    wobble_day: int | None = None
    surprises: list[float] = field(default_factory=list)
    scores: int = 0
    effective_share: float = 1.0
    moved: int = 0

    @property
    def weight(self) -> Floats:
        w = np.exp(self.log_weight - self.log_weight.max())
        return np.asarray(w / w.sum())

    def copy(self) -> "Posterior":
        return Posterior(
            self.particles,
            self.log_weight.copy(),
            self.mean.copy(),
            self.cov.copy(),
            self.wobble_day,
            list(self.surprises),
            self.scores,
            self.effective_share,
            self.moved,
        )


def draw_initial(particles: ParticleSet) -> ParticleHistory:
    recalls = particles.severity.recall_days.get(particles.group.instrument, 1)
    ones = np.ones(particles.count)
    fade = np.exp(-1 / particles.effects.parameters["recall_days"])
    total = (1 - fade**recalls) / (1 - fade)
    return ParticleHistory(
        0,
        np.zeros((kernels.POLES, particles.count)),
        np.ones((recalls, particles.count)),
        ones * total,
    )


def prior(particles: ParticleSet, weights: Floats) -> Posterior:
    """Before any score: each answer to dose and benefit weighs what is known of it."""
    n = particles.count
    mean, sd = particles.baseline
    share = np.log(np.maximum(weights, 1e-300) * len(weights))
    return Posterior(
        particles,
        share[particles.answer].copy(),
        np.stack([np.full(n, mean), np.zeros(n)]),
        np.stack([np.full(n, sd * sd), np.zeros(n), np.ones(n)]),
    )


def propagate(
    particles: ParticleSet,
    timeline: Timeline,
    life: ParticleHistory,
    until: int,
    score_days: list[tuple[int, bool]],
) -> tuple[Floats, Floats]:
    """Brings `life` on to day `until` and returns what scores at those days see: shares and benefit (score, particle)."""
    p = particles.effects.parameters
    # What earlier doses left is in the numbers already; a dose adds to them for two days.
    doses = [d for d in timeline.doses if d.day + 2 > life.day]
    days = np.arange(max(until, 0) + 1, dtype=np.float64)
    log_left = np.log(1 - p["natural_course"] * -np.expm1(-days / p["tau_natural_d"]))
    if timeline.new_antidepressant_on is not None:
        since = np.maximum(days - timeline.new_antidepressant_on, 0.0)
        log_left = log_left + np.log(1 - p["new_antidepressant"] * -np.expm1(-since / p["tau_natural_d"]))
    expected = p["expect_open"] * -np.expm1(-days / p["tau_expect_d"])
    drives = np.array([particles.dose(d.mg_per_kg, d.minutes)[0] for d in doses], dtype=np.float64).reshape(
        len(doses), particles.count
    )
    dose_day = np.array([d.day for d in doses], dtype=np.int64)
    keeps = np.array([int(d.antidepressant) for d in doses], dtype=np.int64)
    out = np.ones((len(score_days), particles.count))
    benefit = np.zeros((len(score_days), particles.count))
    score_day = np.array([day for day, _ in score_days], dtype=np.int64)
    recalls = np.array([int(r) for _, r in score_days], dtype=np.int64)
    fade = float(np.exp(-1 / p["recall_days"]))
    looks_back = life.ring.shape[0]
    total = (1 - fade**looks_back) / (1 - fade)
    for place, (day, recall) in enumerate(score_days):
        if day == life.day and day > 0:  # a second score of a day that was lived already
            out[place] = life.recalled / total if recall else life.ring[day % looks_back]
            benefit[place] = np.maximum(life.numbers.sum(axis=0), 0.0)

    def block(first: int) -> None:
        part = slice(first, first + BLOCK)

        def own(array: Floats) -> Floats:
            return np.ascontiguousarray(array[..., part])

        numbers, ring, recalled = own(life.numbers), own(life.ring), own(life.recalled)
        seen, felt = own(out), own(benefit)
        kernels.propagate(
            life.day + 1,
            until,
            dose_day,
            own(particles.first_left),
            own(particles.then_left),
            own(drives),
            keeps,
            particles.decay,
            own(particles.synapse),
            own(particles.theta),
            own(particles.expects),
            own(particles.recovers),
            np.ascontiguousarray(particles.lost_on[:, part]),
            log_left,
            expected,
            fade,
            looks_back,
            numbers,
            ring,
            recalled,
            score_day,
            recalls,
            seen,
            felt,
        )
        life.numbers[:, part], life.ring[:, part], life.recalled[part] = numbers, ring, recalled
        out[:, part], benefit[:, part] = seen, felt

    if until > life.day:
        blocks = range(0, particles.count, BLOCK)
        # Blocks do not meet, so the order does not matter; for a few, handing them out costs more than it saves.
        list(map(block, blocks) if len(blocks) < _WORTH_SHARING else _both.map(block, blocks))
        life.day = until
    return out, benefit


def observe(posterior: Posterior, score: ScoreDay, share: Floats) -> None:
    """One score more; `share` is what each particle says it would have seen."""
    particles = posterior.particles
    top = particles.severity.maximum[particles.group.instrument]
    points, noise = _read(particles, score)
    if posterior.wobble_day is not None:
        keep = np.exp(-max(score.day - posterior.wobble_day, 0) / particles.effects.parameters["wobble_days"])
        kernels.jitter(float(keep), posterior.mean, posterior.cov)
    posterior.wobble_day = score.day
    if score.day > 0:  # what is seen before the first dose tells of the person, not of the model
        chance_of_less = kernels.below(
            points,
            top,
            share,
            noise,
            particles.wobble,
            posterior.mean,
            posterior.cov,
            posterior.weight,
            _EVERY,
        )
        posterior.surprises.append(chance_of_less)
    kernels.reweight(
        points, top, share, noise, particles.wobble, posterior.mean, posterior.cov, posterior.log_weight
    )
    posterior.scores += 1
    posterior.effective_share = _effective(posterior.log_weight)


def _read(particles: ParticleSet, score: ScoreDay) -> tuple[float, float]:
    """The score in points of the group's instrument, and the SD of its error."""
    own = particles.group.instrument
    noise = noise_of(particles.effects, particles.severity, own) * score.noise
    if score.instrument == own:
        return score.points, noise
    points = float(particles.severity.convert(np.array([score.points]), score.instrument, own)[0])
    scatter = particles.effects.parameters["crosswalk_sd"] * particles.severity.maximum[own]
    return points, float(np.hypot(noise, scatter))


def _effective(log_weight: Floats) -> float:
    w = np.exp(log_weight - log_weight.max())
    return float(w.sum() ** 2 / (w @ w) / len(w))


def _observed_again(
    particles: ParticleSet, timeline: Timeline, scores: Sequence[ScoreDay]
) -> tuple[Floats, Floats, ParticleHistory, Posterior]:
    """The whole course once more for these particles: log likelihood of all scores but the last, and of the last."""
    life = draw_initial(particles)
    made = prior(particles, np.full(len(HYPOTHESES), 1 / len(HYPOTHESES)))
    shares, _ = propagate(
        particles, timeline, life, max(scores[-1].day, 0), [(s.day, s.looks_back > 1) for s in scores]
    )
    before = made.log_weight.copy()
    for place, score in enumerate(scores):
        before = made.log_weight.copy()
        points, noise = _read(particles, score)
        if made.wobble_day is not None:
            keep = np.exp(-max(score.day - made.wobble_day, 0) / particles.effects.parameters["wobble_days"])
            kernels.jitter(float(keep), made.mean, made.cov)
        made.wobble_day = score.day
        top = particles.severity.maximum[particles.group.instrument]
        kernels.reweight(
            points, top, shares[place], noise, particles.wobble, made.mean, made.cov, made.log_weight
        )
    return before, made.log_weight - before, life, made


def rejuvenate(
    posterior: Posterior, before: Floats, timeline: Timeline, scores: Sequence[ScoreDay]
) -> tuple[ParticleHistory, Posterior]:
    """Fewer, equal particles in place of many of which few did the work: tempered, picked and moved.

    The last score is let in by degrees; after each, particles are picked by weight and moved in θ, expectancy and
    recovery by steps that leave the prior as it is, accepted by the likelihood of the whole course.
    """
    count = posterior.particles.choices.draws
    ids, seed = np.arange(count, dtype=np.int64), posterior.particles.seed
    particles, previous, last = posterior.particles, before, posterior.log_weight - before
    in_so_far, stage = 0.0, 0
    life, made = draw_initial(particles), posterior
    while in_so_far < 1.0 and stage < _STAGES:
        stage += 1
        more = _let_in(previous + in_so_far * last, last, 1.0 - in_so_far)
        weight = previous + (in_so_far + more) * last if stage == 1 else more * last
        in_so_far += more
        which = _picked(weight, count, seed, stage)
        particles = ParticleSubset(particles, which)
        before_, last_, life, made = _observed_again(particles, timeline, scores)
        for move in range(_MOVES):
            draw = np.full(count, stage * _MOVES + move, dtype=np.int64)
            z = random_streams.normals(seed, ids, draw, _MOVE)[:3]
            now = np.stack([particles.theta, particles.expects, particles.recovers])
            reached = particles.theta > 0
            logs = np.log(np.where(now > 0, now, 1.0)) - particles.middles
            there = _STAY * logs + np.sqrt(1 - _STAY**2) * particles.spreads[:, None] * z
            to = np.exp(there + particles.middles)
            to[0] = np.where(reached, to[0], 0.0)
            moved = ParticleSubset(particles, ids, to)
            new_before, new_last, new_life, new_made = _observed_again(moved, timeline, scores)
            gain = new_before - before_ + in_so_far * (new_last - last_)
            taken = np.log(random_streams.uniforms(seed, ids, draw, _ACCEPT)[0]) < gain
            particles = ParticleSubset(particles, ids, np.where(taken, to, now))
            before_, last_ = np.where(taken, new_before, before_), np.where(taken, new_last, last_)
            _put(life, new_life, made, new_made, taken)
        previous, last = np.zeros(count), last_
    return life, Posterior(
        particles,
        np.zeros(count),
        made.mean,
        made.cov,
        posterior.wobble_day,
        list(posterior.surprises),
        posterior.scores,
        1.0,
        posterior.moved + 1,
    )


def _put(
    life: ParticleHistory, new_life: ParticleHistory, made: Posterior, new_made: Posterior, taken: Any
) -> None:
    for own, new in (
        (life.numbers, new_life.numbers),
        (life.ring, new_life.ring),
        (life.recalled, new_life.recalled),
        (made.mean, new_made.mean),
        (made.cov, new_made.cov),
    ):
        own[..., taken] = new[..., taken]


def _let_in(log_weight: Floats, last: Floats, rest: float) -> float:
    """How much more of the last score leaves half of the particles at work, by halving the interval."""
    if _effective(log_weight + rest * last) >= 0.5:
        return rest
    low, high = 0.0, rest
    for _ in range(30):
        mid = (low + high) / 2
        low, high = (mid, high) if _effective(log_weight + mid * last) >= 0.5 else (low, mid)
    return max(low, rest / _STAGES)


def _picked(log_weight: Floats, count: int, seed: int, stage: int) -> Whole:
    one = np.full(1, stage, dtype=np.int64)
    start = random_streams.uniforms(seed, np.zeros(1, dtype=np.int64), one, _RESAMPLE)[0, 0]
    edges = np.cumsum(np.exp(log_weight - log_weight.max()))
    found = np.searchsorted(edges, (np.arange(count) + start) / count * edges[-1])
    picked: Whole = np.minimum(found, len(log_weight) - 1).astype(np.int64)
    return picked


_lives: OrderedDict[tuple[object, ...], tuple[ParticleHistory, Posterior]] = OrderedDict()


def discount() -> None:
    """Clear the cache of past weeks; results do not depend on it."""
    _lives.clear()


def posterior_of(
    particles: ParticleSet, weights: Floats, timeline: Timeline
) -> tuple[ParticleHistory, Posterior]:
    """The posterior after every score of the timeline, and the particles on the day of the last one.

    Results of earlier weeks are cached, so that only the last week of a course is computed.
    """
    scores = list(timeline.scores)
    base = (id(particles), weights.tobytes(), timeline.new_antidepressant_on)
    done = 0
    life, posterior = draw_initial(particles), prior(particles, weights)
    for count in range(len(scores), 0, -1):
        key = (*base, *_past(timeline, count))
        if key in _lives:
            _lives.move_to_end(key)
            kept_life, kept = _lives[key]
            life, posterior, done = kept_life.copy(), kept.copy(), count
            break
    rest = scores[done:]
    if rest:
        last = max(max(s.day for s in rest), life.day)
        asked = [(s.day, s.looks_back > 1) for s in rest]
        shares, _ = propagate(posterior.particles, timeline, life, last, asked)
        for number, score in enumerate(rest):
            before = posterior.log_weight.copy()
            observe(posterior, score, shares[number])
            if posterior.effective_share < particles.choices.least_effective_share:
                seen = scores[: done + number + 1]
                life, posterior = rejuvenate(posterior, before, timeline, seen)
                later = [(s.day, s.looks_back > 1) for s in rest[number + 1 :]]
                ahead, _ = propagate(posterior.particles, timeline, life, last, later)
                shares = np.concatenate([np.ones((number + 1, posterior.particles.count)), ahead])
        _lives[(*base, *_past(timeline, len(scores)))] = (life.copy(), posterior.copy())
        while len(_lives) > _KEPT:
            _lives.popitem(last=False)
    return life, posterior


def _past(timeline: Timeline, count: int) -> tuple[object, ...]:
    """The first `count` scores, and every dose that was given before the last of them."""
    scores = timeline.scores[:count]
    last = scores[-1].day
    return (
        tuple((s.day, s.points, s.instrument, s.noise) for s in scores),
        tuple((d.day, d.mg_per_kg, d.minutes, d.antidepressant) for d in timeline.doses if d.day < last),
    )
