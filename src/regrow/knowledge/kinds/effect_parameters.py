"""Parameters of the effect model, each with its source."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from regrow.knowledge.kind import Kind, Raw

Status = Literal["published", "calibrated", "assumed"]


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
    """All parameters. `hash` identifies these values and is saved with every result computed from them."""

    id: str
    version: int
    title: str
    hash: str
    entries: Mapping[str, EffectParameter]

    def __getitem__(self, id: str) -> float:
        return self.entries[id].value


def hash_of(parameters: Raw) -> str:
    """Hash of the values, independent of the order and layout of the file."""
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


def read(raw: Raw) -> EffectParameters:
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


KIND = Kind(
    id="effect_parameters",
    folder="pharmacology/parameters",
    label="Effect model parameters",
    read=read,
)
