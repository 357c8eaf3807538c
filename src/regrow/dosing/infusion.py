"""Compute syringe and pump settings from mg/kg, in exact decimals."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal


class BadInfusion(ValueError):
    """The numbers make no valid infusion. The text names the one to correct."""


@dataclass(frozen=True)
class Infusion:
    """An infusion ready to prepare. `dose_mg` is ordered; `prepared_mg` is what the syringe holds after rounding."""

    mg_per_kg: Decimal
    weight_kg: Decimal
    dose_mg: Decimal
    drawn_ml: Decimal
    prepared_mg: Decimal
    total_ml: Decimal
    concentration_mg_per_ml: Decimal
    rate_ml_per_h: Decimal
    minutes: int
    mg_per_kg_per_h: Decimal


TOO_LARGE = Decimal(1_000_000)  # a slip of the finger; no quantity of an infusion comes near


def _positive(name: str, value: Decimal) -> None:
    if not value.is_finite() or value <= 0:
        raise BadInfusion(f"{name} must be a number above 0, not {value}")
    if value >= TOO_LARGE:
        raise BadInfusion(f"{name} must be below {TOO_LARGE:,}, not {value}")


def prepare_infusion(
    *,
    mg_per_kg: Decimal,
    weight_kg: Decimal,
    vial_mg_per_ml: Decimal,
    bag_ml: Decimal,
    minutes: int,
    bag_policy: str = "added",
    syringe_step_ml: Decimal = Decimal("0.01"),
    at_most_mg: Decimal | None = None,
) -> Infusion:
    """Round the volume to the syringe step; return the mg in it and the rate that delivers bag and drug in time.

    `bag_policy` "added" adds the drug to the bag's volume; "volume_neutral" removes the same volume first. The rate is
    rounded half up to 0.1 mL/h, the concentration to 0.0001 mg/mL. Where rounding up would exceed `at_most_mg`, the
    volume is rounded down. Raises `BadInfusion`.
    """
    for name, value in (
        ("mg/kg", mg_per_kg),
        ("weight in kg", weight_kg),
        ("vial strength in mg/mL", vial_mg_per_ml),
        ("bag volume in mL", bag_ml),
        ("syringe step in mL", syringe_step_ml),
    ):
        _positive(name, value)
    if minutes <= 0:
        raise BadInfusion(f"minutes must be 1 or more, not {minutes}")
    if bag_policy not in ("added", "volume_neutral"):
        raise BadInfusion(f"bag policy {bag_policy!r} is not known; use added or volume_neutral")
    dose_mg = mg_per_kg * weight_kg
    steps = (dose_mg / vial_mg_per_ml / syringe_step_ml).quantize(Decimal(1), ROUND_HALF_UP)
    if at_most_mg is not None and steps * syringe_step_ml * vial_mg_per_ml > at_most_mg >= dose_mg:
        steps -= 1
    drawn_ml = steps * syringe_step_ml
    if drawn_ml <= 0:
        raise BadInfusion(
            f"{dose_mg.normalize():f} mg of {vial_mg_per_ml} mg/mL is less than one syringe step of "
            f"{syringe_step_ml} mL; use a weaker vial or a finer syringe"
        )
    if bag_policy == "volume_neutral" and drawn_ml > bag_ml:
        raise BadInfusion(f"{drawn_ml} mL of drug do not fit a bag of {bag_ml} mL without its own volume")
    total_ml = bag_ml + drawn_ml if bag_policy == "added" else bag_ml
    prepared_mg = drawn_ml * vial_mg_per_ml
    return Infusion(
        mg_per_kg=mg_per_kg,
        weight_kg=weight_kg,
        dose_mg=dose_mg,
        drawn_ml=drawn_ml,
        prepared_mg=prepared_mg,
        total_ml=total_ml,
        concentration_mg_per_ml=(prepared_mg / total_ml).quantize(Decimal("0.0001"), ROUND_HALF_UP),
        rate_ml_per_h=(total_ml * 60 / minutes).quantize(Decimal("0.1"), ROUND_HALF_UP),
        minutes=minutes,
        mg_per_kg_per_h=(mg_per_kg * 60 / minutes).quantize(Decimal("0.01"), ROUND_HALF_UP),
    )


def minutes_within_rate_cap(mg_per_kg: Decimal, minutes: int, cap_mg_per_kg_h: Decimal) -> int:
    """Return the protocol's minutes, or as many more as keep the dose under the rate cap."""
    needed = (mg_per_kg * 60 / cap_mg_per_kg_h).to_integral_value(ROUND_CEILING)
    return max(minutes, int(needed))
