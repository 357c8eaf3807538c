"""Concentrations of a model for a dose history: the one way in for all models and routes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .concentration import SITES, Floats, Profile
from .doses import History, checked
from .linear import amounts
from .subjects import Subjects
from .system import Grid, Input, grid_of, inputs_of, reached, system_of

NG_PER_ML = 1000.0  # of 1 mg/L
# Below this many subjects the compiled kernels cost more to load than they save.
MANY = 64


def concentration(
    subjects: Subjects, history: History, times_h: Sequence[float] | Floats, scale: Floats | float = 1.0
) -> Profile[Any]:
    """What the model expects at these times, hours after the start of the history.

    Every amount of the history is multiplied by `scale`, one number or one a subject: for a history in mg/kg it
    is the weights. The profile's concentrations are `Arterial` or `Venous`, as the model was sampled; call
    `.of(Venous)` on it before using them with constants that belong to one site. Values at the time of a push
    are those just before it. Exact at pauses and changes of rate; up to the last digits the same for one
    subject and for many. Raises `BadDose`.
    """
    times = np.asarray(times_h, dtype=np.float64)
    inputs = inputs_of(subjects, checked(history), scale)
    grid = grid_of(inputs, times)
    site = SITES[subjects.model.site]
    found = _outputs(subjects, inputs, grid)
    for name, parts in subjects.model.sums.items():
        found[name] = sum((found[part] for part in parts), np.zeros(1))
    return Profile(
        times, {name: site(name, found[name]) for name in subjects.model.analytes}, subjects.model.warnings
    )


def _outputs(subjects: Subjects, inputs: Sequence[Input], grid: Grid) -> dict[str, Floats]:
    """ng/mL of each analyte, (subject, time)."""
    if len(subjects) >= MANY:
        from .compiled import outputs_batch

        return outputs_batch(subjects, inputs, grid)
    return outputs_single(subjects, inputs, grid)


def outputs_single(subjects: Subjects, inputs: Sequence[Input], grid: Grid) -> dict[str, Floats]:
    """The general way in plain numpy, without compiled code: for a person, a chair, a command."""
    model = subjects.model
    nothing = np.zeros((len(subjects), len(grid.read)))
    found: dict[str, Floats] = {c.analyte: nothing for c in model.compartments if c.analyte}
    if not inputs:
        return found
    places = reached(subjects, inputs)
    system = system_of(subjects, places)
    mg = amounts(system, inputs, grid)
    for compartment in model.compartments:
        if compartment.analyte and compartment.volume and compartment.id in places:
            volume = subjects.values[compartment.volume]
            found[compartment.analyte] = NG_PER_ML * mg[:, :, places.index(compartment.id)] / volume[:, None]
    return found
