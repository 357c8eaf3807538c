"""Dosing policies on virtual patients: the published rules, and the individual estimate, week by week.

The expected score of a particle depends on the doses alone, never on the scores, so it is computed once per dose
sequence (`Tree`) and shared by all patients with that sequence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from regrow.knowledge import EstimateChoices, Scale, Titration
from regrow.pharmacology.numerics import compiled, exp, log
from regrow.simulation.arrays import Floats, Whole
from regrow.simulation.cohort import BLOCK, noise_of

from . import kernels
from .inputs import EstimateInputs
from .particles import Group, Particles
from .posterior import draw_initial, propagate
from .timeline import DoseDay, Timeline

SCALE = "phq-9"
WEEKS = 6
HORIZON = 42  # days after the first dose: a week after the last
_MINUTES = 40.0
_MISSED = -1.0


def burden(choices: EstimateChoices, mg_per_kg: Floats) -> Floats:
    """Burden of a dose in points of the scale; 0 at 0.5 mg/kg."""
    found: Floats = (
        choices.burden_weight * choices.burden_size * ((mg_per_kg / 0.5) ** choices.burden_power - 1)
    )
    return found


@compiled
def _teach(
    score: float,
    top: float,
    h1: Floats,
    h2: Floats,
    gain: Floats,
    var: Floats,
    half_log_var: Floats,
    keep: float,
    mean: Floats,
    log_weight: Floats,
) -> None:
    """Update one patient's particles by one score; `gain` (2, particle) and `var` are shared per dose sequence."""
    n = h1.shape[0]
    if score < 0.0:  # missed: only time passes
        for i in range(n):
            mean[1, i] *= keep
        return
    ends = score <= 0.0 or score >= top
    for i in range(n):
        w = mean[1, i] * keep
        miss = score - h1[i] * mean[0, i] - h2[i] * w
        if not ends:
            log_weight[i] -= half_log_var[i] + 0.5 * miss * miss / var[i]
        else:
            edge = (miss + 0.5 if score <= 0.0 else 0.5 - miss) / np.sqrt(var[i])
            # A logistic curve in place of the normal's tail: within a hundredth, and without a call.
            log_weight[i] -= log(1.0 + exp(-1.702 * edge))
        mean[0, i] += gain[0, i] * miss
        mean[1, i] = w + gain[1, i] * miss


@compiled
def _look(shares: Floats, mean: Floats, log_weight: Floats, now: int, out: Floats, spread: Floats) -> None:
    """Expected score at the horizon for each plan, and the SD of its difference from plan `now`; (plan,)."""
    plans, n = shares.shape
    most = log_weight[0]
    for i in range(n):
        most = log_weight[i] if log_weight[i] > most else most
    weight = np.empty(n)
    total = 0.0
    for i in range(n):
        weight[i] = exp(log_weight[i] - most)
        total += weight[i]
    for plan in range(plans):
        first, second, score = 0.0, 0.0, 0.0
        for i in range(n):
            d = mean[0, i] * (shares[now, i] - shares[plan, i])
            score += weight[i] * mean[0, i] * shares[plan, i]
            first += weight[i] * d
            second += weight[i] * d * d
        out[plan] = score / total
        first /= total
        rest = second / total - first * first
        spread[plan] = np.sqrt(rest if rest > 0.0 else 0.0)


@dataclass
class _Node:
    """A dose sequence with the scores observed. Arrays (…, particle)."""

    options: tuple[int, ...]
    h1: Floats
    h2: Floats
    cov: Floats
    gain: Floats
    var: Floats
    half_log_var: Floats
    plans: dict[int, tuple[Whole, Floats]]


