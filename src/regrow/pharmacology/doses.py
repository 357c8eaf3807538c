"""What was given and when. There is no planned dose here: a stopped infusion is an ordinary history."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import BadDose

# No dose of ketamine in people comes near this; a slip of ten or of units does.
ABSURD_MG = 10_000.0
ABSURD_MG_PER_H = 100_000.0


@dataclass(frozen=True)
class Infusion:
    """One rate into a vein, from `start_h` to `end_h`, in mg of base an hour."""

    start_h: float
    end_h: float
    mg_per_h: float


@dataclass(frozen=True)
class Bolus:
    """A push into a vein."""

    at_h: float
    mg: float


@dataclass(frozen=True)
class Dose:
    """A dose by another route than the vein: im, sc, nasal (one device), oral, sublingual, film.

    `device` counts the devices of one nasal sitting from 1; for the other routes it stays 1.
    """

    at_h: float
    mg: float
    route: str
    device: int = 1


Given = Infusion | Bolus | Dose
History = Sequence[Given]


def checked(history: History) -> History:
    """The same history. Raises `BadDose` for what cannot be: the sentence names the event and the field."""
    before: Infusion | None = None
    for number, given in enumerate(history, 1):
        where = f"event {number}"
        match given:
            case Infusion(start_h, end_h, rate):
                _finite(where, start_h=start_h, end_h=end_h, mg_per_h=rate)
                if start_h < 0:
                    raise BadDose(
                        f"{where}: start_h is {start_h:g} ({_min(start_h)}); a history begins at 0 or later"
                    )
                if end_h <= start_h:
                    raise BadDose(
                        f"{where}: end_h is {_min(end_h)}, not after start_h, {_min(start_h)}; "
                        "give it a length above 0, or use a bolus"
                    )
                if not 0 <= rate <= ABSURD_MG_PER_H:
                    raise BadDose(
                        f"{where}: mg_per_h is {rate:g}; a rate lies between 0 and {ABSURD_MG_PER_H:g}"
                    )
                if before is not None and start_h < before.start_h:
                    raise BadDose(
                        f"{where}: start_h lies before that of the infusion above it; put them in order of time"
                    )
                if before is not None and start_h < before.end_h:
                    raise BadDose(
                        f"{where}: start_h is {_min(start_h)}, before the one above ends at {_min(before.end_h)}; "
                        "one line has one rate at a time, so end the first or add the rates"
                    )
                before = given
            case Bolus(at_h, mg) | Dose(at_h, mg):
                _finite(where, at_h=at_h, mg=mg)
                if at_h < 0:
                    raise BadDose(f"{where}: at_h is {at_h:g}; a history begins at 0 or later")
                if not 0 <= mg <= ABSURD_MG:
                    raise BadDose(f"{where}: mg is {mg:g}; a dose lies between 0 and {ABSURD_MG:g}")
    return history


def _finite(where: str, **values: float) -> None:
    for name, value in values.items():
        if not math.isfinite(value):
            raise BadDose(f"{where}: {name} is {value}; give a number")


def _min(hours: float) -> str:
    return f"{hours * 60:.6g} min"
