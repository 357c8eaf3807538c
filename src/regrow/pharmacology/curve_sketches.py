"""What each parameter of the ledger does, as a small curve at its value and one prior SD to either side."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from regrow.knowledge import EffectParameter, EffectParameters

from .acute import acute
from .cascade import impulse_responses, numbers_at, states_of
from .concentration import Floats
from .doses import Infusion
from .effects import (
    TYPICAL_H,
    TYPICAL_KG,
    TYPICAL_MG_PER_KG,
    Effects,
    effects_of,
    typical_session,
    typical_subject,
)
from .mood import expectancy, improvement, natural
from .occupancy import Receptor, effect_site_occupancy
from .plasticity_drive import FLAT, INVERTED_U, MONOTONE, PLATEAU, Shape, typical_shape
from .window import window_of

POINTS = 25
# Where the ledger gives no prior, the sketch shows a quarter more and less.
WITHOUT_PRIOR = 0.25


@dataclass(frozen=True)
class CurveSketch:
    """Three lines (lower, as it is, higher) over `x`; the labels say of what."""

    x: Sequence[float]
    lines: tuple[Sequence[float], Sequence[float], Sequence[float]]
    x_label: str
    y_label: str


def sketches(effects: Effects) -> Mapping[str, CurveSketch | None]:
    """One for every parameter; None for one that no curve shows."""
    return {id: sketch(effects, id) for id in effects.parameters.entries}


def sketch(effects: Effects, id: str) -> CurveSketch | None:
    """What the parameter `id` does to the stage that reads it."""
    parameters = effects.parameters
    entry = parameters.entries[id]
    told = _explanation(id, entry, effects)
    if told is None:
        return None
    x, curve, x_label, y_label = told
    lines = tuple(
        [float(v) for v in curve(_moved(parameters, entry, by), np.array(x))] for by in (-1.0, 0.0, 1.0)
    )
    return CurveSketch([float(v) for v in x], (lines[0], lines[1], lines[2]), x_label, y_label)


def _moved(parameters: EffectParameters, entry: EffectParameter, by: float) -> EffectParameters:
    if entry.prior is None:
        value = entry.value * (1 + WITHOUT_PRIOR * by)
    elif entry.prior.on_log:
        value = entry.value * math.exp(entry.prior.sd * by)
    else:
        value = entry.value + entry.prior.sd * by
    if entry.unit == "fraction":
        value = min(value, 0.99)
    return replace(parameters, entries={**parameters.entries, entry.id: replace(entry, value=value)})


Curve = Callable[[EffectParameters, Floats], Any]


def _explanation(id: str, entry: EffectParameter, now: Effects) -> tuple[Floats, Curve, str, str] | None:
    match entry.stage:
        case "receptor":
            if id == "device_gap_min":
                return None
            return np.linspace(0, 3, POINTS), _occupancy(now), "hours after the start", "receptor occupied"
        case "drive":
            answer = {
                "plateau_half_exposure": PLATEAU,
                "plateau_half_exposure_sd": PLATEAU,
                "monotone_power_sd": MONOTONE,
                "flat_half_exposure": FLAT,
            }.get(id, INVERTED_U)
            return np.linspace(0.05, 1.2, POINTS), _drive(answer, id, now), "mg/kg by vein", "drive"
        case "cascade" if id == "ampa_half_surge":
            return np.linspace(0, 1.2, POINTS), lambda p, x: x / (x + p[id]), "surge", "AMPA throughput"
        case "cascade":
            days = (
                (0.02, 1.0)
                if id in ("tau_glutamate_h", "tau_bdnf_h", "tau_fast_d", "fast_share")
                else (0.1, 21.0)
            )
            without = id == "keep_without"
            return (
                np.linspace(*days, POINTS),
                _benefit(not without, id, now),
                "days after one session",
                "benefit",
            )
        case "network":
            return (
                np.linspace(0.1, 7, POINTS),
                _network(now),
                "days after one session",
                "default mode network",
            )
        case "mood":
            return (
                np.linspace(0.1, 14, POINTS),
                _score(id, now),
                "days after one session",
                "share of the score left",
            )
        case "expectancy":
            return np.linspace(0, 7, POINTS), _expected(id), "days", "share of the score left"
        case "natural course":
            return np.linspace(0, 56, POINTS), _alone(id), "days", "share of the score left"
        case "scores" if id == "missed_rating":
            return (
                np.arange(0.0, POINTS),
                lambda p, x: (1 - p[id]) ** x,
                "ratings",
                "chance that none is missed",
            )
        case "scores":
            return np.linspace(0, 14, POINTS), _ratings(id), "days apart", "size of the error, points"
        case "acute":
            return np.linspace(0, 0.8, POINTS), _acute(id, now), "receptor occupied", _ACUTE[id]
        case "between studies":
            return (
                np.linspace(-1.2, 1.2, POINTS),
                lambda p, x: np.exp(-((x / p[id]) ** 2) / 2) / p[id],
                "log",
                "studies",
            )
        case "afterwards":
            return np.linspace(0, 26, POINTS), _staying(id), "weeks", "share left"
    return None


def _occupancy(now: Effects) -> Curve:
    def curve(p: EffectParameters, hours: Floats) -> Floats:
        history = [Infusion(0.0, TYPICAL_H, TYPICAL_MG_PER_KG * TYPICAL_KG / TYPICAL_H)]
        who = typical_subject(now.models.racemate)
        found: Floats = effect_site_occupancy(Receptor.of(p), who, history, hours)[0]
        return found

    return curve


def _drive(answer: int, id: str, now: Effects) -> Curve:
    def curve(p: EffectParameters, doses: Floats) -> Floats:
        effects = effects_of(p, now.models)
        shape = typical_shape(p, answer, len(doses))
        if id == "plateau_half_exposure_sd":  # someone one SD above the median
            shape = replace(shape, half_exposure=shape.half_exposure * math.exp(p[id]))
        if id == "monotone_power_sd":
            shape = replace(shape, power=shape.power * math.exp(p[id]))
        if id == "downturn_occupancy_sd":
            shape = replace(shape, downturn_occupancy=shape.downturn_occupancy * math.exp(-p[id]))
        relative, peaks = _exposures(now, tuple(float(d) for d in doses))
        return np.asarray(effects.drive(_whole(shape), relative * effects.typical_exposure_h, peaks))

    return curve


def _whole(shape: Shape) -> Shape:
    return replace(shape, answer=shape.answer.astype(np.int64))


@lru_cache(maxsize=2)
def _exposures(now: Effects, doses: tuple[float, ...]) -> tuple[Floats, Floats]:
    receptor, who = now.receptor, typical_subject(now.models.racemate)
    exposure, peak = [], []
    for dose in (TYPICAL_MG_PER_KG, *doses):
        history = [Infusion(0.0, TYPICAL_H, dose * TYPICAL_KG / TYPICAL_H)]
        window = window_of(history)
        occupied = effect_site_occupancy(receptor, who, history, window.nodes_h)[0]
        exposure.append(float(occupied @ window.weights_h))
        peak.append(float(occupied.max()))
    return np.array(exposure[1:]) / exposure[0], np.array(peak[1:])


def _states(
    now: Effects, p: EffectParameters, days: Floats, *, antidepressant: bool, longer: float = 1.0
) -> Any:
    """Of the typical session; scaled by the current parameters, so that a slower build shows as less."""
    rates = replace(
        effects_of(p, now.models).rates(
            np.array([p["tau_synapse_d"] * longer]), antidepressant=antidepressant
        ),
        scale=now.scale,
        fast=now.fast_scale * p["fast_share"] / now.parameters["fast_share"],
    )
    window, occupied = typical_session(p, now.models)
    surge = occupied / float(occupied[0] @ window.weights_h)
    left = impulse_responses(rates.decay, window, surge)
    return [states_of(rates, numbers_at(rates.decay, [0.0], [window], [left], float(d) * 24)) for d in days]


def _benefit(antidepressant: bool, id: str, now: Effects) -> Curve:
    def curve(p: EffectParameters, days: Floats) -> Sequence[float]:
        # For the difference between people: someone one SD above the median.
        longer = math.exp(p[id]) if id == "tau_synapse_sd" else 1.0
        found = _states(now, p, days, antidepressant=antidepressant, longer=longer)
        return [float(s.benefit[0]) for s in found]

    return curve


def _network(now: Effects) -> Curve:
    def curve(p: EffectParameters, days: Floats) -> Sequence[float]:
        states = _states(now, p, days, antidepressant=True)
        return [1 - p["network_quieting"] * float(s.synapses[0] + s.kept[0]) for s in states]

    return curve


def _score(id: str, now: Effects) -> Curve:
    def curve(p: EffectParameters, days: Floats) -> Sequence[float]:
        benefit = np.array([float(s.benefit[0]) for s in _states(now, p, days, antidepressant=True)])
        log_theta, resistance = p["theta_log_mean"], 1.0
        if id == "theta_log_sd":  # someone one SD above the median
            log_theta += p[id]
        if id == "theta_resistance_slope":
            log_theta -= p[id] * resistance
        if id == "washed_out_factor":
            log_theta += math.log(p[id])
        if id == "esketamine_factor":
            log_theta += math.log(p[id])
        gone = improvement(np.full(len(days), math.exp(log_theta)), benefit)
        if id in (
            "nonresponder_logit",
            "nonresponder_resistance_slope",
        ):  # the mean over all, six failed trials
            logit = p["nonresponder_logit"]
            if id == "nonresponder_resistance_slope":
                logit += p[id] * resistance
            gone = gone * (1 - 1 / (1 + math.exp(-logit)))
        return [float(1 - g) for g in gone]

    return curve


def _expected(id: str) -> Curve:
    comparator = id.removeprefix("expect_") if id.startswith("expect_") else "open"
    if comparator not in ("saline", "midazolam", "open", "spray"):
        comparator = "open"

    def curve(p: EffectParameters, days: Floats) -> Sequence[float]:
        expects = 1.0
        if id == "expect_sd":
            expects = math.exp(p[id] - p[id] ** 2 / 2)
        if id == "expect_resistance_slope":
            expects = math.exp(-p[id])
        return [1 - float(expectancy(p, comparator, np.array([expects]), float(d))[0]) for d in days]

    return curve


def _alone(id: str) -> Curve:
    def curve(p: EffectParameters, days: Floats) -> Sequence[float]:
        crisis = id in ("crisis_recovery", "tau_crisis_d")
        new = not crisis and id != "natural_course"
        recovers = math.exp(p[id] - p[id] ** 2 / 2) if id == "natural_log_sd" else 1.0
        return [(1 - natural(p, float(d), new_antidepressant=new, crisis=crisis)) ** recovers for d in days]

    return curve


def _ratings(id: str) -> Curve:
    def curve(p: EffectParameters, days: Floats) -> Floats:
        """The SD of the difference of two ratings so many days apart, score unchanged."""
        if id == "recall_days":
            return np.asarray(np.exp(-days / p[id]))
        wobble = p["wobble_madrs"] * np.sqrt(2 * (1 - np.exp(-days / p["wobble_days"])))
        noise = p["noise_madrs"] * (p["self_rating_share"] if id == "self_rating_share" else 1.0)
        scatter = 60 * p[id] if id == "crosswalk_sd" else 0.0
        return np.asarray(np.sqrt(wobble**2 + 2 * noise**2 + scatter**2))

    return curve


_ACUTE = {
    "cadss_none_logit": "chance of no dissociation",
    "cadss_occupancy_slope": "chance of no dissociation",
    "cadss_at_half": "mean CADSS",
    "cadss_sd": "CADSS, one SD above",
    "cadss_tolerance": "mean CADSS, second session",
    "cadss_floor": "mean CADSS, tenth session",
    "systolic_rise_mmhg": "systolic rise, mmHg",
    "systolic_sd": "systolic rise, one SD above",
    "systolic_age_per_y": "systolic rise at 75 years",
    "systolic_hypertension": "systolic rise with hypertension",
    "diastolic_share": "diastolic rise, mmHg",
    "pulse_share": "pulse rise, 1/min",
    "pressure_noise_mmhg": "systolic rise as read, one SD above",
    "sedation_logit": "chance of sedation",
    "sedation_slope": "chance of sedation",
    "nausea_logit": "chance of nausea",
    "nausea_slope": "chance of nausea",
    "felt_sd": "chance of nausea, one SD more prone",
    "cadss_dissociation_above": "CADSS that counts as dissociation",
}


def _acute(id: str, now: Effects) -> Curve:
    def curve(p: EffectParameters, occupied: Floats) -> Floats:
        effects = effects_of(p, now.models)
        session = {"cadss_tolerance": 2, "cadss_floor": 10}.get(id, 1)
        age = 75.0 if id == "systolic_age_per_y" else 45.0
        seen = acute(effects, occupied, session, age, hypertension=id == "systolic_hypertension")
        if id.startswith(("cadss_none", "cadss_occ")):
            return seen.no_cadss
        if id == "cadss_dissociation_above":
            return np.full(len(occupied), p[id])
        if id.startswith("cadss"):
            return seen.cadss * (math.exp(p[id] - p[id] ** 2 / 2) if id == "cadss_sd" else 1.0)
        if id == "pressure_noise_mmhg":
            return seen.systolic_rise_mmhg + p[id]
        if id == "systolic_sd":
            return seen.systolic_rise_mmhg * math.exp(p[id] - p[id] ** 2 / 2)
        if id.startswith("systolic"):
            return seen.systolic_rise_mmhg
        if id == "diastolic_share":
            return seen.diastolic_rise_mmhg
        if id == "pulse_share":
            return seen.pulse_rise_per_min
        if id.startswith("sedation"):
            return seen.sedation
        odds = seen.nausea / (1 - seen.nausea) * (math.exp(p[id]) if id == "felt_sd" else 1.0)
        return odds / (1 + odds)

    return curve


def _staying(id: str) -> Curve:
    def curve(p: EffectParameters, weeks: Floats) -> Floats:
        rate = {
            "drop_out_per_week": p["drop_out_per_week"],
            "drop_out_no_benefit": p["drop_out_per_week"] * p["drop_out_no_benefit"],
            "loss_per_week": p["loss_per_week"],
            "loss_without": p["loss_per_week"] * p["loss_without"],
        }[id]
        return np.asarray(np.exp(-rate * weeks))

    return curve
