"""Controlled-substance rules: beyond-use time of a container, and the count interval."""

from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class CustodyRules:
    """How long a container may be used, in days, and how often all of them are counted, in months."""

    patient_named_days: int
    multi_dose_days: int
    inventory_every_months: int


def read(raw: Raw) -> CustodyRules:
    return CustodyRules(
        raw["patient_named_days"]["value"],
        raw["multi_dose_days"]["value"],
        raw["inventory_every_months"]["value"],
    )


KIND = Kind(id="custody", folder="custody", label="Controlled-substance rules", read=read)
