"""Fits the calibrated parameters to the open published figures, and says what fits and what does not.

Every study is simulated from its own trial file with common random numbers, so that the figures are a smooth enough
function of the parameters; Gauss–Newton steps on the standardised residuals, with the priors as further residuals and
Huber's weights, so that one odd study does not bend the rest. What sets a study's people apart is not a parameter: it is
part of the error, by the spread of a study effect that all studies share.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from regrow import knowledge
from regrow.knowledge import Calibration, EffectParameters, PublishedFigure

from .arrays import Floats
from .outcomes import Tallies, Tally, result_of
from .people import BLOCK
from .responses import Known
from .run import Plan, plan_of, run_block

HUBER = 2.0  # standardised residuals beyond this pull with constant force
STEP = 0.25  # of a prior SD, for the slopes: wide enough to average over counts of patients
BLOCKS = 2  # of 1,024 patients an arm while fitting
FRESH_BLOCKS = 6  # and with a fresh seed for the printed table
STUDY = "study_log_theta_sd"


@dataclass(frozen=True)
class Row:
    """One published figure beside the simulated one. `z` counts the study's error and what is allowed for a model;
    `z_study` counts the spread between studies too."""

    figure: PublishedFigure
    simulated: float
    simulated_sd: float
    z: float
    z_study: float
    left_out: float | None = None


@dataclass(frozen=True)
class Fit:
    """The fitted values, how sure the data make each (posterior over prior SD), and the table."""

    values: Mapping[str, float]
    narrowed: Mapping[str, float]
    rows: Sequence[Row]
    history: Sequence[float]


def free_parameters(parameters: EffectParameters) -> Sequence[str]:
    """Those that the figures may move: marked calibrated, with a prior."""
    return [id for id, e in parameters.entries.items() if e.status == "calibrated" and e.prior]


def moved(parameters: EffectParameters, names: Sequence[str], x: Floats) -> EffectParameters:
    """The parameters at x, counted in prior SDs from their values."""
    entries = dict(parameters.entries)
    for name, steps in zip(names, x, strict=True):
        entry = entries[name]
        assert entry.prior is not None
        by = entry.prior.sd * float(steps)
        value = entry.value * math.exp(by) if entry.prior.on_log else entry.value + by
        entries[name] = replace(entry, value=value)
    named = {name: {"value": e.value} for name, e in entries.items()}
    return replace(parameters, entries=entries, hash=knowledge.hash_of(named))


def fit(
    start: EffectParameters,
    figures: Calibration,
    *,
    rounds: int = 8,
    workers: int = 1,
    progress: Callable[[str], None] = lambda text: None,
) -> Fit:
    """The fit from `start`. Deterministic: the same files give the same values on any number of workers."""
    names = free_parameters(start)
    x = np.zeros(len(names))
    history: list[float] = []
    with _Simulators(start, figures, workers) as simulate:
        now = simulate([x])[0]
        damping = 1.0
        for number in range(rounds):
            loss = _loss(figures, now, x)
            history.append(loss)
            progress(f"round {number}: loss {loss:.1f}")
            slopes = _slopes(simulate, names, x, now)
            better = None
            for _ in range(3):
                steps = [_step(figures, now, slopes, x, factor * damping) for factor in (0.3, 1.0, 4.0)]
                tried = simulate([x + s for s in steps])
                losses = [_loss(figures, t, x + s) for t, s in zip(tried, steps, strict=True)]
                best = int(np.argmin(losses))
                if losses[best] < loss:
                    better = (x + steps[best], tried[best])
                    damping *= (0.3, 1.0, 4.0)[best]
                    break
                damping *= 10
            if better is None or loss - losses[best] < 0.2:
                if better is not None:
                    x, now = better
                break
            x, now = better
        history.append(_loss(figures, now, x))
        slopes = _slopes(simulate, names, x, now)
        shifted = simulate([x], study_shift=0.3)[0]
    fitted = moved(start, names, x)
    weights = _weights(figures, now)
    scaled = slopes / _error(figures)[:, None]
    spread = np.asarray(
        np.linalg.inv((scaled * weights[:, None]).T @ scaled + np.eye(len(names))), dtype=np.float64
    )
    narrowed = {name: float(math.sqrt(spread[i, i])) for i, name in enumerate(names)}
    rows = _table(start, fitted, figures, names, x, now, slopes, spread, np.asarray((shifted - now) / 0.3))
    values = {name: fitted.entries[name].value for name in names}
    return Fit(values, narrowed, rows, history)


def _error(figures: Calibration) -> Floats:
    return np.array([math.hypot(f.se, figures.allowed[f.unit]) for f in figures.figures])


def published(figure: PublishedFigure) -> float:
    """On the scale on which it is compared: a median time by its logarithm."""
    return math.log(figure.value) if figure.measure == "median-log-days" else figure.value


def _residuals(figures: Calibration, simulated: Floats) -> Floats:
    truth = np.array([published(f) for f in figures.figures])
    return np.asarray((simulated - truth) / _error(figures))


def _weights(figures: Calibration, simulated: Floats) -> Floats:
    z = np.abs(_residuals(figures, simulated))
    return np.where(z <= HUBER, 1.0, HUBER / np.maximum(z, 1e-9))


def _loss(figures: Calibration, simulated: Floats, x: Floats) -> float:
    z = np.abs(_residuals(figures, simulated))
    return float(np.where(z <= HUBER, z * z, 2 * HUBER * z - HUBER**2).sum() + (x * x).sum())


def _slopes(simulate: "_Simulators", names: Sequence[str], x: Floats, now: Floats) -> Floats:
    """Of each figure by each parameter, per prior SD, (figure, parameter); from both sides."""
    points = []
    for i in range(len(names)):
        for sign in (1, -1):
            point = x.copy()
            point[i] += sign * STEP
            points.append(point)
    found = simulate(points)
    columns = [(found[2 * i] - found[2 * i + 1]) / (2 * STEP) for i in range(len(names))]
    return np.asarray(np.stack(columns, axis=1))


def _step(
    figures: Calibration, now: Floats, slopes: Floats, x: Floats, damping: float, without: str = ""
) -> Floats:
    """One damped Gauss–Newton step; `without` leaves a study out."""
    weights = _weights(figures, now) * np.array([f.study != without for f in figures.figures])
    scaled = slopes / _error(figures)[:, None]
    square = (scaled * weights[:, None]).T @ scaled + np.eye(len(x)) * (1 + damping)
    force = -(scaled * weights[:, None]).T @ _residuals(figures, now) - x
    return np.clip(np.linalg.solve(square, force), -1.5, 1.5)


def _table(
    start: EffectParameters,
    fitted: EffectParameters,
    figures: Calibration,
    names: Sequence[str],
    x: Floats,
    now: Floats,
    slopes: Floats,
    spread: Floats,
    by_study: Any,
) -> Sequence[Row]:
    """Simulated again with more patients and a fresh seed; each study also with parameters fitted without it."""
    fresh = np.array(simulate_all(fitted, figures, blocks=FRESH_BLOCKS, seed_shift=1))
    left_out: dict[str, Mapping[int, float]] = {}
    for study in dict.fromkeys(f.study for f in figures.figures):
        step = _step(figures, now, slopes, x, 0.0, without=study)
        other = moved(start, names, x + step)
        own = [i for i, f in enumerate(figures.figures) if f.study == study]
        chosen = replace(figures, figures=tuple(figures.figures[i] for i in own))
        found = simulate_all(other, chosen, blocks=FRESH_BLOCKS, seed_shift=1)
        left_out[study] = dict(zip(own, found, strict=True))
    error = _error(figures)
    sd = np.sqrt(np.einsum("fi,ij,fj->f", slopes, spread, slopes))
    tau = fitted[STUDY]
    rows = []
    for i, figure in enumerate(figures.figures):
        z = (fresh[i] - published(figure)) / error[i]
        wide = math.hypot(error[i], by_study[i] * tau)
        rows.append(
            Row(
                figure,
                float(fresh[i]),
                float(sd[i]),
                float(z),
                float((fresh[i] - published(figure)) / wide),
                float(left_out[figure.study][i]),
            )
        )
    return rows


# ------------------------------------------------------------------------------------------- simulating the figures

_known: dict[tuple[str, int, int], Known] = {}


def simulate_all(
    parameters: EffectParameters,
    figures: Calibration,
    *,
    blocks: int = BLOCKS,
    seed_shift: int = 0,
    study_shift: float = 0.0,
) -> Sequence[float]:
    """Every figure as the model gives it, in their order."""
    results: dict[str, Mapping[str, Any]] = {}
    for trial in dict.fromkeys(f.trial for f in figures.figures):
        results[trial] = _result(trial, parameters, blocks, seed_shift, study_shift)
    return [read_off(figure, results[figure.trial]) for figure in figures.figures]


def _result(
    id: str, parameters: EffectParameters, blocks: int, seed_shift: int, study_shift: float
) -> Mapping[str, Any]:
    trial = knowledge.trial(id)
    # Every arm as large as the others: a small arm's figure is simulated as well as a large one's.
    equal = replace(trial, arms=tuple(replace(arm, share=1.0) for arm in trial.arms))
    plan: Plan = replace(
        plan_of(
            equal, size=blocks * BLOCK * len(equal.arms), seed=trial.seed + seed_shift, parameters=parameters
        ),
        study_shift=study_shift,
    )
    total: Tallies = {}
    for block in range(blocks):
        known = _known.setdefault((id, block, seed_shift), {})
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

    def __init__(self, start: EffectParameters, figures: Calibration, workers: int) -> None:
        self._start, self._figures = start, figures
        self._names = free_parameters(start)
        self._pool = ProcessPoolExecutor(workers) if workers > 1 else None

    def __enter__(self) -> "_Simulators":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown()

    def __call__(self, points: Sequence[Floats], study_shift: float = 0.0) -> Sequence[Floats]:
        jobs = [(moved(self._start, self._names, x), self._figures, study_shift) for x in points]
        found = self._pool.map(_simulate, jobs) if self._pool else map(_simulate, jobs)
        return [np.array(values) for values in found]


def _simulate(job: tuple[EffectParameters, Calibration, float]) -> Sequence[float]:
    parameters, figures, study_shift = job
    return simulate_all(parameters, figures, study_shift=study_shift)
