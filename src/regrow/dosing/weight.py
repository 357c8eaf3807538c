"""Choose the dosing weight, and detect a weight typed in another unit or off by a factor of ten."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from regrow.knowledge import DosingWeights

BASES = ("actual", "ideal", "adjusted")
_CM_PER_INCH = Decimal("2.54")
_LB_PER_KG = 1 / Decimal("0.45359237")
_TENTH = Decimal("0.1")


class BadWeight(ValueError):
    """No dosing weight can be computed. The text names what is missing."""


def dosing_weight(
    basis: str, actual_kg: Decimal, weights: DosingWeights, *, height_cm: Decimal | None, sex: str
) -> Decimal:
    """Return the dosing weight in kg, to 0.1 kg, that a dose in mg/kg is multiplied by.

    `actual` is unchanged; `ideal` is Devine's; `adjusted` the ideal weight and a share of the excess (`weights`).
    Both need a height and a sex, female or male; for others the clinic signs a weight. Raises `BadWeight`.
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
    """Return what a mistyped weight may mean: pounds for kilograms, or a digit too many; () if plausible.

    Compared with the previous weight, to `within_percent`; without one, by body mass index.
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
    """Return what a dose with a misplaced decimal point may mean; () for one near the rule's own."""
    if min(ladder) / 2 <= dose <= max(ladder) * 2:
        return ()
    for factor, words in ((Decimal(10), "ten times"), (_TENTH, "a tenth of")):
        meant = dose / factor
        if meant in ladder:
            return (f"{dose:f} is {words} {meant.normalize():f}; look at the decimal point",)
    return ()
