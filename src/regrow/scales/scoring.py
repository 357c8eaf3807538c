"""Compute a total or a level from answers, or the reason there is none."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from regrow.knowledge import Flag, Scale

Total = int | Fraction


class BadAnswers(ValueError):
    """The answers do not fit the instrument: wrong count, or a value that is not offered."""


@dataclass(frozen=True, slots=True)
class ScoredSheet:
    """A scored sheet. `total` and `severity` are None when it cannot be scored, and `why` says why.

    `total` is a whole number, or a fraction when `prorated`. A triage has a `severity` and no total. `suicide_item` is
    the answer to the first item about suicide: None means blank, which is never zero. `alerts` are the items about
    suicide answered above 0, scorable or not.
    """

    instrument: str
    version: int
    language: str
    recall_days: int
    scorable: bool
    total: Total | None
    severity: str | None
    suicide_item: int | None
    missing: Sequence[int] = ()
    why: str | None = None
    prorated: bool = False
    alerts: Sequence[int] = ()
    flags: Sequence[Flag] = ()
    parts: Mapping[str, Total | None] = field(default_factory=dict)


def score(scale: Scale, answers: Sequence[int | None], *, sex: str | None = None) -> ScoredSheet:
    """Score a sheet by the instrument's rule; `sex` chooses among sex-specific cut-offs.

    A blank is never zero; a blank item about suicide is never filled in. Raises `BadAnswers`.
    """
    if len(answers) != len(scale.items):
        raise BadAnswers(
            f"{scale.title} has {len(scale.items)} items, {len(answers)} answers were given; mark a blank with -"
        )
    for allowed, answer in zip(scale.allowed, answers, strict=True):
        if answer is not None and answer not in allowed:
            raise _not_on_offer(scale, answers)
    if None in answers:
        return _with_blanks(scale, answers, sex)
    return _complete(scale, cast(Sequence[int], answers), sex)


def part_of(whole: Scale, answers: Sequence[int | None], part: Scale) -> ScoredSheet:
    """Score a subset that is an instrument of its own, such as the six core items of the HAM-D17."""
    by_number = {item.number: answer for item, answer in zip(whole.items, answers, strict=True)}
    return score(part, [by_number[item.number] for item in part.items])


def _not_on_offer(scale: Scale, answers: Sequence[int | None]) -> BadAnswers:
    for item, answer in zip(scale.items, answers, strict=True):
        if answer is not None and answer not in item.scores:
            return BadAnswers(
                f"{scale.title} item {item.number}: {answer} is not an answer; "
                f"it takes {', '.join(map(str, item.scores))}, or - for a blank"
            )
    raise AssertionError("called only when an answer is not on offer")


def _complete(scale: Scale, answers: Sequence[int], sex: str | None) -> ScoredSheet:
    suicide, alerts = _suicide(scale, answers)
    if scale.scoring == "levels":
        return _sheet(scale, True, None, _level(scale, answers), suicide, alerts=alerts)
    total = _domains(scale, answers) if scale.scoring == "domains" else sum(answers)
    return _sheet(
        scale,
        True,
        total,
        severity_of(scale, total),
        suicide,
        alerts=alerts,
        flags=flags_of(scale, total, sex) if scale.flags else (),
    )


def _with_blanks(scale: Scale, answers: Sequence[int | None], sex: str | None) -> ScoredSheet:
    suicide, alerts = _suicide(scale, answers)
    blank = [item for item, answer in zip(scale.items, answers, strict=True) if answer is None]
    given = {item.number: a for item, a in zip(scale.items, answers, strict=True) if a is not None}
    unasked = [
        i for i in blank if i.asked_when and given.get(i.asked_when[0], i.asked_when[1]) < i.asked_when[1]
    ]
    if unasked and len(unasked) == len(blank):
        filled = [0 if answer is None else answer for answer in answers]
        return _sheet(scale, True, None, _level(scale, filled), suicide, alerts=alerts)
    missing = tuple(item.number for item in blank if item not in unasked)
    why = _why_not(scale, [item.number for item in blank if item.suicide], missing)
    if why:
        return _sheet(scale, False, None, None, suicide, alerts=alerts, missing=missing, why=why)
    total = Fraction(sum(given.values()) * len(scale.items), len(given))
    return _sheet(
        scale,
        True,
        total,
        severity_of(scale, total),
        suicide,
        alerts=alerts,
        missing=missing,
        prorated=True,
        flags=flags_of(scale, total, sex),
    )


def _why_not(scale: Scale, blank_about_suicide: Sequence[int], missing: Sequence[int]) -> str | None:
    plural = "answer" if len(missing) == 1 else "answers"
    numbers = ", ".join(map(str, missing))
    if len(missing) > scale.most_missing:
        return f"not scorable: {len(missing)} of {len(scale.items)} answers missing ({plural} {numbers})"
    if blank_about_suicide:
        return f"not scorable: item {blank_about_suicide[0]} asks about suicide and is blank; ask the patient"
    return None


def _sheet(
    scale: Scale,
    scorable: bool,
    total: Total | None,
    severity: str | None,
    suicide: int | None,
    *,
    alerts: Sequence[int] = (),
    missing: Sequence[int] = (),
    why: str | None = None,
    prorated: bool = False,
    flags: Sequence[Flag] = (),
) -> ScoredSheet:
    return ScoredSheet(
        scale.id,
        scale.version,
        scale.language,
        scale.recall_days,
        scorable,
        total,
        severity,
        suicide,
        missing,
        why,
        prorated,
        alerts,
        flags,
    )


def severity_of(scale: Scale, total: Total) -> str | None:
    """Return the published severity band of a total, or None."""
    return scale.bands[bisect_right(scale.edges, total) - 1][1] if scale.bands else None


def flags_of(scale: Scale, total: Total, sex: str | None = None) -> Sequence[Flag]:
    """Return the published cut-offs that a total reaches, leaving out those for the other sex."""
    known = sex in ("female", "male")
    return tuple(f for f in scale.flags if total >= f.at_least and (not known or f.sex in (None, sex)))


def _suicide(scale: Scale, answers: Sequence[int | None]) -> tuple[int | None, Sequence[int]]:
    places = scale.about_suicide
    if not places:
        return None, ()
    return answers[places[0]], tuple(scale.items[place].number for place in places if answers[place])


def _domains(scale: Scale, answers: Sequence[int]) -> int:
    by_number = {item.number: answer for item, answer in zip(scale.items, answers, strict=True)}
    return sum(max(by_number[number] for number in group) for group in scale.domains)


def _level(scale: Scale, answers: Sequence[int]) -> str:
    by_number = {item.number: answer for item, answer in zip(scale.items, answers, strict=True)}
    for level in scale.levels:
        if not level.when or any(
            by_number[item] >= least and (most is None or by_number[item] <= most)
            for item, least, most in level.when
        ):
            return level.name
    raise AssertionError("the last level of a triage has no condition")  # checked by the knowledge


def shown(total: Total) -> str:
    """Format a total: 21, or 15.43 for a prorated one (rounded half to even to two places)."""
    if isinstance(total, int) or total.denominator == 1:
        return str(int(total))
    cents = round(total * 100)
    return f"{cents // 100}.{cents % 100:02d}".rstrip("0")
