"""The chain as a picture of one typical person: seven lanes from minutes to a week, and the open question of dose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from regrow.knowledge import HYPOTHESES

from .concentration import Floats
from .doses import Dose, Given, Infusion
from .effects import (
    TYPICAL_H,
    TYPICAL_KG,
    TYPICAL_MG_PER_KG,
    Effects,
    spray_history,
)
from .errors import BadDose
from .mood import improvement, typical_mood_model
from .plasticity_drive import PLATEAU, typical_shape
from .stages import Session, Stages, stages
from .subjects import People, typical

WEEK_MIN = 7 * 24 * 60.0
LANES = ("brake", "glutamate", "ampa", "bdnf", "connections", "network", "mood")
# What the slider of each route offers: mg/kg by vein and by mouth, devices of the spray.
CHOICES: Mapping[str, Sequence[float]] = {
    "iv": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0),
    "spray": (1, 2, 3),
    "oral": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0),
}


@dataclass(frozen=True)
class Picture:
    """`lanes[name][i]` at `minutes[i]`, each as a share of the largest of that lane at 0.5 mg/kg by vein.

    `running` are the stretches, in minutes, in which the pump runs.
    """

    minutes: Sequence[float]
    lanes: Mapping[str, Sequence[float]]
    running: Sequence[tuple[float, float]]


def doses_of(
    effects: Effects, route: str, dose: float, paused_min: float | None = None, again_min: float | None = None
) -> Sequence[Given]:
    """Doses of the figure. A pause ends the infusion unless it resumes at `again_min`. Raises `BadDose`."""
    if route not in CHOICES or dose not in CHOICES[route]:
        raise BadDose(f"route, dose: {route} {dose:g} is not one of {dict(CHOICES)}")
    if route == "spray":
        return spray_history(int(dose), effects.parameters["device_gap_min"] / 60, effects.models.spray)
    mg = dose * TYPICAL_KG
    if route == "oral":
        return [Dose(0.0, mg, "oral")]
    rate = mg / TYPICAL_H
    if paused_min is None:
        return [Infusion(0.0, TYPICAL_H, rate)]
    paused = paused_min / 60
    if not 0 < paused < TYPICAL_H:
        raise BadDose(f"paused_min: {paused_min:g} is not within the infusion's {TYPICAL_H * 60:g} minutes")
    if again_min is None:
        return [Infusion(0.0, paused, rate)]
    again = again_min / 60
    if again <= paused:
        raise BadDose(f"again_min: {again_min:g} is not after the pause began, at {paused_min:g} minutes")
    return [Infusion(0.0, paused, rate), Infusion(again, again + TYPICAL_H - paused, rate)]


@lru_cache(maxsize=256)
def picture_of(
    effects: Effects, route: str, dose: float, paused_min: float | None = None, again_min: float | None = None
) -> Picture:
    """Raises `BadDose` for a dose the slider has not, or a pause outside the infusion."""
    history = doses_of(effects, route, dose, paused_min, again_min)
    running = [(g.start_h * 60, g.end_h * 60) for g in history if isinstance(g, Infusion)]
    extra = [minute for stretch in running for minute in stretch]
    minutes = np.unique(np.concatenate([np.geomspace(2, WEEK_MIN, 72), [m for m in extra if m >= 2]]))
    largest = _largest(effects)
    found = _lanes(effects, _stages(effects, route, history, minutes / 60))
    return Picture(
        [float(f"{m:.6g}") for m in minutes],
        {name: [round(float(v) / largest[name], 4) for v in found[name]] for name in LANES},
        running,
    )


@lru_cache(maxsize=4)
def answers(effects: Effects, at_h: float = 24.0) -> tuple[Sequence[float], Mapping[str, Sequence[float]]]:
    """Doses by vein, and for each answer to dose and benefit the share of the score that is gone a day after."""
    doses = CHOICES["iv"]
    found: dict[str, list[float]] = {}
    for number, name in enumerate(HYPOTHESES):
        for dose in doses:
            seen = _stages(effects, "iv", doses_of(effects, "iv", dose), np.array([at_h]), number)
            benefit = seen.fast + seen.synapses + seen.kept
            theta = typical_mood_model(effects.parameters).theta
            found.setdefault(name, []).append(round(float(improvement(theta, benefit[:, 0])[0]), 4))
    return doses, found


def _stages(
    effects: Effects, route: str, history: Sequence[Given], times_h: Floats, answer: int = PLATEAU
) -> Stages:
    model = effects.models.spray if route == "spray" else effects.models.racemate
    parameters = effects.parameters
    return stages(
        effects,
        typical(model, People.one(TYPICAL_KG)),
        typical_shape(parameters, answer),
        np.array([parameters["tau_synapse_d"]]),
        typical_mood_model(parameters),
        [Session(0.0, history, parameters["esketamine_factor"] if route == "spray" else 1.0)],
        times_h,
    )


def _lanes(effects: Effects, seen: Stages) -> Mapping[str, Floats]:
    surge = seen.glutamate[0]
    half = effects.parameters["ampa_half_surge"] * _typical_surge(effects)
    theta = typical_mood_model(effects.parameters).theta[0]
    benefit = seen.fast[0] + seen.synapses[0] + seen.kept[0]
    return {
        "brake": seen.occupancy[0],
        "glutamate": surge,
        "ampa": surge / (surge + half),
        "bdnf": seen.bdnf[0],
        "connections": seen.synapses[0] + seen.kept[0],
        "network": 1 - seen.network[0],
        "mood": improvement(np.full_like(benefit, theta), benefit),
    }


@lru_cache(maxsize=4)
def _typical_surge(effects: Effects) -> float:
    times = np.geomspace(2, WEEK_MIN, 72) / 60
    return float(_stages(effects, "iv", doses_of(effects, "iv", TYPICAL_MG_PER_KG), times).glutamate.max())


@lru_cache(maxsize=4)
def _largest(effects: Effects) -> Mapping[str, float]:
    times = np.geomspace(2, WEEK_MIN, 72) / 60
    found = _lanes(effects, _stages(effects, "iv", doses_of(effects, "iv", TYPICAL_MG_PER_KG), times))
    return {name: float(values.max()) for name, values in found.items()}
