"""The suggested next dose, with the data and versions it depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from regrow.knowledge import ReviewChoice


class Outcome(StrEnum):
    STEP_UP = "step_up"
    HOLD = "hold"
    STEP_DOWN = "step_down"
    NONE = "none"
    CONTACT_TODAY = "contact_today"
    REVIEW = "review"


@dataclass(frozen=True)
class Reason:
    """One fact behind a suggestion: a sign (↓ = ✓ !), the sentence, a smaller one, the ids of its records."""

    sign: str
    text: str
    records: Sequence[str] = ()
    detail: str = ""


@dataclass(frozen=True)
class Input:
    """One value that the rule read, and the id of its record."""

    name: str
    value: str
    record: str


@dataclass(frozen=True)
class Suggestion:
    """A suggestion. `dose` in `unit`, None where the rule names none; the first dose of a course is a hold at the
    start.

    `missing` is what would make a suggestion possible; `near_misses` are thresholds almost reached; `bounded_by` is the
    cap that limited the dose; `would_change` what would change the outcome; `choices` are alternatives without a
    default. `prescriber_decides`: the scores are valid, and the rule has no dose for them.
    """

    outcome: Outcome
    rule: str
    rule_version: int
    dose: Decimal | None
    unit: str
    because: Sequence[Reason] = ()
    missing: Sequence[str] = ()
    near_misses: Sequence[str] = ()
    bounded_by: str | None = None
    would_change: Sequence[str] = ()
    choices: Sequence[ReviewChoice] = ()
    also: Sequence[str] = ()
    also_open: Sequence[Decimal] = ()
    advice: Sequence[str] = ()
    inputs: Sequence[Input] = ()
    first_dose: bool = False
    prescriber_decides: bool = False


def suggestion_as_json(said: Suggestion) -> dict[str, Any]:
    """Return plain JSON values; equal suggestions give equal documents."""
    dose = None if said.dose is None else f"{said.dose:f}"
    return {
        "outcome": said.outcome.value,
        "dose_mg_per_kg": dose if said.unit == "mg/kg" else None,
        "dose_mg": dose if said.unit == "mg" else None,
        "rule": said.rule,
        "version": said.rule_version,
        "first_dose": said.first_dose,
        "prescriber_decides": said.prescriber_decides,
        "because": [
            {"sign": r.sign, "text": r.text, "detail": r.detail, "records": list(r.records)}
            for r in said.because
        ],
        "missing": list(said.missing),
        "near_misses": list(said.near_misses),
        "bounded_by": said.bounded_by,
        "would_change": list(said.would_change),
        "choices": [
            {"id": c.id, "text": c.text, "evidence": c.evidence, "source": c.source, "mark": c.mark}
            for c in said.choices
        ],
        "also": list(said.also),
        "also_open": [f"{dose:f}" for dose in said.also_open],
        "advice": list(said.advice),
        "inputs": [{"name": i.name, "value": i.value, "record": i.record} for i in said.inputs],
    }
