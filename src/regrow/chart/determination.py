"""Three-valued determinations: met, not met or not documented, with their records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class CriterionStatus(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_DOCUMENTED = "not_documented"


@dataclass(frozen=True)
class Determination:
    """One criterion's determination. `because` are record ids; `missing` names what would have to be documented.

    `text` is for the clinician, `plain` for the patient (empty where it is not shown to the patient). `values` are its
    figures, as decimal strings or words.
    """

    id: str
    state: CriterionStatus
    text: str
    because: Sequence[str] = ()
    missing: Sequence[str] = ()
    plain: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def any_of(states: Iterable[CriterionStatus]) -> CriterionStatus:
    """Met if any is met; otherwise not documented if any is."""
    seen = set(states)
    if CriterionStatus.MET in seen:
        return CriterionStatus.MET
    return (
        CriterionStatus.NOT_DOCUMENTED if CriterionStatus.NOT_DOCUMENTED in seen else CriterionStatus.NOT_MET
    )


def all_of(states: Iterable[CriterionStatus]) -> CriterionStatus:
    """Not met if any is not met; otherwise not documented if any is."""
    seen = set(states)
    if CriterionStatus.NOT_MET in seen:
        return CriterionStatus.NOT_MET
    return CriterionStatus.NOT_DOCUMENTED if CriterionStatus.NOT_DOCUMENTED in seen else CriterionStatus.MET
