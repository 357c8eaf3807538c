"""Met, not met or not documented, each with the records that decided it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class CriterionStatus(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_DOCUMENTED = "not_documented"


@dataclass(frozen=True)
class Determination:
    """One criterion decided. `because` are record ids; `missing` says what would have to be documented.

    `text` is for the clinician, `plain` for the patient (empty where the patient is not told). `values` are the
    figures it rests on, as decimal strings or words.
    """

    id: str
    state: CriterionStatus
    text: str
    because: Sequence[str] = ()
    missing: Sequence[str] = ()
    plain: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def any_of(states: Iterable[CriterionStatus]) -> CriterionStatus:
    """One met is enough; otherwise one not documented leaves it open."""
    seen = set(states)
    if CriterionStatus.MET in seen:
        return CriterionStatus.MET
    return (
        CriterionStatus.NOT_DOCUMENTED if CriterionStatus.NOT_DOCUMENTED in seen else CriterionStatus.NOT_MET
    )


def all_of(states: Iterable[CriterionStatus]) -> CriterionStatus:
    """All must be met: one not met decides; otherwise one not documented leaves it open."""
    seen = set(states)
    if CriterionStatus.NOT_MET in seen:
        return CriterionStatus.NOT_MET
    return CriterionStatus.NOT_DOCUMENTED if CriterionStatus.NOT_DOCUMENTED in seen else CriterionStatus.MET
