"""A published pharmacokinetic model as data: parameters, compartments, what flows where, and the routes in.

The file says what the paper says, in the paper's units; here every value becomes litres, hours and 1/h.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from regrow.knowledge.kind import Kind, Raw

SiteName = Literal["arterial", "venous"]
ROUTES = ("iv", "im", "sc", "nasal", "oral", "sublingual", "film")
_UNITS: Mapping[str, float] = {
    "L": 1.0,
    "L/kg": 1.0,
    "L/h": 1.0,
    "L/min": 60.0,
    "1/h": 1.0,
    "1/min": 60.0,
    "h": 1.0,
    "min": 1 / 60,
    "fraction": 1.0,
    "ratio": 1.0,
}


@dataclass(frozen=True)
class Covariate:
    """`times` where the subject belongs to `group`; or `add` for each year of age above `above_years`."""

    group: str | None = None
    times: float = 1.0
    above_years: float | None = None
    add: float = 0.0


@dataclass(frozen=True)
class Parameter:
    """One parameter of a model, its typical value in L, h and 1/h.

    `weight_exponent` is the power of weight / reference weight; `per_kg` means the value counts per kg.
    `variance` is ω², of the logarithm, or of the logit where `on_logit`; None where the source prints none.
    """

    name: str
    typical: float
    unit: str
    weight_exponent: float
    per_kg: bool
    variance: float | None
    on_logit: bool
    covariates: Sequence[Covariate]
    mark: str
    source: str
    text: str


@dataclass(frozen=True)
class Rate:
    """A rate constant, 1/h: `rate`; or `clearance` / `volume`; or `steps` / `mean` of a delay chain."""

    rate: str | None = None
    clearance: str | None = None
    volume: str | None = None
    mean: str | None = None
    steps: int = 1
    times: str | None = None

    def parameters(self) -> Iterator[str]:
        yield from (p for p in (self.rate, self.clearance, self.volume, self.mean, self.times) if p)


@dataclass(frozen=True)
class Flow:
    """From one compartment to another, or out of the body where `to` is None; `share` of it arrives."""

    source: str
    to: str | None
    rate: Rate
    share: str | None = None


@dataclass(frozen=True)
class Compartment:
    """An amount in mg. It is seen as `analyte` at amount / `volume` where it has both."""

    id: str
    analyte: str | None
    volume: str | None


@dataclass(frozen=True)
class Part:
    """A part of a dose: `share` of it (or what the others leave) into a compartment, over `over` hours.

    `later` multiplies the share for the second and later devices of one sitting. `swallowed` parts pass the
    gut wall and the liver first, where inhibitors and inducers act.
    """

    into: str
    share: str | None
    rest: bool
    later: str | None
    over: str | None
    swallowed: bool


@dataclass(frozen=True)
class RouteIn:
    parts: Sequence[Part]
    device_mg: float | None


@dataclass(frozen=True)
class CompartmentModel:
    """A published model. `moiety` is what its doses are milligrams of, as base."""

    id: str
    short: str
    version: int
    title: str
    site: SiteName
    moiety: str
    source: str
    reference_weight_kg: float
    parameters: Mapping[str, Parameter]
    covariances: Mapping[tuple[str, str], float]
    compartments: Sequence[Compartment]
    flows: Sequence[Flow]
    routes: Mapping[str, RouteIn]
    elimination: Sequence[str]
    sums: Mapping[str, Sequence[str]]
    warnings: Sequence[str]

    @property
    def analytes(self) -> Sequence[str]:
        """What the model gives, sums of enantiomers first."""
        return [*self.sums, *(c.analyte for c in self.compartments if c.analyte)]


def read(raw: Raw) -> CompartmentModel:
    """Raises ValueError for a name that the file does not define."""
    parameters = {name: _parameter(name, value, raw) for name, value in raw["parameters"].items()}
    model = CompartmentModel(
        id=raw["id"],
        short=raw["short"],
        version=raw["version"],
        title=raw["title"],
        site=raw["site"],
        moiety=raw["moiety"],
        source=raw["source"],
        reference_weight_kg=float(raw["reference_weight_kg"]),
        parameters=parameters,
        covariances={(c["of"][0], c["of"][1]): float(c["value"]) for c in raw.get("covariances", ())},
        compartments=tuple(
            Compartment(c["id"], c.get("analyte"), c.get("volume")) for c in raw["compartments"]
        ),
        flows=tuple(flow for f in raw["flows"] for flow in _flows(f)),
        routes={name: _route(value) for name, value in raw["routes"].items()},
        elimination=tuple(raw["elimination"]),
        sums={name: tuple(parts) for name, parts in raw.get("sums", {}).items()},
        warnings=tuple(raw.get("warnings", ())),
    )
    _names_are_known(model)
    return model


def _parameter(name: str, raw: Raw, model: Raw) -> Parameter:
    variance = raw.get("variance")
    if "cv_percent" in raw:  # printed as a coefficient of variation of a log-normal
        variance = math.log1p((raw["cv_percent"] / 100) ** 2)
    if "logit_sd" in raw:
        variance = raw["logit_sd"] ** 2
    factor = _UNITS[raw["unit"]]
    return Parameter(
        name=name,
        typical=raw["value"] * factor,
        unit=raw["unit"],
        weight_exponent=float(raw.get("weight_exponent", 0)),
        per_kg=raw["unit"].endswith("/kg"),
        variance=variance,
        on_logit="logit_sd" in raw,
        covariates=tuple(
            Covariate(
                c.get("group"),
                float(c.get("times", 1)),
                c.get("above_years"),
                float(c.get("add", 0)) * factor,
            )
            for c in raw.get("covariates", ())
        ),
        mark=raw.get("mark", model["mark"]),
        source=raw.get("source", model["source"]),
        text=raw.get("text", ""),
    )


def _rate(raw: Raw) -> Rate:
    return Rate(
        rate=raw.get("rate"),
        clearance=raw.get("clearance"),
        volume=raw.get("volume"),
        mean=raw.get("mean"),
        steps=raw.get("steps", 1),
        times=raw.get("times"),
    )


def _flows(raw: Raw) -> Iterator[Flow]:
    if "between" in raw:
        here, there = raw["between"]
        for source, to, volume in zip((here, there), (there, here), raw["volumes"], strict=True):
            yield Flow(source, to, Rate(clearance=raw["clearance"], volume=volume))
    else:
        yield Flow(raw["from"], raw.get("to"), _rate(raw), raw.get("share"))


def _route(raw: Raw) -> RouteIn:
    return RouteIn(
        tuple(
            Part(
                p["into"],
                p.get("share"),
                p.get("rest", False),
                p.get("later"),
                p.get("over"),
                p.get("swallowed", False),
            )
            for p in raw["parts"]
        ),
        raw.get("device_mg"),
    )


def _names_are_known(model: CompartmentModel) -> None:
    places = {c.id for c in model.compartments}
    used = [(f"flow from {f.source}", f.rate.parameters()) for f in model.flows]
    used += [(f"flow from {f.source}", iter([f.share])) for f in model.flows if f.share]
    used += [(f"compartment {c.id}", iter([c.volume])) for c in model.compartments if c.volume]
    used += [
        (f"route {name}", (p for p in (part.share, part.later, part.over) if p))
        for name, route in model.routes.items()
        for part in route.parts
    ]
    used += [("covariances", iter(pair)) for pair in model.covariances] + [
        ("elimination", iter(model.elimination))
    ]
    for where, names in used:
        for name in names:
            if name not in model.parameters:
                raise ValueError(f"{where} names the parameter {name!r}, which is not under parameters")
    for flow in model.flows:
        for place in (flow.source, flow.to):
            if place is not None and place not in places:
                raise ValueError(f"a flow names the compartment {place!r}, which is not under compartments")
    for name, route in model.routes.items():
        for part in route.parts:
            if part.into not in places:
                raise ValueError(f"route {name} leads into {part.into!r}, which is not under compartments")
            if part.over and model.parameters[part.over].variance:
                raise ValueError(f"route {name}: the time {part.over!r} cannot differ between subjects")
    analytes = {c.analyte for c in model.compartments}
    for name, parts in model.sums.items():
        for analyte in parts:
            if analyte not in analytes:
                raise ValueError(f"the sum {name} names the analyte {analyte!r}, which no compartment has")


KIND = Kind(id="model", folder="models", label="Pharmacokinetic model", read=read)
