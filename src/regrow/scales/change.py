"""Change between two totals of one instrument, in exact fractions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from regrow.knowledge import MinimalChange, Scale

from .scoring import Total


class NotComparable(ValueError):
    """Two totals that are not comparable. The text names the fix."""


class Reading(Protocol):
    """A total with its instrument and version: a scored sheet, or a score of a course."""

    @property
    def instrument(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def language(self) -> str: ...
    @property
    def recall_days(self) -> int: ...
    @property
    def total(self) -> Total | None: ...


@dataclass(frozen=True)
class Change:
    """The change from `baseline` to `now` on one instrument. `fall` is a share of the baseline, None from a baseline of
    0.

    `evaluable` is False where response is undefined: the baseline was already in remission. `response`, `remission` and
    `reliable` are None without a published cut-off. `minimal` names each published minimal important change at this
    baseline, and whether it was reached.
    """

    baseline: Total
    now: Total
    points: Total
    fall: Fraction | None
    evaluable: bool
    response: bool | None
    remission: bool | None
    reliable: bool | None
    minimal: Sequence[tuple[MinimalChange, bool]]

    def falls_at_least(self, percent: Decimal | int) -> bool:
        """Whether the fall is at least `percent` of the baseline, exactly: 21 to 16.8 is a fall of 20 %."""
        return self.fall is not None and self.fall * 100 >= Fraction(percent)


def change(scale: Scale, *, baseline: Reading, now: Reading) -> Change:
    """Compute response (the scale's percentage) and remission (its cut-off).

    Raises `NotComparable` across instruments, incompatible versions, languages or recall windows.
    """
    totals = comparable(scale, baseline, now)
    first: Total = totals[0]
    last: Total = totals[1]
    evaluable = scale.remission is None or first > scale.remission.total_at_most
    fall = Fraction(first - last) / Fraction(first) if first else None
    better = first - last if scale.lower_is_better else last - first
    cut = scale.remission_at_most
    remitted = None if cut is None else evaluable and last <= cut
    return Change(
        baseline=first,
        now=last,
        points=last - first,
        fall=fall,
        evaluable=evaluable,
        response=_reached(scale.response_fall_percent, fall, evaluable),
        remission=remitted,
        reliable=abs(Fraction(better)) >= Fraction(scale.reliable_change_points)
        if scale.reliable_change_points is not None
        else None,
        minimal=tuple((m, _matters(m, better, fall)) for m in scale.minimal_changes if _applies(m, first)),
    )


def comparable(scale: Scale, *readings: Reading) -> Sequence[Total]:
    """Return the totals if they are comparable on this scale. Raises `NotComparable`."""
    totals: list[Total] = []
    for reading in readings:
        if reading.instrument != scale.id:
            raise NotComparable(
                f"a {reading.instrument} cannot be compared with a {scale.id}; use two of the same instrument"
            )
        if reading.version not in (scale.version, *scale.comparable_with):
            raise NotComparable(
                f"version {reading.version} of {scale.title} does not mean the same as version {scale.version}; "
                "take a new baseline"
            )
        if reading.language != readings[0].language:
            raise NotComparable(
                f"{scale.title} answered in {reading.language!r} cannot be compared with one in "
                f"{readings[0].language!r}; take a new baseline in the language now used"
            )
        if reading.recall_days != readings[0].recall_days:
            raise NotComparable(
                f"a {scale.title} that looks back {reading.recall_days} days cannot be compared with one that "
                f"looks back {readings[0].recall_days}; use two of the same form"
            )
        if reading.total is None:
            raise NotComparable(f"a {scale.title} without a total cannot be compared; complete it first")
        totals.append(reading.total)
    return totals


def highest_total_with_fall(baseline: Total, percent: Decimal) -> int:
    """Return the highest whole total whose fall from `baseline` is at least `percent` of it.

    The one place where a response line is computed: dosing rule, estimate and screens draw it from here.
    """
    return int(Fraction(baseline) * (1 - Fraction(percent) / 100))


def _reached(percent: Decimal | None, fall: Fraction | None, evaluable: bool) -> bool | None:
    if percent is None:
        return None
    return evaluable and fall is not None and fall * 100 >= Fraction(percent)


def _applies(minimal: MinimalChange, baseline: Total) -> bool:
    above = minimal.baseline_from is None or baseline >= minimal.baseline_from
    return above and (minimal.baseline_to is None or baseline <= minimal.baseline_to)


def _matters(minimal: MinimalChange, better: Total, fall: Fraction | None) -> bool:
    """Whether every published threshold is reached: the points, and the share of the baseline."""
    enough_points = minimal.points is None or better >= Fraction(minimal.points)
    enough_share = minimal.percent is None or (fall is not None and fall * 100 >= Fraction(minimal.percent))
    return enough_points and enough_share
