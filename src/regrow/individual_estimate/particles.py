"""Virtual people like the patient: drawn once for a group of patients, and shared by all who are in it.

They are the people of the trials' own populations, a quarter of them under each answer to dose and benefit, so that no
answer is short of people whatever its weight. Their numbers come from counters: the same group, the same people.
"""

import hashlib
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any

import numpy as np

from regrow.knowledge import (
    HYPOTHESES,
    EffectParameters,
    EstimateChoices,
    InfusionProtocol,
    Population,
    Spread,
    Titration,
    Treatment,
    with_values,
)
from regrow.pharmacology.cascade import BUILD, FAST, KEPT, SYNAPSE, decays_of, impulse_responses, numbers_at
from regrow.pharmacology.effects import Effects, effects_of, typical_session
from regrow.simulation import random_streams
from regrow.simulation.arrays import Floats, Whole
from regrow.simulation.cohort import BLOCK, Cohort, cohort
from regrow.simulation.course import into_benefit
from regrow.simulation.responses import Responses
from regrow.simulation.scales import Severity

from .inputs import EstimateInputs
from .kernels import POLES

_POLES = (BUILD, SYNAPSE, KEPT, FAST)
_LOSSES = 3  # how often a particle may lose at a stroke what was built
_DAY_H = 24.0
_KEPT_GROUPS = 24
# What is kept between estimates is shared; a server asks from several threads.
one_at_a_time = RLock()


@dataclass(frozen=True)
class Group:
    """What is known of a person before any score, as far as their particles depend on it; None is not known."""

    weight_kg: float
    failed_trials: int | None
    instrument: str

    @classmethod
    def of(
        cls, weight_kg: float, failed_trials: int | None, instrument: str, choices: EstimateChoices
    ) -> "Group":
        """Group of a patient: weight to the nearest step, failed trials up to the largest distinguished number."""
        step = choices.weight_every_kg
        failed = None if failed_trials is None else min(max(failed_trials, 2), choices.failed_trials_at_most)
        return cls(max(step, round(weight_kg / step) * step), failed, instrument)

    @property
    def seed(self) -> int:
        text = f"{self.weight_kg:.1f}/{self.failed_trials}/{self.instrument}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


class ParticleSet(ABC):
    """What the particles of a group, or some of them, bring: arrays (particle,) but for those named.

    `first_left` and `then_left` as `kernels.live` takes them; `middles` (3, particle) and `spreads` (3,) of the
    logarithms of θ, expectancy and recovery; `baseline` mean and SD of the score before treatment; `wobble` in points.
    """

    group: Group
    choices: EstimateChoices
    effects: Effects
    severity: Severity
    seed: int
    count: int
    baseline: tuple[float, float]
    wobble: float
    theta: Floats
    expects: Floats
    recovers: Floats
    tau_synapse_d: Floats
    answer: Whole
    systolic: Floats
    cadss: Floats
    prone: Floats
    middles: Floats
    spreads: Floats
    first_left: Floats
    then_left: Floats
    decay: Floats
    synapse: Floats
    lost_on: Whole

    @abstractmethod
    def dose(self, mg_per_kg: float, minutes: float) -> tuple[Floats, Floats]:
        """Drive and peak occupancy of each particle after one infusion."""


