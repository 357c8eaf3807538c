"""One block of patients through every arm of a trial; what the arms share is made once."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Protocol

import numpy as np

from regrow.knowledge import Arm, Trial
from regrow.pharmacology.cascade import FAST, KEPT, SYNAPSE, decays_of, retention
from regrow.pharmacology.effects import Effects

from . import kernels, random_streams
from .arrays import Floats, Whole
from .cohort import BLOCK, Cohort, noise_of
from .phase import PhaseSimulation
from .responses import Known, Responses
from .scales import Severity, scales_of
from .state import EXPECTS, PhaseRecord, State

_MOST_PHASES = 24  # that one patient may go through; a graph that runs in circles ends here


class DosePolicy(Protocol):
    """Select the dose option index of each patient in `who` for the n-th session, counted from 0.

    `scores`: all observed so far, by (scale, day), each (patient,) of the whole block; NaN is missing.
    """

    def __call__(
        self, session: int, who: Whole, scores: Mapping[tuple[str, float], Floats], rung: Whole
    ) -> Whole: ...


class Course:
    """Runs the arms of a trial over one cohort; everything that the arms share is computed once.

    `choose` replaces the trial's own rule for the next dose option.
    """

    choose: DosePolicy | None = None

    def __init__(
        self,
        trial: Trial,
        effects: Effects,
        people: Cohort,
        severity: Severity,
        known: Known | None = None,
    ) -> None:
        self.trial, self.effects, self.people, self.severity = trial, effects, people, severity
        p = effects.parameters
        self.responses = Responses(effects, people, known)
        self._entry = trial.population.entry.scale
        decay = decays_of(p, people.tau_synapse_d)
        self.decay, self.synapse = decay[:, 0].copy(), decay[SYNAPSE].copy()
        self.into_benefit = {ad: into_benefit(effects, decay, antidepressant=ad) for ad in (True, False)}
        crisis = p["crisis_recovery"] if trial.population.setting == "crisis" else 0.0
        self.mood = np.array(
            [
                p["tau_expect_d"],
                p["tau_natural_d"],
                p["natural_course"],
                p["new_antidepressant"],
                p["tau_crisis_d"],
                crisis,
            ]
        )
        self.expect = {name: 0.0 if name == "none" else p[f"expect_{name}"] for name in EXPECTS}
        # Of the fourth number of a rating's draw: below it, the rating is missed.
        self.missed = NormalDist().inv_cdf(p["missed_rating"])
        self._recall_days = max(severity.recall_days.values())
        self.recalling = any(
            scale in severity.recall_days
            for phase in trial.phases.values()
            for scale in scales_of(trial, phase)
        )
        self._thresholds: dict[int, Floats] = {}
        self.first: dict[str, Floats] = {self._entry: people.entry_score}
        for phase in trial.phases.values():
            for scale in scales_of(trial, phase):
                self._know_first(scale)

    def arm(self, arm: Arm) -> Mapping[str, PhaseRecord]:
        """Everyone of the block through one arm, so that arms are paired patient by patient."""
        state = self._at_entry()
        records: dict[str, PhaseRecord] = {}
        waiting: dict[str, Whole] = {arm.start: np.flatnonzero(self.people.enrolled > 0)}
        while waiting:
            id = next(name for name in self.trial.phases if name in waiting)
            who = np.sort(waiting.pop(id))
            record = records.setdefault(id, PhaseRecord.empty(self.first))
            for to, going in PhaseSimulation(self, self.trial.phases[id], who, state, record).run():
                going = going[(state.left[going] == 0) & (state.passed[going] < _MOST_PHASES)]
                if len(going):
                    waiting[to] = np.union1d(waiting[to], going) if to in waiting else going
        return records

    def _at_entry(self) -> State:
        people = self.people
        return State(
            numbers=np.zeros((6, BLOCK)),
            day=np.zeros(BLOCK),
            expecting_since=np.zeros(BLOCK),
            expecting=np.zeros(BLOCK, dtype=np.int64),
            new_since=np.full(BLOCK, np.inf),
            wobble=people.wobble.copy(),
            wobble_day=np.zeros(BLOCK),
            seen=np.zeros(BLOCK, dtype=np.int64),
            dosed=np.zeros(BLOCK, dtype=np.int64),
            passed=np.zeros(BLOCK, dtype=np.int64),
            recall=np.ones((self._recall_days if self.recalling else 0, BLOCK)),
            leaving=np.zeros(BLOCK),
            losing=np.zeros(BLOCK),
            losses=np.zeros(BLOCK, dtype=np.int64),
            left=np.zeros(BLOCK),
            last_score={scale: score.copy() for scale, score in self.first.items()},
            rung=np.zeros(BLOCK, dtype=np.int64),
        )

    def _know_first(self, scale: str) -> None:
        """The score at entry on a scale that the entry was not judged by, rated like any other."""
        if scale not in self.first:
            state = self._at_entry()
            everyone = np.arange(BLOCK)
            self.first[scale] = self.rate(
                everyone, state, list(np.ones((self._recall_days, BLOCK))), scale, np.ones(BLOCK), 6
            )

    def rate(
        self, who: Whole, state: State, recall: Sequence[Floats], scale: str, share: Floats, number: int
    ) -> Floats:
        """The score as it is written down, on one scale; `recall[0]` is the share left a day ago."""
        p, people = self.effects.parameters, self.people
        looks_back = self.severity.recall_days.get(scale, 1)
        if looks_back > 1:
            weights = np.exp(-np.arange(looks_back) / p["recall_days"])
            weights /= weights.sum()
            share = share * weights[0]
            for weight, before in zip(weights[1:], recall, strict=False):
                share += weight * before
        true = self.severity.convert(people.true_score[who] * share, self._entry, scale)
        top = self.severity.maximum[scale]
        # A person's ups and downs shrink with the score.
        smaller = np.sqrt(share)
        wobble = state.wobble * (p["wobble_madrs"] * top / self.severity.maximum["madrs"]) * smaller
        shift = np.zeros(len(who))
        if scale != self._entry:
            shift = people.scale_shift[who] * (p["crosswalk_sd"] * top) * smaller
        z = self.visit_normals(who, state.seen, number)
        out = np.empty(len(who))
        kernels.rated(true, wobble, z[1], noise_of(self.effects, self.severity, scale), shift, top, out)
        return out

    def visit_normals(self, who: Whole, seen: Whole, number: int) -> Floats:
        """Four numbers for the rating that each is at; `number` tells scales of one visit apart."""
        return random_streams.normals(
            self.trial.seed, self.people.ids[who], seen * 8 + number, random_streams.VISITS
        )

    def loss_threshold(self, who: Whole, losses: Whole) -> Floats:
        """How much hazard each bears before it loses what was built, for the n-th time."""
        most = int(losses.max()) if len(losses) else 0
        for number in range(most + 1):
            if number not in self._thresholds:
                draws = np.full(BLOCK, number, dtype=np.int64)
                u = random_streams.uniforms(self.trial.seed, self.people.ids, draws, random_streams.LOSS)[0]
                self._thresholds[number] = -np.log(u)
        if most == 0:
            return self._thresholds[0][who]
        table = np.stack([self._thresholds[number] for number in range(most + 1)])
        return np.asarray(table[losses, who])


def into_benefit(effects: Effects, decay: Floats, *, antidepressant: bool) -> Floats:
    """F + S + L as a sum of the six numbers: its coefficients, (6, patient); see `cascade.states_of`."""
    out = np.zeros_like(decay)
    keep = retention(effects.parameters, antidepressant=antidepressant)
    for members, scale in (
        ([0, 1, 2, SYNAPSE], effects.scale),
        ([0, 1, 2, SYNAPSE, KEPT], effects.scale * keep),
        ([0, FAST], effects.fast_scale),
    ):
        for j in members:
            below = np.ones(decay.shape[1])
            for i in members:
                if i != j:
                    below = below * (decay[i] - decay[j])
            out[j] += scale / below
    return out
