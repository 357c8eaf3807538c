"""The live estimate of a running session: carried on from second to second, and as a table for a tablet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .concentration import Floats
from .doses import Infusion
from .errors import BadDose
from .linear import step_matrices
from .plasma import NG_PER_ML, concentration
from .subjects import Subjects
from .system import Input, reached, system_of


class ConcentrationForecast:
    """Concentrations in many chairs, each at its own pump rate. Holds the current state only: no history, no clock."""

    def __init__(self, subjects: Subjects) -> None:
        """Raises `BadDose` for a model that has no infusion into a single place."""
        parts = subjects.model.routes["iv"].parts if "iv" in subjects.model.routes else ()
        if len(parts) != 1:
            raise BadDose(
                f"model: {subjects.model.id} takes no infusion into one place; take K1, K2, K4, K5 or K6"
            )
        given = [Input(parts[0].into, 0.0, 1.0, np.ones(len(subjects)))]
        self._places = reached(subjects, given)
        self._system = system_of(subjects, self._places)
        self._into = self._places.index(parts[0].into)
        seen = [c for c in subjects.model.compartments if c.analyte and c.id in self._places]
        self._volumes = {
            c.analyte: (self._places.index(c.id), subjects.values[c.volume])
            for c in seen
            if c.analyte and c.volume
        }
        self._mg = np.zeros((len(subjects), len(self._places)))
        self._step: tuple[float, Floats, Floats] | None = None

    def advance(self, by_h: float, mg_per_h: Floats) -> None:
        """Advance every chair by `by_h` hours at its rate. Raises `BadDose` for a step or rate below 0."""
        if by_h < 0 or np.any(mg_per_h < 0):
            raise BadDose("by_h, mg_per_h: time runs forward and a pump gives 0 or more")
        if self._step is None or self._step[0] != by_h:
            over, into = step_matrices(self._system, [self._into], np.array([by_h]))
            self._step = (by_h, over[0], into[0][:, :, 0])
        _, over_step, into_step = self._step
        self._mg = np.matmul(over_step, self._mg[:, :, None])[:, :, 0] + into_step * mg_per_h[:, None]

    def ng_per_ml(self, analyte: str = "ketamine") -> Floats:
        """Current concentration in each chair, in ng/mL."""
        place, volume = self._volumes[analyte]
        found: Floats = NG_PER_ML * self._mg[:, place] / volume
        return found


@dataclass(frozen=True)
class StepResponse:
    """What 1 mg/min, begun at 0 and never ended, has brought after 0, `every_min`, 2·`every_min`, …

    The models are linear: any course of the pump is a sum of such responses, one for each change of its rate.
    A screen without a network draws its estimate from this table and needs no formula of its own.
    """

    every_min: float
    ng_per_ml: Sequence[float]
    site: str


def step_response(subjects: Subjects, until_min: float, every_min: float = 1.0) -> StepResponse:
    """The table for one subject. Raises `BadDose`."""
    minutes = np.arange(0.0, until_min + every_min, every_min)
    profile = concentration(subjects, [Infusion(0.0, minutes[-1] / 60 + 1, 60.0)], minutes / 60)
    found = profile.analytes["ketamine"]
    return StepResponse(every_min, [float(f"{ng:.6g}") for ng in found.ng_per_ml[0]], found.site)