class Tree:
    """Expected scores of the particles by dose sequence; `ladder` holds the dose options in mg/kg."""

    def __init__(
        self, inputs: EstimateInputs, particles: int, seed: int = 0, *, paired: bool = False
    ) -> None:
        choices = inputs.choices
        self.choices = replace(choices, particles=particles)
        self.ladder = np.array(choices.proof_ladder_mg_per_kg)
        group = Group.of(choices.proof_weight_kg, None, SCALE, choices)
        self.particles = Particles(group, replace(inputs, choices=self.choices), seed, paired=paired)
        self._nodes: dict[tuple[tuple[int, ...], tuple[bool, ...]], _Node] = {}
        p = self.particles.effects.parameters
        self.noise = noise_of(self.particles.effects, inputs.severity, SCALE)
        self.keep = float(np.exp(-7 / p["wobble_days"]))
        self.top = inputs.severity.maximum[SCALE]

    def node(self, options: tuple[int, ...], seen: tuple[bool, ...]) -> _Node:
        """Node after weekly doses at the option indices `options`; `seen`: which scores before and after were observed."""
        key = (options, seen)
        if key not in self._nodes:
            self._nodes[key] = self._make(options, seen)
        return self._nodes[key]

    def _make(self, options: tuple[int, ...], seen: tuple[bool, ...]) -> _Node:
        n = self.particles.count
        if not options:
            h1, before = np.ones(n), None
        else:
            before = self.node(options[:-1], seen[:-1])
            day = 7 * len(options)
            shares, _ = propagate(
                self.particles, self._timeline(options), draw_initial(self.particles), day, [(day, True)]
            )
            h1 = shares[0]
        h2 = self.particles.wobble * np.sqrt(h1)
        if before is None:
            sd = self.particles.baseline[1]
            cov = np.stack([np.full(n, sd * sd), np.zeros(n), np.ones(n)])
        else:
            cov = before.cov.copy()
            kernels.jitter(self.keep, np.zeros((2, n)), cov)
        p1, p2 = cov[0] * h1 + cov[1] * h2, cov[1] * h1 + cov[2] * h2
        var = h1 * p1 + h2 * p2 + self.noise**2 + 1 / 12
        gain = np.stack([p1 / var, p2 / var])
        if seen[-1]:
            cov = np.stack([cov[0] - gain[0] * p1, cov[1] - gain[0] * p2, cov[2] - gain[1] * p2])
        return _Node(options, h1, h2, cov, gain, var, 0.5 * np.log(var), {})

    def plans(self, node: _Node, now: int) -> tuple[Whole, Floats]:
        """Share left at the horizon for each dose option as goal: one option up per week, down immediately."""
        if now not in node.plans:
            left = WEEKS - len(node.options)
            goals = np.arange(len(self.ladder))
            found = []
            for goal in goals:
                option, sequence = now, list[int]()
                for _ in range(left):
                    option = min(option + 1, int(goal)) if goal > option else int(goal)
                    sequence.append(option)
                plan = self._timeline((*node.options, *sequence))
                share, _ = propagate(
                    self.particles, plan, draw_initial(self.particles), HORIZON, [(HORIZON, False)]
                )
                found.append(share[0])
            node.plans[now] = (goals, np.stack(found))
        return node.plans[now]

    def _timeline(self, options: Sequence[int]) -> Timeline:
        doses = [
            DoseDay(7 * k, float(self.ladder[r]), _MINUTES, True, None, "") for k, r in enumerate(options)
        ]
        return Timeline(doses, (), HORIZON, None, ())


