"""The parameters of a run together with what follows from them once: the typical session that everything is scaled to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from regrow.knowledge import CompartmentModel, EffectParameters, Knowledge

from .cascade import Rates, decays_of, impulse_responses, numbers_at, retention, states_of
from .concentration import Floats
from .doses import Dose, Infusion
from .occupancy import Receptor, effect_site_occupancy
from .plasticity_drive import Shape, drive_of
from .subjects import People, Subjects, typical
from .window import Window, window_of

TYPICAL_KG = 70.0
TYPICAL_MG_PER_KG = 0.5
TYPICAL_H = 40 / 60
RACEMATE = "racemate"
SPRAY = "perez-ruixo-2021"


@dataclass(frozen=True, eq=False)
class Models:
    """The pharmacokinetic models of both products. Equal when all their numbers are."""

    racemate: CompartmentModel
    spray: CompartmentModel

    @classmethod
    def of(cls, knowledge: Knowledge) -> "Models":
        return cls(knowledge.model(RACEMATE), knowledge.model(SPRAY))

    @cached_property
    def hash(self) -> str:
        return hashlib.sha256(repr((self.racemate, self.spray)).encode()).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Models) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)


@dataclass(frozen=True, eq=False)
class Effects:
    """All that follows from the parameters and the models alone; equal when those are.

    `typical_exposure_h` is ∫ occupancy of the typical session, `typical_peak` its peak occupancy.

    `scale` makes S = 1 at 24 h after it, `fast_scale` F = φ at 4 h.
    """

    parameters: EffectParameters
    models: Models
    receptor: Receptor
    typical_exposure_h: float
    typical_peak: float
    scale: float
    fast_scale: float

    @cached_property
    def _key(self) -> tuple[object, ...]:
        return (self.models, *((id, entry.value) for id, entry in self.parameters.entries.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Effects) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def rates(self, tau_synapse_d: Floats, *, antidepressant: bool) -> Rates:
        """The cascade's rates for subjects with these τ_S."""
        return Rates(
            decays_of(self.parameters, tau_synapse_d),
            retention(self.parameters, antidepressant=antidepressant),
            self.scale,
            self.fast_scale,
        )

    def drive(self, shape: Shape, exposure_h: Floats, peak: Floats) -> Floats:
        """The session's drive from ∫ occupancy in hours and its peak."""
        return drive_of(self.parameters, self.typical_peak, shape, exposure_h / self.typical_exposure_h, peak)


def effects_of(parameters: EffectParameters, models: Models) -> Effects:
    """Scales everything to the typical person's session of 0.5 mg/kg over 40 minutes."""
    receptor = Receptor.of(parameters)
    window, occupancy = typical_session(parameters, models)
    exposure = float(occupancy[0] @ window.weights_h)
    decay = decays_of(parameters, np.array([parameters["tau_synapse_d"]]))
    unit = Rates(decay, retention(parameters, antidepressant=True), 1.0, 1.0)
    left = impulse_responses(decay, window, occupancy / exposure)
    synapses = states_of(unit, numbers_at(decay, [0.0], [window], [left], 24.0)).synapses[0]
    fast = states_of(unit, numbers_at(decay, [0.0], [window], [left], 4.0)).fast[0]
    return Effects(
        parameters,
        models,
        receptor,
        exposure,
        float(occupancy.max()),
        float(1 / synapses),
        float(parameters["fast_share"] / fast),
    )


def effects_in_force(knowledge: Knowledge) -> Effects:
    """The effects by the fitted parameters and the models of a `Knowledge`; computed once for each."""
    return knowledge.cached(
        ("effects",), lambda: effects_of(knowledge.effect_parameters(), Models.of(knowledge))
    )


def spray_history(devices: int, gap_h: float, spray: CompartmentModel) -> Sequence[Dose]:
    """Doses of that many nasal spray devices in sequence; mg per device is from the model's file."""
    device_mg = spray.routes["nasal"].device_mg
    assert device_mg is not None  # the model's nasal route is defined by its device
    return [Dose(n * gap_h, device_mg, "nasal", n + 1) for n in range(devices)]


def typical_subject(racemate: CompartmentModel) -> Subjects:
    """The person to whom everything is scaled."""
    return typical(racemate, People.one(TYPICAL_KG))


def typical_session(parameters: EffectParameters, models: Models) -> tuple[Window, Floats]:
    """The window of the typical session, and occupancy at its nodes, (1, node)."""
    receptor = Receptor.of(parameters)
    return _typical_session(tuple(receptor.binding.items()), receptor.effect_site_per_h, models)


@lru_cache(maxsize=32)
def _typical_session(
    binding: tuple[tuple[str, float], ...], effect_site_per_h: float, models: Models
) -> tuple[Window, Floats]:
    history = [Infusion(0.0, TYPICAL_H, TYPICAL_MG_PER_KG * TYPICAL_KG / TYPICAL_H)]
    window = window_of(history, also_h=(4.0, 24.0))
    receptor = Receptor(dict(binding), effect_site_per_h)
    return window, effect_site_occupancy(receptor, typical_subject(models.racemate), history, window.nodes_h)
