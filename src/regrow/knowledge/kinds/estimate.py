"""How one patient's estimate is made, and when it is withheld."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class EstimateChoices:
    """How one patient's estimate is made (knowledge `estimate`). Doses in mg/kg, noise as a multiple.

    The burden of a dose d is `burden_size`·((d/0.5)^`burden_power` − 1); a point of it weighs `burden_weight` points of
    the scale. `learned` are (below, text), rising. `proof_…` is what policies are tried with on virtual patients;
    `learning_…` how what a clinic's courses say of dose and benefit adds up: by batches, tempered, with a floor.
    """

    id: str
    version: int
    population: str
    particles: int
    draws: int
    weight_every_kg: float
    failed_trials_at_most: int
    least_effective_share: float
    surprise_below: float
    burden_weight: float
    burden_size: float
    burden_power: float
    hysteresis_sd: float
    interaction_noise: float
    pressure_readings: int
    learned: Sequence[tuple[float, str]]
    proof_ladder_mg_per_kg: Sequence[float]
    proof_start_mg_per_kg: float
    proof_particles: int
    proof_weight_kg: float
    learning_batch: int
    learning_power: float
    learning_floor: float
    learning_particles: int
    learning_by_chance: float
    learning_sure: float


def read(raw: Raw) -> EstimateChoices:
    return EstimateChoices(
        id=raw["id"],
        version=raw["version"],
        population=raw["population"],
        particles=raw["particles"],
        draws=raw["draws"],
        weight_every_kg=float(raw["weight_every_kg"]),
        failed_trials_at_most=raw["failed_trials_at_most"],
        least_effective_share=float(raw["least_effective_share"]),
        surprise_below=float(raw["surprise_below"]),
        burden_weight=float(raw["burden"]["weight"]),
        burden_size=float(raw["burden"]["size"]),
        burden_power=float(raw["burden"]["power"]),
        hysteresis_sd=float(raw["hysteresis_sd"]),
        interaction_noise=float(raw["interaction_noise"]),
        pressure_readings=raw["pressure_readings"],
        learned=tuple((float(step["below"]), step["text"]) for step in raw["learned"]),
        proof_ladder_mg_per_kg=tuple(float(dose) for dose in raw["proof"]["ladder_mg_per_kg"]),
        proof_start_mg_per_kg=float(raw["proof"]["start_mg_per_kg"]),
        proof_particles=raw["proof"]["particles"],
        proof_weight_kg=float(raw["proof"]["weight_kg"]),
        learning_batch=raw["learning"]["batch"],
        learning_power=float(raw["learning"]["power"]),
        learning_floor=float(raw["learning"]["floor"]),
        learning_particles=raw["learning"]["particles"],
        learning_by_chance=float(raw["learning"]["by_chance"]),
        learning_sure=float(raw["learning"]["sure"]),
    )


KIND = Kind(id="estimate", folder="estimates", label="Individual estimate", read=read)
