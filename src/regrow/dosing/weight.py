"""Which weight a dose is reckoned from, and whether a number was typed in another unit or ten times over."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from regrow.knowledge import DosingWeights

BASES = ("actual", "ideal", "adjusted")
_CM_PER_INCH = Decimal("2.54")
_LB_PER_KG = 1 / Decimal("0.45359237")
_TENTH = Decimal("0.1")


class BadWeight(ValueError):
    """No dosing weight can be reckoned. The text names what is missing."""


def dosing_weight(
    basis: str, actual_kg: Decimal, weights: DosingWeights, *, height_cm: Decimal | None, sex: str
) -> Decimal:
    """The weight in kg that a dose in mg/kg is multiplied by, to 0.1 kg; the actual weight is left as it is.

    `ideal` is Devine's, `adjusted` the ideal weight and a share of the excess by `weights`. Both need a
    height and a sex, female or male; what to do for anybody else is the clinic's to say. Raises `BadWeight`.
    """
    if basis not in BASES:
        raise BadWeight(f"the weight basis {basis!r} is not known; use {', '.join(BASES)}")
    if not actual_kg.is_finite() or actual_kg <= 0:
        raise BadWeight(f"a weight must be a number of kg above 0, not {actual_kg}")
    if basis == "actual":
        return actual_kg
    if height_cm is None or height_cm <= 0:
        raise BadWeight(f"an {basis} weight needs the height; record it, or sign the actual weight")
    if sex not in ("female", "male"):
        raise BadWeight(
            f"an {basis} weight is published for female and male only; sign the actual weight, or set one in the reason"
        )
    base = weights.male_kg if sex == "male" else weights.female_kg
    ideal = base + weights.kg_per_inch * (height_cm / _CM_PER_INCH - weights.from_inches)
    kg = ideal if basis == "ideal" else ideal + weights.share_of_excess * (actual_kg - ideal)
    if kg <= 0:
        raise BadWeight(f"the {basis} weight at {height_cm} cm is not above 0; sign the actual weight")
    return kg.quantize(_TENTH, ROUND_HALF_UP)


def weight_slips(
    kg: Decimal,
    *,
    before_kg: Decimal | None,
    height_cm: Decimal | None,
    within_percent: Decimal,
    plausible_bmi: tuple[Decimal, Decimal],
) -> Sequence[str]:
    """What a typed weight looks like if it is a slip: pounds for kilograms, or a digit too many; () if like none.

    Compared with the weight before, to `within_percent`; without one, by whether the height makes any sense of it.
    """
    found = []
    if before_kg is not None and before_kg > 0:
        for factor, words in (
            (_LB_PER_KG, "{kg} looks like pounds typed as kilograms: {other} kg"),
            (1 / _LB_PER_KG, "{kg} looks like kilograms divided by 2.2 once more: {other} kg"),
            (Decimal(10), "{kg} is about ten times the weight before: {other} kg"),
            (_TENTH, "{kg} is about a tenth of the weight before: {other} kg"),
        ):
            meant = kg / factor
            if abs(meant - before_kg) * 100 <= within_percent * before_kg and abs(kg - before_kg) * 100 > (
                within_percent * before_kg
            ):
                found.append(words.format(kg=f"{kg:f} kg", other=f"{meant.quantize(_TENTH)}"))
    elif height_cm is not None and height_cm > 0:
        bmi = kg / (height_cm / 100) ** 2
        least, most = plausible_bmi
        if not least <= bmi <= most:
            found.append(
                f"{kg:f} kg at {height_cm:f} cm is a body mass index of {bmi:.0f}; look at both units, kg and cm"
            )
    return found


def dose_slips(dose: Decimal, ladder: Sequence[Decimal]) -> Sequence[str]:
    """What a typed dose looks like if its decimal point slipped; () for one that is near the rule's own."""
    if min(ladder) / 2 <= dose <= max(ladder) * 2:
        return ()
    for factor, words in ((Decimal(10), "ten times"), (_TENTH, "a tenth of")):
        meant = dose / factor
        if meant in ladder:
            return (f"{dose:f} is {words} {meant.normalize():f}; look at the decimal point",)
    return ()