class Particles(ParticleSet):
    """The people of one group."""

    def __init__(
        self,
        group: Group,
        inputs: EstimateInputs,
        seed: int = 0,
        *,
        paired: bool = False,
    ) -> None:
        """`paired` puts the same person under every answer: then chance weighs little in what tells them apart."""
        choices = inputs.choices
        self.group, self.choices, self.severity = group, choices, inputs.severity
        self.effects = effects = effects_of(for_one(inputs.parameters), inputs.models)
        p = effects.parameters
        people = _population(group, inputs.population)
        self.seed = group.seed ^ seed
        every = np.full(len(HYPOTHESES), 1 / len(HYPOTHESES))
        answers = len(HYPOTHESES)
        drawn = [
            cohort(effects, inputs.severity, every, people, self.seed, first)
            for first in range(0, choices.particles // (answers if paired else 1), BLOCK)
        ]
        if paired:
            self._blocks = [replace(b, answer=np.full(BLOCK, a)) for b in drawn for a in range(answers)]
        else:
            self._blocks = [replace(b, answer=b.ids % answers) for b in drawn]
        self._responses = [Responses(effects, block) for block in self._blocks]
        self.theta = self._all("theta")
        self.expects = self._all("expects")
        self.recovers = self._all("recovers")
        self.tau_synapse_d = self._all("tau_synapse_d")
        self.answer = np.concatenate([block.answer for block in self._blocks])
        self.systolic, self.cadss, self.prone = self._all("systolic"), self._all("cadss"), self._all("prone")
        # Where the logarithms of θ, expectancy and recovery have their middles, for each particle's covariates.
        resistance = (np.concatenate([b.covariates["failed_trials"] for b in self._blocks]) - 2) / 4
        self.middles = np.stack(
            [
                p["theta_log_mean"] - p["theta_resistance_slope"] * resistance,
                -(p["expect_sd"] ** 2) / 2 - p["expect_resistance_slope"] * resistance,
                np.full(len(resistance), -(p["natural_log_sd"] ** 2) / 2),
            ]
        )
        self.spreads = np.array([p["theta_log_sd"], p["expect_sd"], p["natural_log_sd"]])
        self.count = len(self.theta)
        self._drives: dict[tuple[float, float], tuple[Floats, Floats]] = {}
        self._what_a_session_leaves()
        self.lost_on = self._losses()
        highest = self.severity.maximum
        top = highest[group.instrument]
        own = people.entry.scale
        slope = top / highest[own]
        self.baseline = (
            float(self.severity.convert(np.array([people.entry.mean]), own, group.instrument)[0]),
            people.entry.sd * slope,
        )
        self.wobble = p["wobble_madrs"] * top / highest["madrs"]

    def _all(self, name: str) -> Floats:
        return np.concatenate([getattr(block, name) for block in self._blocks])

    def _what_a_session_leaves(self) -> None:
        """A day and two days after a session of drive 1, in the poles that still matter, for benefit."""
        effects, p = self.effects, self.effects.parameters
        decay = decays_of(p, self.tau_synapse_d)
        window, occupancy = typical_session(p, effects.models)
        surge = np.broadcast_to(occupancy[0] / effects.typical_exposure_h, (self.count, len(window.nodes_h)))
        left = impulse_responses(decay, window, surge)
        day_one = numbers_at(decay, [0.0], [window], [left], _DAY_H)
        day_two = numbers_at(decay, [0.0], [window], [left], 2 * _DAY_H)
        later = day_two - day_one * np.exp(-decay * _DAY_H)
        into = [into_benefit(effects, decay, antidepressant=ad) for ad in (False, True)]
        self.first_left = np.stack([(i * day_one)[list(_POLES)] for i in into])
        self.then_left = np.stack([(i * later)[list(_POLES)] for i in into])
        self.decay = np.exp(-decay[list(_POLES), 0] * _DAY_H)
        self.synapse = np.exp(-decay[SYNAPSE] * _DAY_H)
        assert self.first_left.shape[1] == POLES

    def _losses(self) -> Whole:
        """The day on which each particle loses what was built, for the first few times."""
        rate = self.effects.parameters["loss_per_week"] / 7
        ids = np.concatenate([block.ids for block in self._blocks])
        u = random_streams.uniforms(self.seed, ids, np.zeros(self.count, dtype=np.int64), random_streams.LOSS)
        days = np.cumsum(-np.log(u[:_LOSSES]) / rate, axis=0)
        return np.minimum(days, 1e9).astype(np.int64)

    def dose(self, mg_per_kg: float, minutes: float) -> tuple[Floats, Floats]:
        """Drive and peak occupancy of each particle after one infusion; kept, since neither depends on the past."""
        key = (round(mg_per_kg, 4), round(minutes, 1))
        if key not in self._drives:
            if key[0] <= 0 or key[1] <= 0:
                self._drives[key] = (np.zeros(self.count), np.zeros(self.count))
            else:
                treatment = Treatment("racemate", key[0], key[1])
                made = [
                    r.of(treatment, key[0], (), (decay_shared(self.effects), block_synapse(self.effects, b)))
                    for r, b in zip(self._responses, self._blocks, strict=True)
                ]
                self._drives[key] = (
                    np.concatenate([m.drive for m in made]),
                    np.concatenate([m.peak for m in made]),
                )
                for response in self._responses:
                    response.forget()
        return self._drives[key]


class ParticleSubset(ParticleSet):
    """Some of the particles, perhaps more than once, with their own θ, expectancy and recovery; else as they were."""

    def __init__(self, of: ParticleSet, which: Whole, moved: Floats | None = None) -> None:
        """`moved` (3, particle) replaces θ, expectancy and recovery."""
        self._of, self._which = of, which
        self.group, self.choices, self.effects, self.seed = of.group, of.choices, of.effects, of.seed
        self.severity = of.severity
        self.baseline, self.wobble, self.spreads = of.baseline, of.wobble, of.spreads
        self.count = len(which)
        values = (
            np.stack([of.theta[which], of.expects[which], of.recovers[which]]) if moved is None else moved
        )
        self.theta, self.expects, self.recovers = values
        self.tau_synapse_d, self.answer = of.tau_synapse_d[which], of.answer[which]
        self.systolic, self.cadss, self.prone = of.systolic[which], of.cadss[which], of.prone[which]
        self.middles = of.middles[:, which]
        self.first_left, self.then_left = of.first_left[:, :, which], of.then_left[:, :, which]
        self.decay, self.synapse = of.decay, of.synapse[which]
        self.lost_on = of.lost_on[:, which]

    def dose(self, mg_per_kg: float, minutes: float) -> tuple[Floats, Floats]:
        """As of the particles they are."""
        drive, peak = self._of.dose(mg_per_kg, minutes)
        return drive[self._which], peak[self._which]


def decay_shared(effects: Effects) -> Floats:
    return np.ascontiguousarray(
        decays_of(effects.parameters, np.array([effects.parameters["tau_synapse_d"]]))[:, 0]
    )


def block_synapse(effects: Effects, block: Cohort) -> Floats:
    return np.ascontiguousarray(decays_of(effects.parameters, block.tau_synapse_d)[SYNAPSE])


def for_one(parameters: EffectParameters) -> EffectParameters:
    """Parameters for a patient of an unstudied clinic: between-study variance is added to between-patient variance."""
    p = parameters
    wider = {
        "theta_log_sd": float(np.hypot(p["theta_log_sd"], p["study_benefit_sd"])),
        "expect_sd": float(np.hypot(p["expect_sd"], p["study_placebo_sd"])),
        "natural_log_sd": float(np.hypot(p["natural_log_sd"], p["study_placebo_sd"])),
    }
    return with_values(parameters, wider)


def minutes_of(protocol: InfusionProtocol | None, rule: Titration, mg_per_kg: float) -> float:
    """How long a dose of this rule runs: longer where its rate would pass the cap."""
    minutes = protocol.minutes if protocol else 40
    cap = rule.rate_cap_mg_per_kg_h
    return (
        float(minutes)
        if cap is None
        else max(float(minutes), float(np.ceil(mg_per_kg * 60 / float(cap) - 1e-9)))
    )


def _population(group: Group, base: Population) -> Population:
    fixed: dict[str, Any] = {"weight_kg": Spread(group.weight_kg, 0.0, group.weight_kg, group.weight_kg)}
    if group.failed_trials is not None:
        n = float(group.failed_trials)
        fixed["failed_trials"] = Spread(n, 0.0, n, n)
    return replace(base, **fixed)


_kept: OrderedDict[tuple[Group, str], Particles] = OrderedDict()


def particles_of(group: Group, inputs: EstimateInputs) -> Particles:
    """The group's people, drawn when first asked for and kept for the next patient of the group."""
    key = (group, inputs.hash)
    if key not in _kept:
        _kept[key] = Particles(group, inputs)
        while len(_kept) > _KEPT_GROUPS:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]
