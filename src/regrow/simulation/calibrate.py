"""Fits the calibrated parameters to the open published figures, and says what fits and what does not.

Every study is simulated from its own trial file with common random numbers, so that the figures are a smooth enough
function of the parameters; Gauss–Newton steps on the standardised residuals, with the priors as further residuals and
Huber's weights, so that one odd study does not bend the rest. What sets a study's people apart from another's is a study
effect (on benefit, and on what comes without treatment), drawn from a spread that all studies share: no parameter serves
one study.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from regrow.knowledge import (
    Calibration,
    DoseEffect,
    EffectParameters,
    Knowledge,
    PublishedFigure,
    Trial,
    with_values,
)
from regrow.pharmacology.effects import Models

from .arrays import Floats
from .cohort import BLOCK, StudyEffect
from .outcomes import Tallies, Tally, result_of
from .responses import Known
from .run import Plan, run_block
from .scales import Severity

HUBER = 2.0  # standardised residuals beyond this pull with constant force
STEP = 0.25  # of a prior SD, for the slopes: wide enough to average over counts of patients
BLOCKS = 2  # of 1,024 patients an arm while fitting
FRESH_BLOCKS = 6  # and with a fresh seed for the printed table
SPREADS = ("study_benefit_sd", "study_placebo_sd")
SHIFT = 0.3  # of a study effect, for the slopes


@dataclass(frozen=True)
class Basis:
    """What the figures are simulated from besides the parameters: the studies' trials, by id, and the rest of a plan."""

    trials: Mapping[str, Trial]
    dose_effect: DoseEffect
    models: Models
    severity: Severity

    @classmethod
    def of(cls, figures: Calibration, knowledge: Knowledge) -> "Basis":
        trials = {figure.trial: knowledge.trial(figure.trial) for figure in figures.figures}
        return cls(trials, knowledge.dose_effect(), Models.of(knowledge), Severity.of(knowledge))

    @cached_property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.trials!r}{self.models.hash}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Row:
    """One published figure beside the simulated one, of people in general and of that study's people.

    `z` is (simulated − published) over the study's error and what is allowed for a model; `z_study` the same with the
    study's effect in; `left_out` is simulated by parameters fitted without the study, for people in general.
    """

    figure: PublishedFigure
    simulated: float
    simulated_sd: float
    of_study: float
    z: float
    z_study: float
    left_out: float


@dataclass(frozen=True)
class Fit:
    """The fitted values, how sure the data make each (posterior over prior SD), the studies' effects, the table."""

    values: Mapping[str, float]
    narrowed: Mapping[str, float]
    studies: Mapping[str, StudyEffect]
    rows: Sequence[Row]
    history: Sequence[float]


def free_parameters(parameters: EffectParameters) -> Sequence[str]:
    """Those that the figures may move: marked calibrated, with a prior."""
    return [id for id, e in parameters.entries.items() if e.status == "calibrated" and e.prior]


def moved(parameters: EffectParameters, names: Sequence[str], x: Floats) -> EffectParameters:
    """The parameters at x, counted in prior SDs from their values."""
    values = {}
    for name, steps in zip(names, x, strict=True):
        entry = parameters.entries[name]
        assert entry.prior is not None
        by = entry.prior.sd * float(steps)
        values[name] = entry.value * math.exp(by) if entry.prior.on_log else entry.value + by
    return with_values(parameters, values)


def fit(
    start: EffectParameters,
    figures: Calibration,
    basis: Basis,
    *,
    rounds: int = 8,
    workers: int = 1,
    progress: Callable[[str], None] = lambda text: None,
) -> Fit:
    """The fit from `start`. Deterministic: the same files give the same values on any number of workers."""
    space = _Space(start, figures, basis)
    x = np.zeros(space.size)
    history: list[float] = []
    with _Simulators(space, workers) as simulate:
        now = simulate([x])[0]
        damping = 1.0
        for number in range(rounds):
            loss = space.loss(now, x)
            history.append(loss)
            progress(f"round {number}: loss {loss:.1f}")
            slopes = space.slopes(simulate, x)
            better = None
            for _ in range(3):
                factors = (0.3, 1.0, 4.0)
                steps = [space.step(now, slopes, x, factor * damping) for factor in factors]
                tried = simulate([x + s for s in steps])
                losses = [space.loss(t, x + s) for t, s in zip(tried, steps, strict=True)]
                best = int(np.argmin(losses))
                if losses[best] < loss:
                    better = (x + steps[best], tried[best], losses[best])
                    damping *= factors[best]
                    break
                damping *= 10
            if better is None:
                break
            x, now, reached = better
            if loss - reached < 0.5:
                break
        history.append(space.loss(now, x))
        slopes = space.slopes(simulate, x)
    spread = space.posterior(now, slopes)
    fitted = space.parameters(x)
    return Fit(
        {name: fitted.entries[name].value for name in space.names},
        {name: float(math.sqrt(spread[i, i])) for i, name in enumerate(space.names)},
        space.studies(x),
        _table(space, x, now, slopes, spread),
        history,
    )


