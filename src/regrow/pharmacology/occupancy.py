"""How much of the NMDA receptor is occupied, from free venous concentrations, at the effect site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from regrow.knowledge import EffectParameters

from .concentration import Floats
from .doses import History, checked
from .errors import MixedSites
from .linear import amounts
from .plasma import NG_PER_ML
from .subjects import Subjects
from .system import System, grid_of, inputs_of, reached, system_of

EFFECT = "effect site"


@dataclass(frozen=True)
class Receptor:
    """Binding per ng/mL of each ligand, in units of its Ki: x = Σ binding·concentration, occupancy x/(1 + x).

    Competitive, from the free fraction. The constants are used with venous models only, and everything fitted
    downstream carries that label.
    """

    binding: Mapping[str, float]
    effect_site_per_h: float

    @classmethod
    def of(cls, parameters: EffectParameters) -> "Receptor":
        per_um = parameters["unbound_fraction"] / parameters["ketamine_g_per_mol"]
        return cls(
            {
                "S-ketamine": per_um / parameters["ki_s_ketamine_um"],
                "R-ketamine": per_um / parameters["ki_r_ketamine_um"],
                "S-norketamine": per_um / parameters["ki_s_norketamine_um"],
                "R-norketamine": per_um / parameters["ki_r_norketamine_um"],
            },
            log(2) * 60 / parameters["effect_site_half_life_min"],
        )

    def per_ng(self, moiety: str, analyte: str) -> float:
        """The binding of one model's analyte; 0 for one that does not bind, such as hydroxynorketamine."""
        if analyte in self.binding:
            return self.binding[analyte]
        if analyte not in ("ketamine", "norketamine"):
            return 0.0
        if moiety == "S-ketamine":
            return self.binding[f"S-{analyte}"]
        return (self.binding[f"S-{analyte}"] + self.binding[f"R-{analyte}"]) / 2


def effect_site_occupancy(
    receptor: Receptor, subjects: Subjects, history: History, times_h: Sequence[float] | Floats
) -> Floats:
    """Occupancy at the effect site, (subject, time): binding follows the venous plasma with a first-order delay.

    Solved with the model as one linear system, so it is as exact as the concentrations. Raises `BadDose`,
    `MixedSites` for an arterial model.
    """
    if subjects.model.site != "venous":
        raise MixedSites(
            f"{subjects.model.id} is {subjects.model.site}; the receptor's constants go with venous models: "
            "take K2, K4, K6 or the racemate"
        )
    times = np.asarray(times_h, dtype=np.float64)
    inputs = inputs_of(subjects, checked(history))
    if not inputs:
        return np.zeros((len(subjects), len(times)))
    system = with_effect_site(system_of(subjects, reached(subjects, inputs)), receptor)
    x = amounts(system, inputs, grid_of(inputs, times))[:, :, -1]
    return x / (1 + x)


def with_effect_site(system: System, receptor: Receptor) -> System:
    """The system with one more place, which follows the binding without taking anything from the others."""
    model, n = system.subjects.model, len(system.places)
    rate = np.zeros((n + 1, n + 1, len(system.subjects)))
    rate[:n, :n] = system.rate
    leaving = np.vstack([system.leaving, np.full(len(system.subjects), receptor.effect_site_per_h)])
    for compartment in model.compartments:
        if compartment.analyte and compartment.volume and compartment.id in system.places:
            per_mg = NG_PER_ML / system.subjects.values[compartment.volume]
            binding = receptor.per_ng(model.moiety, compartment.analyte)
            rate[n, system.places.index(compartment.id)] = receptor.effect_site_per_h * binding * per_mg
    return System(system.subjects, [*system.places, EFFECT], rate, leaving)