class Guided:
    """Policy by the estimate: the goal with the best expected outcome net of burden; one dose option up per week.

    `weights` of the dose–response hypotheses, for all or for each patient (patient, hypothesis). A change must
    improve on the current dose by `hysteresis` SDs of the difference. After a run, `evidence` (patient, hypothesis) is
    the log mean likelihood.
    """

    def __init__(self, tree: Tree, weights: Floats, entry: Floats, *, hysteresis: float = 0.0) -> None:
        self.tree, self.hysteresis, self.entry = tree, hysteresis, entry
        n, people = tree.particles.count, tree.particles
        self.answer = people.answer
        each = np.broadcast_to(weights, (BLOCK, weights.shape[-1]))
        self.share = np.log(np.maximum(each, 1e-300) * each.shape[1])
        self.mean = np.empty((BLOCK, 2, n))
        self.mean[:, 0], self.mean[:, 1] = people.baseline[0], 0.0
        self.log_like = np.zeros((BLOCK, n))
        self.sequences: list[tuple[int, ...]] = [() for _ in range(BLOCK)]
        self.seen: list[tuple[bool, ...]] = [() for _ in range(BLOCK)]
        step = burden(tree.choices, tree.ladder)
        self._burdens = step

    def _update(self, patient: int, score: float) -> _Node:
        self.seen[patient] = (*self.seen[patient], score >= 0)
        node = self.tree.node(self.sequences[patient], self.seen[patient])
        keep = self.tree.keep if node.options else 1.0
        like = np.zeros(self.tree.particles.count) if not node.options else self.log_like[patient]
        _teach(
            score,
            self.tree.top,
            node.h1,
            node.h2,
            node.gain,
            node.var,
            node.half_log_var,
            keep,
            self.mean[patient],
            like,
        )
        return node

    def __call__(
        self, session: int, who: Whole, scores: Mapping[tuple[str, float], Floats], rung: Whole
    ) -> Whole:
        found = rung.copy()
        seen = scores.get((SCALE, 7.0 * session))
        expected, spread = np.empty(len(self.tree.ladder)), np.empty(len(self.tree.ladder))
        for place, patient in enumerate(who):
            score = (
                float(self.entry[patient])
                if session == 0
                else float(seen[patient])
                if seen is not None
                else np.nan
            )
            node = self._update(int(patient), _MISSED if np.isnan(score) else score)
            now = int(rung[place])
            if session > 0 and not np.isnan(score):
                goals, shares = self.tree.plans(node, now)
                weight = self.share[patient][self.answer] + self.log_like[patient]
                _look(shares, self.mean[patient], weight, now, expected, spread)
                cost = expected + self._cost(now, WEEKS - session)
                gain = cost[now] - cost
                gain = np.where(gain > self.hysteresis * spread, gain, 0.0)
                goal = int(goals[np.argmax(gain)]) if gain.max() > 0 else now
                found[place] = min(now + 1, goal) if goal > now else goal
            self.sequences[patient] = (*self.sequences[patient], int(found[place]))
        return found

    def _cost(self, now: int, left: int) -> Floats:
        """Burden of each goal over the rest of the course, as a share of all its sessions."""
        goals = np.arange(len(self.tree.ladder))
        total = np.zeros(len(goals))
        rung = np.full(len(goals), now)
        for _ in range(left):
            rung = np.where(goals > rung, np.minimum(rung + 1, goals), goals)
            total += self._burdens[rung]
        return total / WEEKS

    def evidence(self, patients: Whole) -> Floats:
        """(patient, hypothesis): log mean likelihood of the scores among the particles of each hypothesis."""
        like = self.log_like[patients]
        most = like.max(axis=1, keepdims=True)
        raised = np.exp(like - most)
        found = np.stack([raised[:, self.answer == a].mean(axis=1) for a in range(4)], axis=1)
        logs: Floats = np.log(np.maximum(found, 1e-300)) + most
        return logs


def by_rule(rule: Titration, scale: Scale, ladder: Sequence[float], entry: Floats) -> Callable[..., Whole]:
    """Policy by a published rule's file: steps while the fall is too small, holds from its threshold or remission.

    Where the rule has no dose for the scores (worse than baseline), the current dose is repeated.
    """
    options = np.array([int(np.argmin(np.abs(np.array(ladder) - float(d)))) for d in rule.ladder])
    cut = scale.remission_at_most if rule.hold_in_remission else None
    hold = 1 - float(rule.hold_from_fall_percent) / 100

    def choose(session: int, who: Whole, scores: Mapping[tuple[str, float], Floats], rung: Whole) -> Whole:
        if rule.by == "schedule":
            dose = rule.schedule[min(session, len(rule.schedule) - 1)]
            return np.full(len(who), options[rule.ladder.index(dose)])
        if session == 0:
            return np.full(len(who), options[rule.ladder.index(rule.start)])
        seen = scores[(SCALE, 7.0 * session)][who]
        first = entry[who]
        up = (seen > first * hold) & (seen <= first)
        if cut is not None:
            up &= seen > cut
        place = np.searchsorted(options, rung)
        step = options[np.minimum(place + rule.rungs_per_step, len(options) - 1)]
        return np.where(up & ~np.isnan(seen), step, rung)

    return choose


def towards(goal: int) -> Callable[..., Whole]:
    """Policy with a known goal: one dose option up per week, down immediately."""

    def choose(session: int, who: Whole, scores: Mapping[tuple[str, float], Floats], rung: Whole) -> Whole:
        if session == 0:
            return rung.copy()
        return np.where(rung < goal, np.minimum(rung + 1, goal), goal)

    return choose
