"""Change between two totals of one instrument, in exact fractions."""

from dataclasses import dataclass
from fractions import Fraction

from regrow.knowledge import Scale


@dataclass(frozen=True)
class Change:
    """From `baseline` to `now` on one instrument. `fall` is a share of the baseline, None from a baseline of 0.

    `evaluable` is False where response means nothing: the baseline was already in remission.
    """

    baseline: int
    now: int
    points: int
    fall: Fraction | None
    evaluable: bool
    response: bool
    remission: bool


def change(scale: Scale, *, baseline: int, now: int) -> Change:
    """Response is a fall of at least the scale's own percentage; remission its own cut-off."""
    evaluable = baseline > scale.remission_at_most
    fall = Fraction(baseline - now, baseline) if baseline else None
    enough = fall is not None and fall * 100 >= Fraction(scale.response_fall_percent)
    return Change(
        baseline=baseline,
        now=now,
        points=now - baseline,
        fall=fall,
        evaluable=evaluable,
        response=evaluable and enough,
        remission=evaluable and now <= scale.remission_at_most,
    )
