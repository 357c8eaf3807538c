"""From answers to a total, or to the sentence that says why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge import Scale


class BadAnswers(ValueError):
    """The sheet does not fit the instrument: wrong count or an answer that is not on offer."""


@dataclass(frozen=True)
class ScoredSheet:
    """A sheet scored. `total` and `severity` are None when it cannot be scored, and `why` says why.

    `suicide_item` is the answer to the item about suicide: None means blank, which is never zero.
    """

    instrument: str
    version: int
    scorable: bool
    total: int | None
    severity: str | None
    suicide_item: int | None
    missing: Sequence[int]
    why: str | None


def score(scale: Scale, answers: Sequence[int | None]) -> ScoredSheet:
    """Adds up a sheet by the instrument's own rule. Raises `BadAnswers`."""
    if len(answers) != len(scale.items):
        raise BadAnswers(
            f"{scale.title} has {len(scale.items)} items, {len(answers)} answers were given; mark a blank with -"
        )
    allowed = [value for value, _ in scale.options]
    for item, answer in zip(scale.items, answers, strict=True):
        if answer is not None and answer not in allowed:
            raise BadAnswers(
                f"{scale.title} item {item.number}: {answer} is not an answer; "
                f"it takes {', '.join(map(str, allowed))}, or - for a blank"
            )
    missing = tuple(item.number for item, answer in zip(scale.items, answers, strict=True) if answer is None)
    suicide = next((a for item, a in zip(scale.items, answers, strict=True) if item.suicide), None)
    if len(missing) > scale.most_missing:
        plural = "answer" if len(missing) == 1 else "answers"
        why = (
            f"not scorable: {len(missing)} of {len(scale.items)} answers missing ({plural} {_list(missing)})"
        )
        return ScoredSheet(scale.id, scale.version, False, None, None, suicide, missing, why)
    total = sum(answer for answer in answers if answer is not None)
    severity = [name for lowest, name in scale.bands if total >= lowest][-1]
    return ScoredSheet(scale.id, scale.version, True, total, severity, suicide, missing, None)


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)
