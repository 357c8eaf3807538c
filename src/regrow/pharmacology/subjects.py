"""Who the model is asked about: covariates, and the parameters that follow, typical or drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from regrow.knowledge import CompartmentModel, DrugEffect, Parameter

from .concentration import Floats
from .errors import BadDose


@dataclass(frozen=True)
class People:
    """Covariates, one entry a subject. Groups (asian, japanese, female) only where a model needs them."""

    weight_kg: Floats
    age_years: Floats
    groups: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.weight_kg)

    @classmethod
    def one(cls, weight_kg: float, age_years: float = 40.0, groups: Sequence[str] = ()) -> "People":
        """A single person. Raises `BadDose` for an impossible weight or age."""
        if not 1 <= weight_kg <= 500:
            raise BadDose(f"weight_kg is {weight_kg:g}; give a weight between 1 and 500 kg")
        if not 0 <= age_years <= 130:
            raise BadDose(f"age_years is {age_years:g}; give an age between 0 and 130 years")
        return cls(np.array([weight_kg]), np.array([age_years]), {g: np.array([1.0]) for g in groups})


@dataclass(frozen=True)
class Subjects:
    """A model's parameters for each subject, in L, h and 1/h, each shaped (subject,)."""

    model: CompartmentModel
    values: Mapping[str, Floats]
    swallowed_times: float = 1.0

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))


def typical(model: CompartmentModel, people: People, taken: Sequence[DrugEffect] = ()) -> Subjects:
    """The typical subject with these covariates, no differences drawn; `taken` are medicines taken along."""
    return _subjects(model, people, {}, taken)


def drawn(
    model: CompartmentModel, people: People, normals: Floats, taken: Sequence[DrugEffect] = ()
) -> Subjects:
    """Subjects that differ as the source says. `normals` are standard normal, shaped (subject, `differing`)."""
    names = differing(model)
    spread = np.array(
        [
            [
                (model.parameters[a].variance or 0.0)
                if a == b
                else model.covariances.get((a, b), model.covariances.get((b, a), 0.0))
                for b in names
            ]
            for a in names
        ]
    )
    if normals.shape != (len(people), len(names)):
        raise BadDose(f"normals has the shape {normals.shape}; it must be {(len(people), len(names))}")
    etas = normals @ np.linalg.cholesky(spread).T if names else normals
    return _subjects(model, people, {name: etas[:, i] for i, name in enumerate(names)}, taken)


def differing(model: CompartmentModel) -> Sequence[str]:
    """The parameters that differ between subjects, in the order in which `drawn` reads its normals."""
    return [name for name, p in model.parameters.items() if p.variance]


def _subjects(
    model: CompartmentModel, people: People, etas: Mapping[str, Floats], taken: Sequence[DrugEffect]
) -> Subjects:
    values = {
        name: _value(parameter, model.reference_weight_kg, people, etas.get(name))
        for name, parameter in model.parameters.items()
    }
    by_vein = float(np.prod([e.iv_auc_times for e in taken]))
    for name in model.elimination:
        values[name] = values[name] / by_vein
    swallowed = float(np.prod([e.oral_auc_times / e.iv_auc_times for e in taken]))
    return Subjects(model, values, swallowed)


def _value(parameter: Parameter, reference_kg: float, people: People, eta: Floats | None) -> Floats:
    value = np.full(len(people), parameter.typical)
    if parameter.per_kg:
        value = value * people.weight_kg
    if parameter.weight_exponent:
        value = value * (people.weight_kg / reference_kg) ** parameter.weight_exponent
    for covariate in parameter.covariates:
        if covariate.group is not None:
            member = people.groups.get(covariate.group, np.zeros(len(people)))
            value = np.where(member > 0, value * covariate.times, value)
        elif covariate.above_years is not None:
            value = value + covariate.add * np.maximum(0.0, people.age_years - covariate.above_years)
    if eta is None:
        return value
    if parameter.on_logit:
        odds: Floats = value / (1 - value) * np.exp(eta)
        return odds / (1 + odds)
    return value * np.exp(eta)
