"""Met, not met or not documented, each with the records that decided it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_DOCUMENTED = "not_documented"


@dataclass(frozen=True)
class Determination:
    """One criterion decided. `because` are record ids; `missing` says what would have to be documented."""

    id: str
    state: State
    text: str
    because: Sequence[str] = ()
    missing: Sequence[str] = ()


def all_of(states: Iterable[State]) -> State:
    """All must be met: one not met decides; otherwise one not documented leaves it open."""
    seen = set(states)
    if State.NOT_MET in seen:
        return State.NOT_MET
    return State.NOT_DOCUMENTED if State.NOT_DOCUMENTED in seen else State.MET
