"""Hypotheses of how the effect depends on the dose, and their weights."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw

HYPOTHESES = ("plateau", "monotone", "inverted-u", "flat")


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis of how the effect depends on the dose, with its weight."""

    id: str
    weight: float
    text: str


@dataclass(frozen=True)
class DoseEffect:
    """The hypotheses with their weights, which the clinic may set. `verdict` is what is known in people."""

    id: str
    version: int
    title: str
    verdict: str
    hypotheses: Sequence[Hypothesis]


def read(raw: Raw) -> DoseEffect:
    """Raises ValueError unless each hypothesis is listed once and the weights sum to 1."""
    hypotheses = tuple(Hypothesis(h["id"], float(h["weight"]), h["text"]) for h in raw["hypotheses"])
    ids = tuple(h.id for h in hypotheses)
    if ids != HYPOTHESES:
        raise ValueError(f"hypotheses: give {', '.join(HYPOTHESES)}, each once and in this order")
    total = sum(h.weight for h in hypotheses)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"hypotheses: the weights sum to {total:g}; they must sum to 1")
    return DoseEffect(raw["id"], raw["version"], raw["title"], raw["verdict"], hypotheses)


KIND = Kind(id="dose_effect", folder="pharmacology/dose-effect", label="Dose–response hypotheses", read=read)
