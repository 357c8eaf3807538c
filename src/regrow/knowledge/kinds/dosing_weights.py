"""Ideal and adjusted body weight, from which a dose may be calculated."""

from dataclasses import dataclass
from decimal import Decimal

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class DosingWeights:
    """Ideal weight: a base for each sex and kg for each inch above `from_inches`; adjusted: a share of the excess.

    `studied_kg` and `plausible_bmi` are shown or asked about; they rule nothing.
    """

    male_kg: Decimal
    female_kg: Decimal
    kg_per_inch: Decimal
    from_inches: Decimal
    share_of_excess: Decimal
    studied_kg: tuple[Decimal, Decimal]
    plausible_bmi: tuple[Decimal, Decimal]


def read(raw: Raw) -> DosingWeights:
    ideal, studied, plausible = raw["ideal"], raw["studied"], raw["plausible"]
    return DosingWeights(
        male_kg=Decimal(ideal["male_kg"]),
        female_kg=Decimal(ideal["female_kg"]),
        kg_per_inch=Decimal(ideal["kg_per_inch"]),
        from_inches=Decimal(ideal["from_inches"]),
        share_of_excess=Decimal(raw["adjusted"]["share_of_excess"]),
        studied_kg=(Decimal(studied["from_kg"]), Decimal(studied["to_kg"])),
        plausible_bmi=(Decimal(plausible["bmi_from"]), Decimal(plausible["bmi_to"])),
    )


KIND = Kind(id="dosing_weights", folder="dosing", label="Dosing weight", read=read)
