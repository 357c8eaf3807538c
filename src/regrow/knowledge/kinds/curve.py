"""Vital signs over time, for the simulated monitor."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class Curve:
    """Vital signs over minutes, for the simulated monitor. `columns` begin with the minute."""

    id: str
    title: str
    columns: Sequence[str]
    points: Sequence[Sequence[float]]


def read(raw: Raw) -> Curve:
    return Curve(raw["id"], raw["title"], tuple(raw["columns"]), [tuple(p) for p in raw["points"]])


KIND = Kind(id="curve", folder="curves", label="Simulated vital signs", read=read)
