"""A group of interacting medications and its effect on each product."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, TitleOf

from .criterion import (
    LookMedicine,
    ProductRule,
    effects_in_words,
    medicine_of,
    missing_medicines,
    products_of,
)


@dataclass(frozen=True)
class DiazepamEquivalent:
    """Above how many mg of diazepam a day a published study saw a difference."""

    tell_above_mg_per_day: Decimal
    mark: str
    source: str
    study: str


@dataclass(frozen=True)
class Interaction:
    """A medicine that matters for the treatment. Its determination is met when it is taken."""

    id: str
    version: int
    title: str
    text: str
    plain: str
    medicines: LookMedicine
    diazepam_equivalent: DiazepamEquivalent | None
    same_day: bool
    never_hold_automatically: bool
    never_hold_why: str
    does: str
    products: Mapping[str, ProductRule]


def read(raw: Raw) -> Interaction:
    equivalent = raw.get("diazepam_equivalent")
    return Interaction(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        text=raw["text"],
        plain=raw["plain"],
        medicines=medicine_of(raw["medicines"]),
        diazepam_equivalent=DiazepamEquivalent(
            Decimal(equivalent["tell_above_mg_per_day"]),
            equivalent["mark"],
            equivalent["source"],
            equivalent["study"],
        )
        if equivalent
        else None,
        same_day=raw.get("same_day", False),
        never_hold_automatically=raw.get("never_hold_automatically", False),
        never_hold_why=raw.get("never_hold_why", ""),
        does=raw["does"],
        products=products_of(raw["products"]),
    )


def check(files: Files, document: KnowledgeFile, interaction: Interaction) -> Iterator[Problem]:
    for text in missing_medicines(files, interaction.medicines):
        yield ["medicines"], text


def summarize(raw: Raw, title_of: TitleOf) -> str:
    medicines = [*raw["medicines"].get("ids", ()), *(f"any {c}" for c in raw["medicines"].get("classes", ()))]
    never = " Only the prescriber may hold a dose." if raw.get("never_hold_automatically") else ""
    return f"When {' or '.join(medicines)} is taken, {effects_in_words(raw['products'], title_of)}.{never}"


KIND = Kind(
    id="interaction",
    folder="candidacy/interactions",
    label="Drug interaction",
    read=read,
    check=check,
    summarize=summarize,
)
