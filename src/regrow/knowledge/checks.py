"""What is watched in long treatment, as a file gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """Due after so many doses (the limit `sessions`) or so many days (`days`); empty for a count it does not have.

    `asks` is a scale the person answers by link, empty where a clinician does it.
    """

    id: str
    title: str
    text: str
    asks: str = ""
    sessions: str = ""
    days: str = ""


@dataclass(frozen=True)
class Checks:
    id: str
    version: int
    title: str
    limits: Sequence[str]
    checks: Sequence[Check]


def checks_of(raw: Mapping[str, Any]) -> Checks:
    return Checks(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["limits"]),
        tuple(Check(**c) for c in raw["checks"]),
    )
