"""All rules of eligibility in force, gathered from the kinds that hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .kinds.criterion import Criterion
from .kinds.definition import Definition
from .kinds.interaction import Interaction
from .kinds.medicines import Formulary
from .kinds.route import RouteFile
from .kinds.scale import Scale
from .kinds.staging import Staging
from .kinds.workup import WorkupItem


@dataclass(frozen=True)
class CandidacyRules:
    """All that an eligibility determination may depend on, besides the chart and the day."""

    definitions: Sequence[Definition]
    criteria: Sequence[Criterion]
    interactions: Sequence[Interaction]
    workup: Sequence[WorkupItem]
    stagings: Sequence[Staging]
    routes: Sequence[RouteFile]
    scales: Mapping[str, Scale]
    formulary: Formulary
