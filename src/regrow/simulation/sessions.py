"""What a session of a trial gives, as a dose history, and when someone looks at its patients."""

from collections.abc import Sequence

from regrow.knowledge import CompartmentModel, Treatment
from regrow.pharmacology.doses import Dose, Given, Infusion
from regrow.pharmacology.effects import spray_history
from regrow.pharmacology.window import Window, window_of

# When the pressure is read, in hours after the start, and what a trial file calls each reading.
READINGS_H = (10 / 60, 20 / 60, 30 / 60, 40 / 60, 1.0, 1.5)
READINGS = ("at-10-min", "at-20-min", "at-30-min", "at-40-min", "at-60-min", "at-90-min")


def history_of(
    treatment: Treatment, mg_per_kg: float, device_gap_h: float, spray: CompartmentModel
) -> Sequence[Given]:
    """The racemate for one kilogram of weight; the spray as its devices, one after another."""
    if treatment.product == "spray":
        return spray_history(treatment.devices, device_gap_h, spray)
    if treatment.route == "iv":
        hours = treatment.minutes / 60
        return [Infusion(0.0, hours, mg_per_kg / hours)]
    return [Dose(0.0, mg_per_kg, treatment.route)]


def window_for(
    treatment: Treatment, knots_h: tuple[float, ...], device_gap_h: float, spray: CompartmentModel
) -> Window:
    """The window of one session, with a knot wherever someone looks."""
    return window_of(history_of(treatment, 1.0, device_gap_h, spray), knots_h)
