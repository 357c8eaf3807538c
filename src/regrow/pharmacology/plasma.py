"""Two-compartment infusion in closed form, by superposition of runs at constant rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, sqrt

from regrow.knowledge import TwoCompartmentModel


@dataclass(frozen=True)
class PumpRun:
    """The pump at one rate, from `start_min` to `end_min`."""

    start_min: float
    end_min: float
    mg_per_min: float


@dataclass(frozen=True)
class Concentration:
    """Ketamine at `minute` in ng/mL, at the site the model was sampled from."""

    minute: float
    ng_per_ml: float
    site: str


def plasma(
    model: TwoCompartmentModel, weight_kg: float, runs: Sequence[PumpRun], at_min: Sequence[float]
) -> Sequence[Concentration]:
    """Concentrations at the times asked for. Raises ValueError for a weight or run that cannot be.

    Gibaldi and Perrier, Pharmacokinetics, 2nd ed.: the two-compartment open model with zero-order input.
    """
    if weight_kg <= 0:
        raise ValueError(f"weight_kg must be above 0, not {weight_kg}")
    if any(run.end_min < run.start_min or run.mg_per_min < 0 for run in runs):
        raise ValueError("each run must end after it starts and have a rate of 0 or more")
    total = model.k10_per_min + model.k12_per_min + model.k21_per_min
    root = sqrt(total * total - 4 * model.k10_per_min * model.k21_per_min)
    fast, slow = (total + root) / 2, (total - root) / 2
    share_fast = (fast - model.k21_per_min) / (fast - slow)
    volume_l = model.v1_l_per_kg * weight_kg

    def after(run: PumpRun, minute: float) -> float:
        running = min(minute, run.end_min) - run.start_min
        if running <= 0:
            return 0.0
        since = max(0.0, minute - run.end_min)
        per_l = run.mg_per_min / volume_l
        return per_l * (
            share_fast * -expm1(-fast * running) / fast * exp(-fast * since)
            + (1 - share_fast) * -expm1(-slow * running) / slow * exp(-slow * since)
        )

    return [
        Concentration(minute, 1000 * sum(after(run, minute) for run in runs), model.site) for minute in at_min
    ]
