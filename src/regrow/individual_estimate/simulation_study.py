"""Policies against each other on the same virtual patients, in worlds where dose and benefit hang together differently."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from regrow.knowledge import (
    HYPOTHESES,
    DoseEffect,
    EffectParameters,
    EstimateChoices,
    Knowledge,
    Population,
    Scale,
    Spread,
    Step,
    Titration,
    Trial,
    with_values,
)
from regrow.pharmacology.effects import Effects, effects_of
from regrow.simulation import random_streams
from regrow.simulation.arrays import Floats
from regrow.simulation.cohort import BLOCK, Cohort, cohort
from regrow.simulation.course import Course
from regrow.simulation.responses import Known
from regrow.simulation.state import PhaseRecord

from .calibration_check import trial_of
from .dosing_policies import HORIZON, SCALE, WEEKS, Guided, Tree, burden, by_rule, towards
from .inputs import EstimateInputs
from .learning import learn
from .particles import for_one

RULES = ("fixed-half", "t-kads", "t-loo", "t-cusin", "weekly-6")
GUIDED = {"estimate": 0.0, "estimate, calm": None}  # hysteresis in SDs; None takes the knowledge's own
_ANSWER = 130  # stream, for the answer by which a patient is treated
_MIN_GAIN = 0.5  # points of the true score, for an escalation to have been of use


@dataclass(frozen=True)
class World:
    """What is true: one answer to dose and benefit, and how else the world may differ from the model.

    `noise` multiplies the error of a rating, `missing` is the share of ratings that do not come (of half the patients),
    `decay` multiplies how long synapses last; `drop_out` lets patients leave.
    """

    answer: str
    noise: float = 1.0
    missing: float = 0.0
    decay: float = 1.0
    drop_out: bool = False


@dataclass(frozen=True)
class Study:
    """What the policies are tried with: the estimate's inputs, six weekly infusions, the published rules by id."""

    inputs: EstimateInputs
    trial: Trial
    rules: Mapping[str, Titration]
    scale: Scale

    @classmethod
    def of(cls, knowledge: Knowledge) -> "Study":
        inputs = EstimateInputs.of(knowledge)
        trial = trial_of("iv-weekly-6", inputs.choices.population, 2 * BLOCK, knowledge)
        rules = {name: knowledge.titration(name) for name in RULES}
        return cls(inputs, trial, rules, knowledge.scale(SCALE))

    @property
    def choices(self) -> EstimateChoices:
        return self.inputs.choices


@dataclass
class Tally:
    """What one policy did in one world, patient by patient, each (patient,). `utility` is in points of the scale."""

    utility: list[Floats] = field(default_factory=list)
    final: list[Floats] = field(default_factory=list)
    response: list[Floats] = field(default_factory=list)
    remission: list[Floats] = field(default_factory=list)
    dose: list[Floats] = field(default_factory=list)
    dissociated: list[Floats] = field(default_factory=list)
    escalated: list[Floats] = field(default_factory=list)

    def all(self, name: str) -> Floats:
        return np.concatenate(getattr(self, name))


Tallies = Mapping[str, Mapping[str, Tally]]  # by world, by policy


def trial(study: Study, world: World, seed: int) -> Trial:
    """Six weekly infusions with every dose option of the study available, rated each week."""
    choices, made = study.choices, study.trial
    kg = choices.proof_weight_kg
    population: Population = replace(made.population, weight_kg=Spread(kg, 0.0, kg, kg))
    phases = {
        name: replace(
            phase,
            step=Step(SCALE, 50.0, tuple(choices.proof_ladder_mg_per_kg)),
            treatment=replace(phase.treatment, mg_per_kg=choices.proof_start_mg_per_kg),
        )
        for name, phase in made.phases.items()
    }
    return replace(made, population=population, phases=phases, seed=seed, drop_out=world.drop_out)


def _parameters(study: Study, world: World) -> EffectParameters:
    p = for_one(study.inputs.parameters)
    changed = {
        "noise_madrs": p["noise_madrs"] * world.noise,
        "tau_synapse_d": p["tau_synapse_d"] * world.decay,
    }
    return with_values(p, changed)