def published(figure: PublishedFigure) -> float:
    """On the scale on which it is compared: a median time by its logarithm."""
    return math.log(figure.value) if figure.measure == "median-log-days" else figure.value


class _Space:
    """The point of a fit: parameters in prior SDs, then two effects a trial in SDs of their spread."""

    def __init__(self, start: EffectParameters, figures: Calibration, basis: Basis) -> None:
        self.start, self.figures, self.basis = start, figures, basis
        self.names = free_parameters(start)
        self.trials = list(dict.fromkeys(f.trial for f in figures.figures))
        self.size = len(self.names) + 2 * len(self.trials)
        self.spreads = [start[name] for name in SPREADS]
        self.error = np.array([math.hypot(f.se, figures.allowed[f.unit]) for f in figures.figures])
        self.truth = np.array([published(f) for f in figures.figures])
        self.of_trial = np.array([self.trials.index(f.trial) for f in figures.figures])

    def parameters(self, x: Floats) -> EffectParameters:
        return moved(self.start, self.names, x[: len(self.names)])

    def studies(self, x: Floats) -> Mapping[str, StudyEffect]:
        effects = x[len(self.names) :].reshape(len(self.trials), 2) * self.spreads
        return {t: StudyEffect(float(b), float(p)) for t, (b, p) in zip(self.trials, effects, strict=True)}

    def residuals(self, simulated: Floats) -> Floats:
        return np.asarray((simulated - self.truth) / self.error)

    def weights(self, simulated: Floats) -> Floats:
        z = np.abs(self.residuals(simulated))
        return np.where(z <= HUBER, 1.0, HUBER / np.maximum(z, 1e-9))

    def loss(self, simulated: Floats, x: Floats) -> float:
        z = np.abs(self.residuals(simulated))
        return float(np.where(z <= HUBER, z * z, 2 * HUBER * z - HUBER**2).sum() + (x * x).sum())

    def slopes(self, simulate: "_Simulators", x: Floats) -> Floats:
        """Of each figure by each coordinate, (figure, coordinate), from both sides. Trials share nothing, so the
        effects of all of them are moved at once."""
        n, points = len(self.names), []
        for i in range(n):
            for sign in (1, -1):
                point = x.copy()
                point[i] += sign * STEP
                points.append(point)
        for kind in range(2):
            for sign in (1, -1):
                point = x.copy()
                point[n + kind :: 2] += sign * SHIFT / self.spreads[kind]
                points.append(point)
        found = simulate(points)
        out = np.zeros((len(self.truth), self.size))
        for i in range(n):
            out[:, i] = (found[2 * i] - found[2 * i + 1]) / (2 * STEP)
        for kind in range(2):
            at = 2 * n + 2 * kind
            slope = (found[at] - found[at + 1]) / (2 * SHIFT / self.spreads[kind])
            out[np.arange(len(self.truth)), n + 2 * self.of_trial + kind] = slope
        return out

    def step(self, now: Floats, slopes: Floats, x: Floats, damping: float, without: str = "") -> Floats:
        """One damped Gauss–Newton step; `without` leaves a study out."""
        weights = self.weights(now) * np.array([f.study != without for f in self.figures.figures])
        scaled = slopes / self.error[:, None]
        square = (scaled * weights[:, None]).T @ scaled + np.eye(len(x)) * (1 + damping)
        force = -(scaled * weights[:, None]).T @ self.residuals(now) - x
        return np.clip(np.linalg.solve(square, force), -1.5, 1.5)

    def posterior(self, now: Floats, slopes: Floats) -> Floats:
        """The covariance that data and priors leave, in units of the priors."""
        scaled = slopes / self.error[:, None]
        precision = (scaled * self.weights(now)[:, None]).T @ scaled + np.eye(self.size)
        return np.asarray(np.linalg.inv(precision), dtype=np.float64)


def _table(space: _Space, x: Floats, now: Floats, slopes: Floats, spread: Floats) -> Sequence[Row]:
    """Simulated again with more patients and a fresh seed; each study also with parameters fitted without it."""
    figures, n = space.figures, len(space.names)
    fitted = space.parameters(x)
    general = simulate_all(fitted, figures, space.basis, blocks=FRESH_BLOCKS, seed_shift=1)
    of_study = simulate_all(fitted, figures, space.basis, space.studies(x), blocks=FRESH_BLOCKS, seed_shift=1)
    left_out: dict[int, float] = {}
    for study in dict.fromkeys(f.study for f in figures.figures):
        other = space.parameters(x + space.step(now, slopes, x, 0.0, without=study))
        own = [i for i, f in enumerate(figures.figures) if f.study == study]
        chosen = replace(figures, figures=tuple(figures.figures[i] for i in own))
        found = simulate_all(other, chosen, space.basis, blocks=FRESH_BLOCKS, seed_shift=1)
        left_out |= dict(zip(own, found, strict=True))
    sd = np.sqrt(np.einsum("fi,ij,fj->f", slopes[:, :n], spread[:n, :n], slopes[:, :n]))
    return [
        Row(
            figure,
            general[i],
            float(sd[i]),
            of_study[i],
            float((general[i] - space.truth[i]) / space.error[i]),
            float((of_study[i] - space.truth[i]) / space.error[i]),
            left_out[i],
        )
        for i, figure in enumerate(figures.figures)
    ]


