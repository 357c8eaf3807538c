"""The whole chain of one course on one grid of times: what the pictures show, and what tests hold against a solver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .cascade import Rates, States, impulse_responses, numbers_at, states_of
from .concentration import Floats
from .doses import History
from .effects import Effects
from .mood import MoodModel, expectancy, improvement, natural, true_score
from .occupancy import effect_site_occupancy
from .plasticity_drive import Shape
from .subjects import Subjects
from .window import Window, window_of


@dataclass(frozen=True)
class Session:
    """What was given, in hours after `starts_h` of the course; `factor` is what a product's drive is multiplied by."""

    starts_h: float
    history: History
    factor: float = 1.0


@dataclass(frozen=True)
class Setting:
    """How the course is given: what the person knows of it, and what goes with it."""

    comparator: str = "open"
    antidepressant: bool = True
    new_antidepressant: bool = False
    crisis: bool = False


@dataclass(frozen=True)
class Stages:
    """Each state at each time, (subject, time); `mood` is the share of the score before treatment that is left."""

    times_h: Floats
    occupancy: Floats
    glutamate: Floats
    bdnf: Floats
    build: Floats
    synapses: Floats
    kept: Floats
    fast: Floats
    network: Floats
    mood: Floats


def stages(
    effects: Effects,
    subjects: Subjects,
    shape: Shape,
    tau_synapse_d: Floats,
    minds: MoodModel,
    sessions: Sequence[Session],
    times_h: Sequence[float] | Floats,
    setting: Setting = Setting(),
) -> Stages:
    """Raises `BadDose` for a history that cannot be; see `effect_site_occupancy`."""
    times = np.asarray(times_h, dtype=np.float64)
    rates = effects.rates(tau_synapse_d, antidepressant=setting.antidepressant)
    windows, left = [], []
    occupancy = np.zeros((len(subjects), len(times)))
    for session in sessions:
        since = times - session.starts_h
        window = window_of(session.history, tuple(since[since > 0]))
        surge, _ = surge_of(effects, subjects, shape, session.history, window)
        windows.append(window)
        left.append(impulse_responses(rates.decay, window, surge * session.factor))
        inside = (since > 0) & (since <= window.ends_h[-1])
        if np.any(inside):
            occupancy[:, inside] = effect_site_occupancy(
                effects.receptor, subjects, session.history, since[inside]
            )
    starts = [s.starts_h for s in sessions]
    found: list[Mapping[str, Floats]] = []
    for time in times:
        state = states_of(rates, numbers_at(rates.decay, starts, windows, left, float(time)))
        found.append(vars(state) | {"mood": _mood(effects, minds, state, float(time), setting)})
    quiet = effects.parameters["network_quieting"]
    series = {name: np.stack([f[name] for f in found], axis=1) for name in found[0]}
    return Stages(
        times,
        occupancy,
        network=1 - quiet * (series["synapses"] + series["kept"]),
        **series,
    )


def surge_of(
    effects: Effects, subjects: Subjects, shape: Shape, history: History, window: Window
) -> tuple[Floats, Floats]:
    """The input f of the cascade at the window's nodes, (subject, node), and the session's drive, (subject,).

    The drive belongs to the session as a whole; it is spread over its hours as the occupancy is.
    """
    occupancy = effect_site_occupancy(effects.receptor, subjects, history, window.nodes_h)
    exposure = occupancy @ window.weights_h
    drive = effects.drive(shape, exposure, occupancy.max(axis=1))
    per_hour = np.divide(drive, exposure, out=np.zeros_like(drive), where=exposure > 0)
    return occupancy * per_hour[:, None], drive


def _mood(effects: Effects, minds: MoodModel, state: States, time_h: float, setting: Setting) -> Floats:
    days = time_h / 24
    parameters = effects.parameters
    return true_score(
        np.ones_like(minds.theta),
        improvement(minds.theta, state.benefit),
        expectancy(parameters, setting.comparator, minds.expects, days),
        natural(parameters, days, new_antidepressant=setting.new_antidepressant, crisis=setting.crisis),
        minds.recovers,
    )


__all__ = ["Rates", "Session", "Setting", "Stages", "stages", "surge_of"]