class Block:
    """1,024 people of one world, treated by one policy after another; what policies share is made once."""

    def __init__(self, study: Study, world: World, block: int, seed: int, known: Known | None = None) -> None:
        self.study, self.world, self.choices = study, world, study.choices
        self.trial = trial(study, world, seed)
        self.effects: Effects = effects_of(_parameters(study, world), study.inputs.models)
        weights = np.array([float(name == world.answer) for name in HYPOTHESES])
        people: Cohort = cohort(
            self.effects, study.inputs.severity, weights, self.trial.population, seed, block * BLOCK
        )
        if world.missing:
            half = people.ids % 2 == 0
            self.gaps = [
                half & ((people.ids // 2 + week) % round(1 / world.missing) == 0) for week in range(WEEKS + 1)
            ]
        else:
            self.gaps = [np.zeros(BLOCK, dtype=bool)] * (WEEKS + 1)
        self.people = people
        self.course = Course(self.trial, self.effects, people, study.inputs.severity, known)
        self.ladder = np.array(self.choices.proof_ladder_mg_per_kg)
        self.arm = self.trial.arms[0]

    def entry(self) -> Floats:
        """The score before treatment, as it was written down."""
        return self.course.first[SCALE]

    def treated(self, choose: Callable[..., Any]) -> PhaseRecord:
        def with_gaps(session: int, who: Any, scores: Mapping[tuple[str, float], Floats], rung: Any) -> Any:
            seen = scores.get((SCALE, 7.0 * session))
            if seen is not None and session <= WEEKS:
                scores = {**scores, (SCALE, 7.0 * session): np.where(self.gaps[session], np.nan, seen)}
            return choose(session, who, scores, rung)

        self.course.choose = with_gaps
        return next(iter(self.course.arm(self.arm).values()))

    def add_result(self, record: PhaseRecord, into: Tally) -> None:
        """Add the outcomes of a run, of the patients enrolled."""
        there = self.people.enrolled > 0
        share = record.true_shares[float(HORIZON)]
        share = np.where(np.isnan(share), self._last_share(record), share)
        final = self.people.true_score * share
        mg = np.array([np.where(np.isnan(d), 0.0, d) for d in record.mg_per_kg])
        given = mg > 0
        cost = np.where(given, burden(self.choices, np.maximum(mg, 1e-9)), 0.0).sum(axis=0) / WEEKS
        utility = -final - cost
        seen = record.scores[(SCALE, float(HORIZON))]
        first = self.entry()
        cut = self.study.scale.remission_at_most or 0
        above = self.effects.parameters["cadss_dissociation_above"]
        felt = np.greater(np.array(record.cadss), above)
        into.utility.append(utility[there])
        into.final.append(final[there])
        into.response.append((seen <= first / 2)[there].astype(np.float64))
        into.remission.append((seen <= cut)[there].astype(np.float64))
        into.dose.append((mg.sum(axis=0) / np.maximum(given.sum(axis=0), 1))[there])
        into.dissociated.append(felt.mean(axis=0)[there])
        into.escalated.append(
            (mg.max(axis=0) > self.choices.proof_start_mg_per_kg + 1e-9)[there].astype(np.float64)
        )

    @staticmethod
    def _last_share(record: PhaseRecord) -> Floats:
        """Of those who left: where they were when last seen."""
        last = np.ones(BLOCK)
        for day in sorted(record.true_shares):
            share = record.true_shares[day]
            last = np.where(np.isnan(share), last, share)
        return last


def run_block(study: Study, world: World, block: int, seed: int, tree: Tree) -> dict[str, Tally]:
    """One block by every policy; `optimum` knows its world, `clairvoyant` the patient."""
    made = Block(study, world, block, seed)
    entry = made.entry()
    ladder = tree.choices.proof_ladder_mg_per_kg
    found: dict[str, Tally] = {}
    for name in RULES:
        found[name] = Tally()
        made.add_result(made.treated(by_rule(study.rules[name], study.scale, ladder, entry)), found[name])
    own = study.inputs.weights
    for name, hysteresis in GUIDED.items():
        found[name] = Tally()
        calm = tree.choices.hysteresis_sd if hysteresis is None else hysteresis
        made.add_result(made.treated(Guided(tree, own, entry, hysteresis=calm)), found[name])
    knows = np.array([float(name == world.answer) for name in HYPOTHESES])
    found["optimum"] = Tally()
    made.add_result(made.treated(Guided(tree, knows, entry)), found["optimum"])
    found["clairvoyant"] = _clairvoyant(made, len(ladder))
    return found


def _clairvoyant(made: Block, options: int) -> Tally:
    """For each patient the goal that really ends best."""
    every = []
    for goal in range(options):
        tally = Tally()
        made.add_result(made.treated(towards(goal)), tally)
        every.append(tally)
    best = np.argmax([t.all("utility") for t in every], axis=0)
    chosen = Tally()
    for name in ("utility", "final", "response", "remission", "dose", "dissociated", "escalated"):
        getattr(chosen, name).append(np.choose(best, [t.all(name) for t in every]))
    return chosen


_trees: dict[tuple[str, int, int], Tree] = {}


def tree_of(inputs: EstimateInputs, particles: int, seed: int = 0) -> Tree:
    """Kept in each process, for its branches cost more than the patients on them. Those with a seed are for learning."""
    key = (inputs.hash, particles, seed)
    if key not in _trees:
        _trees[key] = Tree(inputs, particles, seed, paired=seed > 0)
    return _trees[key]


def _job(job: tuple[Study, World, int, int, int]) -> tuple[World, int, dict[str, Tally]]:
    study, world, block, seed, particles = job
    return world, block, run_block(study, world, block, seed, tree_of(study.inputs, particles))


def run(
    worlds: Sequence[World],
    blocks: int,
    study: Study,
    *,
    seed: int = 7,
    particles: int | None = None,
    workers: int = 2,
) -> dict[World, dict[str, Tally]]:
    """Every policy in every world, the same people in each, whatever the number of workers."""
    particles = particles or study.choices.proof_particles
    jobs = [(study, world, block, seed, particles) for block in range(blocks) for world in worlds]
    found: dict[World, dict[str, Tally]] = {world: {} for world in worlds}
    parts: dict[tuple[World, int], dict[str, Tally]] = {}
    for world, block, part in _each(jobs, workers):
        parts[(world, block)] = part
    for block in range(blocks):
        for world in worlds:
            for name, tally in parts[(world, block)].items():
                whole = found[world].setdefault(name, Tally())
                for what, values in vars(tally).items():
                    getattr(whole, what).extend(values)
    return found


def _each(jobs: Sequence[Any], workers: int) -> Iterator[Any]:
    if workers < 2:
        yield from map(_job, jobs)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_job, jobs)


# What it comes to


@dataclass(frozen=True)
class Difference:
    """A mean over patients with the half width of its 95 % interval."""

    mean: float
    half: float

    @classmethod
    def of(cls, values: Floats) -> "Difference":
        return cls(float(values.mean()), float(1.96 * values.std(ddof=1) / np.sqrt(len(values))))


def gain(
    found: Mapping[World, Mapping[str, Tally]], world: World, policy: str, over: str = "fixed-half"
) -> Difference:
    """Utility of a policy over another's, in pairs of the same patient."""
    return Difference.of(found[world][policy].all("utility") - found[world][over].all("utility"))


def mixture(
    found: Mapping[World, Mapping[str, Tally]], policy: str, over: str, weights: Mapping[str, float]
) -> Difference:
    """The same under the mixture of worlds, in pairs of the same patient in every world."""
    total = sum(weights[w.answer] for w in found)
    values = sum(
        weights[w.answer] / total * (found[w][policy].all("utility") - found[w][over].all("utility"))
        for w in found
    )
    return Difference.of(np.asarray(values))


def worst_regret(found: Mapping[World, Mapping[str, Tally]], policy: str) -> tuple[World, float]:
    """The world in which a policy loses most against the optimum that knows it, and how much."""
    losses = {w: -gain(found, w, policy, "optimum").mean for w in found}
    worst = max(losses, key=lambda w: losses[w])
    return worst, losses[worst]


def regret_difference(found: Mapping[World, Mapping[str, Tally]], policy: str, other: str) -> Difference:
    """Worst regret of `policy` less that of `other`, each in its own worst world, in pairs of the same patient."""
    mine, theirs = worst_regret(found, policy)[0], worst_regret(found, other)[0]

    def loss(world: World, who: str) -> Floats:
        return found[world]["optimum"].all("utility") - found[world][who].all("utility")

    return Difference.of(loss(mine, policy) - loss(theirs, other))


def not_useful(found: Mapping[World, Mapping[str, Tally]], world: World, policy: str) -> float:
    """The share of patients who went above the fixed dose and ended no better for it."""
    escalated = found[world][policy].all("escalated") > 0
    better = found[world]["fixed-half"].all("final") - found[world][policy].all("final")
    return float((escalated & (better < _MIN_GAIN)).mean())


# A clinic that learns


@dataclass(frozen=True)
class Batch:
    """One batch of a clinic's patients: gain over fixed dosing and of the optimum, and the weights it was treated by."""

    gain: float
    optimum: float
    weights: tuple[float, ...]


def clinic_that_learns(
    world: World,
    clinic: int,
    batches: int,
    study: Study,
    *,
    particles: int | None = None,
    by_chance: bool = False,
) -> Sequence[Batch]:
    """Courses in batches; the weights of a batch are what the batches before it taught.

    `by_chance`: a protocol to consent to. A share of the patients is treated as if one answer were true, drawn by the
    weights, until one answer is nearly sure; so the clinic learns of doses that it would never have tried.
    """
    choices = study.choices
    prior = study.inputs.weights
    knows = np.array([float(name == world.answer) for name in HYPOTHESES])
    weights, all_evidence = prior, list[Floats]()
    found = []
    for batch in range(batches):
        # A fresh set of particles each time: one finite set would push the sum its own way.
        tree = tree_of(study.inputs, particles or choices.learning_particles, 1000 + batch)
        made = Block(study, world, batch, 40_000 + clinic)
        enrolled = np.flatnonzero(made.people.enrolled > 0)[: choices.learning_batch]
        some = np.zeros(BLOCK)
        some[enrolled] = 1.0
        made.people = replace(made.people, enrolled=some)
        made.course.people = made.people
        entry = made.entry()
        tallies = {name: Tally() for name in ("fixed", "guided", "optimum")}
        guided = Guided(tree, _drawn(made, weights, clinic, batch, choices) if by_chance else weights, entry)
        made.add_result(
            made.treated(
                by_rule(study.rules["fixed-half"], study.scale, tree.choices.proof_ladder_mg_per_kg, entry)
            ),
            tallies["fixed"],
        )
        made.add_result(made.treated(guided), tallies["guided"])
        made.add_result(made.treated(Guided(tree, knows, entry)), tallies["optimum"])
        mean = {name: float(t.all("utility").mean()) for name, t in tallies.items()}
        found.append(
            Batch(
                mean["guided"] - mean["fixed"],
                mean["optimum"] - mean["fixed"],
                tuple(float(w) for w in weights),
            )
        )
        all_evidence.append(guided.evidence(enrolled))
        weights = learn(
            prior, np.concatenate(all_evidence), power=choices.learning_power, floor=choices.learning_floor
        )
    return found


def _drawn(made: Block, weights: Floats, clinic: int, batch: int, choices: EstimateChoices) -> Floats:
    """The weights by which each patient is treated, (patient, answer): for those by chance all on one answer."""
    if weights.max() >= choices.learning_sure:
        return weights
    ids = made.people.ids
    u = random_streams.uniforms(40_000 + clinic, ids, np.full(BLOCK, batch, dtype=np.int64), _ANSWER)
    one = np.eye(len(weights))[np.searchsorted(np.cumsum(weights)[:-1], u[0], side="right")]
    return np.where((u[1] < choices.learning_by_chance)[:, None], one, weights)


def mixture_weights(dose_effect: DoseEffect) -> Mapping[str, float]:
    return {h.id: h.weight for h in dose_effect.hypotheses}
