"""What ketamine is taken to do: the ledger of the model's parameters, and the open question of dose and effect."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Raw = Mapping[str, Any]
Status = Literal["published", "calibrated", "assumed"]
HYPOTHESES = ("plateau", "monotone", "inverted-u", "flat")


@dataclass(frozen=True)
class Prior:
    """How far the value may lie from the one given: one SD, of the logarithm or of the value itself."""

    sd: float
    on_log: bool


@dataclass(frozen=True)
class EffectParameter:
    """One entry of the ledger. `before_fit` is the value that the calibration started from."""

    id: str
    stage: str
    value: float
    unit: str
    prior: Prior | None
    status: Status
    calibrated_to: str | None
    source: str
    mark: str
    text: str
    before_fit: float | None = None


@dataclass(frozen=True)
class EffectParameters:
    """All of them. `hash` names these values: it stands with every result that was made with them."""

    id: str
    version: int
    title: str
    hash: str
    entries: Mapping[str, EffectParameter]

    def __getitem__(self, id: str) -> float:
        return self.entries[id].value


@dataclass(frozen=True)
class Hypothesis:
    """One answer to how the effect depends on the dose, and how much weight it has."""

    id: str
    weight: float
    text: str


@dataclass(frozen=True)
class DoseEffect:
    """The answers side by side. The clinic may set the weights; `verdict` is what is known in people."""

    id: str
    version: int
    title: str
    verdict: str
    hypotheses: Sequence[Hypothesis]


@dataclass(frozen=True)
class PublishedFigure:
    """One figure that the model is held against; `measure` says how it is read off a trial's result.

    `against` is the other group of a difference, `over` the outcome or group below a ratio.
    """

    study: str
    trial: str
    outcome: str
    group: str
    against: str | None
    over: str | None
    measure: str
    value: float
    se: float
    unit: str
    interval: tuple[float, float] | None
    mark: str
    source: str
    text: str


@dataclass(frozen=True)
class Calibration:
    """The figures, and by unit the error allowed for a model that is not the study."""

    id: str
    version: int
    allowed: Mapping[str, float]
    figures: Sequence[PublishedFigure]


def calibration_of(raw: Raw) -> Calibration:
    """Raises ValueError for a unit without an allowed error."""
    allowed = {unit: float(sd) for unit, sd in raw["allowed"].items()}
    for figure in raw["figures"]:
        if figure["unit"] not in allowed:
            raise ValueError(f"allowed: give an error for the unit {figure['unit']!r}")
    return Calibration(
        raw["id"],
        raw["version"],
        allowed,
        tuple(
            PublishedFigure(
                f["study"],
                f["trial"],
                f["outcome"],
                f["group"],
                f.get("against"),
                f.get("over"),
                f["measure"],
                float(f["value"]),
                float(f["se"]),
                f["unit"],
                (float(f["interval"][0]), float(f["interval"][1])) if "interval" in f else None,
                f["mark"],
                f["source"],
                f["text"],
            )
            for f in raw["figures"]
        ),
    )


def hash_of(parameters: Raw) -> str:
    """Names the values, whatever the order and the layout of the file."""
    text = json.dumps({name: entry["value"] for name, entry in parameters.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_values(parameters: EffectParameters, values: Mapping[str, float]) -> EffectParameters:
    """The same ledger with other values, under the hash of these."""
    entries = dict(parameters.entries)
    for name, value in values.items():
        entries[name] = replace(entries[name], value=value)
    return replace(
        parameters, entries=entries, hash=hash_of({name: {"value": e.value} for name, e in entries.items()})
    )


def effect_parameters_of(raw: Raw) -> EffectParameters:
    """Raises ValueError if the file names a hash that its values do not have."""
    found = hash_of(raw["parameters"])
    if raw.get("hash", found) != found:
        raise ValueError(
            f"hash is {raw['hash']}, but the values have {found}: they were changed by hand after the fit. "
            "Restore them, run `regrow model calibrate`, or take the line out to let them stand as your own"
        )
    return EffectParameters(
        raw["id"],
        raw["version"],
        raw["title"],
        found,
        {name: _entry(name, value) for name, value in raw["parameters"].items()},
    )


def _entry(id: str, raw: Raw) -> EffectParameter:
    prior = raw.get("prior")
    return EffectParameter(
        id=id,
        stage=raw["stage"],
        value=float(raw["value"]),
        unit=raw["unit"],
        prior=Prior(float(prior["sd"]), prior["scale"] == "log") if prior else None,
        status=raw["status"],
        calibrated_to=raw.get("calibrated_to"),
        source=raw["source"],
        mark=raw["mark"],
        text=raw["text"],
        before_fit=raw.get("before_fit"),
    )


def dose_effect_of(raw: Raw) -> DoseEffect:
    """Raises ValueError unless each hypothesis stands once and the weights add up to 1."""
    hypotheses = tuple(Hypothesis(h["id"], float(h["weight"]), h["text"]) for h in raw["hypotheses"])
    ids = tuple(h.id for h in hypotheses)
    if ids != HYPOTHESES:
        raise ValueError(f"hypotheses: give {', '.join(HYPOTHESES)}, each once and in this order")
    total = sum(h.weight for h in hypotheses)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"hypotheses: the weights add up to {total:g}; they must add up to 1")
    return DoseEffect(raw["id"], raw["version"], raw["title"], raw["verdict"], hypotheses)


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


def estimate_choices_of(raw: Raw) -> EstimateChoices:
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
