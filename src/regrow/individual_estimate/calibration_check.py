"""Simulation-based calibration: virtual patients estimated from their scores and compared with the truth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from regrow.knowledge import DoseEffect, Knowledge, Trial
from regrow.simulation import random_streams
from regrow.simulation.arrays import Floats
from regrow.simulation.cohort import BLOCK
from regrow.simulation.comparison import choices, trial_for
from regrow.simulation.run import plan_of, run_block

from .inputs import EstimateInputs
from .particles import Group, for_one, particles_of
from .posterior import posterior_of, propagate
from .predict import ahead, drawn, normal_sum
from .timeline import DoseDay, ScoreDay, Timeline

_TIES = 120  # stream, for ranks among equal values
_WEEKS = 6


@dataclass(frozen=True)
class Ranks:
    """Where the truth lies in what was stated, 0 to 1, by what was estimated; `p` and `effective` of each patient."""

    ranks: Mapping[str, Floats]
    p: Floats
    effective: Floats


def trial_of(protocol: str, population: str, size: int, knowledge: Knowledge) -> Trial:
    """Six weekly infusions by a protocol's rule, rated each week."""
    course = next(c for c in choices(knowledge) if c.id == protocol)
    return replace(trial_for(course, course, population, size, knowledge), drop_out=False)


def ranks_of(
    patients: int,
    knowledge: Knowledge,
    *,
    particles: int | None = None,
    world: DoseEffect | None = None,
    seed: int = 1,
) -> Ranks:
    """Five scores after the baseline seen, the sixth to come. `world` is the truth, where it is not the estimate's own."""
    inputs = EstimateInputs.of(knowledge)
    own = inputs.choices if particles is None else replace(inputs.choices, particles=particles)
    inputs = replace(inputs, choices=own)
    plan = plan_of(
        replace(trial_of("iv-weekly-6", own.population, 2 * (patients + BLOCK), knowledge), seed=seed),
        knowledge,
        parameters=for_one(inputs.parameters),
        dose_effect=world or inputs.dose_effect,
    )
    known = inputs.weights
    found: dict[str, list[float]] = {}
    p, effective = list[float](), list[float]()
    block = 0
    while len(p) < patients:
        people, records = run_block(plan, block)
        record = next(iter(records["first"].values()))
        groups = {
            int(i): Group.of(
                float(people.covariates["weight_kg"][i]),
                int(people.covariates["failed_trials"][i]),
                "phq-9",
                own,
            )
            for i in np.flatnonzero(people.enrolled > 0)[: patients - len(p)]
        }
        # Group by group: people of one group share their particles, and only so many groups are kept.
        for i, group in sorted(groups.items(), key=lambda pair: (repr(pair[1]), pair[0])):
            mg = [float(session[i]) for session in record.mg_per_kg]
            scores = [ScoreDay(0, float(people.entry_score[i]), "phq-9", 14, 1.0, "")]
            for week in range(1, _WEEKS):
                seen = record.scores[("phq-9", 7.0 * week)][i]
                if np.isfinite(seen):
                    scores.append(ScoreDay(7 * week, float(seen), "phq-9", 14, 1.0, ""))
            given = [DoseDay(7 * n, dose, 40.0, True, None, "") for n, dose in enumerate(mg)]
            today = 7 * (_WEEKS - 1)
            timeline = Timeline(given[: _WEEKS - 1], scores, today, None, ())
            those = particles_of(group, inputs)
            life, posterior = posterior_of(those, known, timeline)
            if life.day < today:
                propagate(posterior.particles, timeline, life, today, [])
            p.append(normal_sum(posterior.surprises))
            effective.append(posterior.effective_share)
            draw = np.array([block * BLOCK + i], dtype=np.int64)
            ties = random_streams.uniforms(plan.trial.seed, draw, draw, _TIES)[:, 0]
            weight, which = posterior.weight, posterior.particles
            people_now = drawn(posterior, life, own.draws)
            to_come = ahead(people_now, timeline, given[_WEEKS - 1 :], [today + 7], posterior.wobble_day)
            truth = {
                "benefit of a unit, θ": (which.theta, people.theta[i], weight),
                "days of a synapse, τ": (which.tau_synapse_d, people.tau_synapse_d[i], weight),
                "expectancy": (which.expects, people.expects[i], weight),
                "recovery without": (which.recovers, people.recovers[i], weight),
                "baseline": (people_now.baseline, people.true_score[i], None),
                "true score next week": (
                    to_come.true[0],
                    people.true_score[i] * record.true_shares[float(today + 7)][i],
                    None,
                ),
            }
            for name, (values, true, by) in truth.items():
                found.setdefault(name, []).append(_rank(values, float(true), by, ties[0]))
            last = record.scores[("phq-9", float(today + 7))][i]
            if np.isfinite(last):
                found.setdefault("next PHQ-9", []).append(
                    _rank(to_come.written[0], float(last), None, ties[1])
                )
        block += 1
    return Ranks({name: np.array(ranks) for name, ranks in found.items()}, np.array(p), np.array(effective))


def _rank(values: Floats, true: float, weight: Floats | None, tie: float) -> float:
    w = np.full(len(values), 1 / len(values)) if weight is None else weight
    return float(w[values < true].sum() + tie * w[values == true].sum())
