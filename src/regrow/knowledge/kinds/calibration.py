"""Published figures that the model is fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class PublishedFigure:
    """One published figure that the model is compared with; `measure` says how it is computed from a trial.

    `against` is the other group of a difference, `over` the outcome or group below a ratio.
    """

    study: str
    trial: str
    outcome: str
    group: str
    against: str | None
    over: str | None
    measure: str
    value: float
    se: float
    unit: str
    interval: tuple[float, float] | None
    mark: str
    source: str
    text: str


@dataclass(frozen=True)
class Calibration:
    """The figures, and by unit the error allowed for a model that is not the study."""

    id: str
    version: int
    allowed: Mapping[str, float]
    figures: Sequence[PublishedFigure]


def read(raw: Raw) -> Calibration:
    """Raises ValueError for a unit without an allowed error."""
    allowed = {unit: float(sd) for unit, sd in raw["allowed"].items()}
    for figure in raw["figures"]:
        if figure["unit"] not in allowed:
            raise ValueError(f"allowed: give an error for the unit {figure['unit']!r}")
    return Calibration(
        raw["id"],
        raw["version"],
        allowed,
        tuple(
            PublishedFigure(
                f["study"],
                f["trial"],
                f["outcome"],
                f["group"],
                f.get("against"),
                f.get("over"),
                f["measure"],
                float(f["value"]),
                float(f["se"]),
                f["unit"],
                (float(f["interval"][0]), float(f["interval"][1])) if "interval" in f else None,
                f["mark"],
                f["source"],
                f["text"],
            )
            for f in raw["figures"]
        ),
    )


KIND = Kind(id="calibration", folder="pharmacology/calibration", label="Calibration figures", read=read)
