"""A payer's prior-authorization criteria."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class PayerCriterion:
    """One criterion of a payer. Which fields are set follows from `kind`."""

    id: str
    kind: str
    text: str
    years: int = 0
    icd10: Sequence[str] = ()
    at_least: int = 0
    weeks_at_least: int = 0
    different_classes: bool = False
    current_episode: bool = False
    improvement_at_most_percent: Decimal = Decimal(0)
    instrument: str = ""


@dataclass(frozen=True)
class Payer:
    id: str
    version: int
    effective: date
    title: str
    medicine: str
    source: str
    mark: str
    initial_months: int
    criteria: Sequence[PayerCriterion]


def read(raw: Raw) -> Payer:
    return Payer(
        id=raw["id"],
        version=raw["version"],
        effective=date.fromisoformat(raw["effective"]),
        title=raw["title"],
        medicine=raw["medicine"],
        source=raw["source"],
        mark=raw["mark"],
        initial_months=raw["initial_months"],
        criteria=tuple(
            PayerCriterion(
                id=c["id"],
                kind=c["kind"],
                text=c["text"],
                years=c.get("years", 0),
                icd10=tuple(c.get("icd10", ())),
                at_least=c.get("at_least", 0),
                weeks_at_least=c.get("weeks_at_least", 0),
                different_classes=c.get("different_classes", False),
                current_episode=c.get("current_episode", False),
                improvement_at_most_percent=Decimal(c.get("improvement_at_most_percent", "0")),
                instrument=c.get("instrument", ""),
            )
            for c in raw["criteria"]
        ),
    )


KIND = Kind(id="payer", folder="payers", label="Payer criteria", read=read)