# ------------------------------------------------------------------------------------------- simulating the figures

_known: dict[tuple[str, str, int, int], Known] = {}


def simulate_all(
    parameters: EffectParameters,
    figures: Calibration,
    basis: Basis,
    studies: Mapping[str, StudyEffect] | None = None,
    *,
    blocks: int = BLOCKS,
    seed_shift: int = 0,
) -> Sequence[float]:
    """Every figure as the model gives it, in their order; without `studies`, of people in general."""
    results: dict[str, Mapping[str, Any]] = {}
    for trial in dict.fromkeys(f.trial for f in figures.figures):
        study = (studies or {}).get(trial, StudyEffect())
        results[trial] = _result(trial, parameters, basis, blocks, seed_shift, study)
    return [read_off(figure, results[figure.trial]) for figure in figures.figures]


def _result(
    id: str, parameters: EffectParameters, basis: Basis, blocks: int, seed_shift: int, study: StudyEffect
) -> Mapping[str, Any]:
    trial = basis.trials[id]
    # Every arm as large as the others: a small arm's figure is simulated as well as a large one's.
    equal = replace(trial, arms=tuple(replace(arm, share=1.0) for arm in trial.arms))
    equal = replace(equal, size=blocks * BLOCK * len(equal.arms), seed=trial.seed + seed_shift)
    plan = Plan(equal, parameters, basis.dose_effect, basis.models, basis.severity, study)
    total: Tallies = {}
    for block in range(blocks):
        known = _known.setdefault((basis.hash, id, block, seed_shift), {})
        people, records = run_block(plan, block, known)
        for key, tally in plan.tally(people, records).items():
            total.setdefault(key, Tally()).add(tally)
    return result_of(plan.trial, total)


def read_off(figure: PublishedFigure, outcomes: Mapping[str, Any]) -> float:
    """The figure's value in a result; NaN becomes a value far off, so that a fit moves away from it."""
    outcome = outcomes[figure.outcome]
    group = outcome["groups"][figure.group]
    match figure.measure.split(":"):
        case ["value"]:
            return float(group["value"])
        case ["sd"]:
            return float(group["sd"])
        case ["free-at", day]:
            return float(group["free_at_day"][f"{float(day):g}"]["free"])
        case ["median-log-days"]:
            last = max((point["day"] for point in group["curve"]), default=1.0)
            return math.log(group["value"] if group["value"] is not None else 1.5 * last)
        case ["difference"]:
            return float(group["value"]) - float(outcome["groups"][figure.against]["value"])
        case ["effect-size"]:
            return _effect(outcome, figure.group, figure.against)
        case ["ratio-of-effects"]:
            other = outcomes[figure.over or ""]
            return _effect(outcome, figure.group, figure.against) / _effect(
                other, figure.group, figure.against
            )
        case ["ratio-of-groups"]:
            return _effect(outcome, figure.group, figure.against) / _effect(
                outcome, figure.over or "", figure.against
            )
    raise ValueError(f"measure: {figure.measure!r} is not known")


def _effect(outcome: Mapping[str, Any], group: str, against: str | None) -> float:
    a, b = outcome["groups"][group], outcome["groups"][against]
    return float((a["value"] - b["value"]) / math.sqrt((a["sd"] ** 2 + b["sd"] ** 2) / 2))


class _Simulators:
    """Simulates many points, on one process or several; each keeps what the parameters cannot change."""

    def __init__(self, space: _Space, workers: int) -> None:
        self._space = space
        self._pool = ProcessPoolExecutor(workers) if workers > 1 else None

    def __enter__(self) -> "_Simulators":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown()

    def __call__(self, points: Sequence[Floats]) -> Sequence[Floats]:
        space = self._space
        jobs = [(space.parameters(x), space.figures, space.basis, space.studies(x)) for x in points]
        found = self._pool.map(_simulate, jobs) if self._pool else map(_simulate, jobs)
        return [np.array(values) for values in found]


def _simulate(job: tuple[EffectParameters, Calibration, Basis, Mapping[str, StudyEffect]]) -> Sequence[float]:
    return simulate_all(*job)
