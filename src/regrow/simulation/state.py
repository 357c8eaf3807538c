"""State of a block of patients, and what was observed of it in a phase."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .arrays import Floats, Mask, Whole
from .cohort import BLOCK

EXPECTS = ("none", "saline", "midazolam", "open", "spray")


@dataclass
class PhaseRecord:
    """Observations of a block in a phase, at each patient's first time in it. NaN is missing.

    `true_shares` is not observable: the share of the pre-treatment score that is left, at each visit.
    """

    entered: Floats
    began_day: Floats
    ended_day: Floats
    ended_early: Floats
    left: Floats
    entry_score: dict[str, Floats]
    start_score: dict[str, Floats]
    scores: dict[tuple[str, float], Floats]
    true_shares: dict[float, Floats] = field(default_factory=dict)
    mg_per_kg: list[Floats] = field(default_factory=list)
    cadss: list[Floats] = field(default_factory=list)
    sedation: list[Floats] = field(default_factory=list)
    nausea: list[Floats] = field(default_factory=list)
    systolic: list[Floats] = field(default_factory=list)  # (reading, patient) of each session

    @classmethod
    def empty(cls, entry_score: Mapping[str, Floats]) -> "PhaseRecord":
        """Record before any patient has entered the phase."""

        def nan() -> Floats:
            return np.full(BLOCK, np.nan)

        return cls(np.zeros(BLOCK), nan(), nan(), np.zeros(BLOCK), np.zeros(BLOCK), dict(entry_score), {}, {})


@dataclass
class State:
    """State of the patients, each array (…, patient). Index 0 of `recall` is yesterday's share left."""

    numbers: Floats
    day: Floats
    expecting_since: Floats
    expecting: Whole  # index into `EXPECTS`
    new_since: Floats
    wobble: Floats
    wobble_day: Floats
    seen: Whole  # how often rated
    dosed: Whole  # how often dosed
    passed: Whole  # how many phases gone through
    recall: Floats
    leaving: Floats  # hazard gathered
    losing: Floats
    losses: Whole
    left: Floats
    last_score: dict[str, Floats]
    rung: Whole

    def of(self, who: Whole) -> "State":
        """A copy of those patients'."""
        return State(**{name: _taken(value, who) for name, value in vars(self).items()})

    def put(self, who: Whole, theirs: "State", rows: Mask | None = None) -> None:
        """Takes back what `of` gave, or the rows of it."""
        for name, value in vars(theirs).items():
            own = getattr(self, name)
            pairs = [(own[k], v) for k, v in value.items()] if isinstance(own, dict) else [(own, value)]
            for into, new in pairs:
                into[..., who] = new if rows is None else new[..., rows]


def _taken(value: Any, who: Whole) -> Any:
    if isinstance(value, dict):
        return {key: of[..., who] for key, of in value.items()}
    return np.ascontiguousarray(value[..., who])
