"""What ketamine is taken to do: the ledger of the model's parameters, and the open question of dose and effect."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


def hash_of(parameters: Raw) -> str:
    """Names the values, whatever the order and the layout of the file."""
    text = json.dumps({name: entry["value"] for name, entry in parameters.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
