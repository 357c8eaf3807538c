"""What the protocol suggests for the next infusion, and why.

One interpreter for the titration rule that the protocol carries as data. The order of the questions is the
order of safety: alerts first, then whether there is a score to decide by, then tolerance, then effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from regrow.course import Course, CourseScore, GivenDose, baseline, latest_score
from regrow.knowledge import InfusionProtocol, Limits, Scale
from regrow.scales import Change, NotComparable, change, comparable, shown


@dataclass(frozen=True)
class Reason:
    """One fact behind a suggestion: a sign (↓ = ✓ !), the sentence, the records it rests on."""

    sign: str
    text: str
    records: Sequence[str] = ()


@dataclass(frozen=True)
class Start:
    to: Decimal
    because: Sequence[Reason]
    would_change: str = ""


@dataclass(frozen=True)
class StepUp:
    to: Decimal
    because: Sequence[Reason]
    bounded_by: str
    would_change: str


@dataclass(frozen=True)
class Hold:
    to: Decimal
    because: Sequence[Reason]
    bounded_by: str | None
    would_change: str


@dataclass(frozen=True)
class StepDown:
    to: Decimal
    because: Sequence[Reason]
    would_change: str


@dataclass(frozen=True)
class Review:
    """The published rules disagree on what comes next. Each choice stands with its source; none is preselected."""

    choices: Sequence[Reason]
    because: Sequence[Reason]
    would_change: str


@dataclass(frozen=True)
class NoSuggestion:
    missing: Sequence[str]


@dataclass(frozen=True)
class ContactToday:
    because: Sequence[Reason]


Suggestion = Start | StepUp | Hold | StepDown | Review | NoSuggestion | ContactToday


def suggested_dose(suggestion: Suggestion) -> Decimal | None:
    """The dose in mg/kg a suggestion names, or None where it names none."""
    return None if isinstance(suggestion, Review | NoSuggestion | ContactToday) else suggestion.to


def next_step(
    protocol: InfusionProtocol, limits: Limits, scale: Scale, course: Course, *, at: datetime
) -> Suggestion:
    """The protocol's suggestion for the next infusion of a course, as of `at`.

    `scale` is the protocol's instrument. Facts after `at` are not looked at, so any past suggestion can be
    had again from the records of its time.
    """
    course = _as_of(course, at)
    if course.open_alerts:
        return ContactToday(
            (Reason("!", "A safety alert is open: speak with the patient first", course.open_alerts),)
        )
    sheet = latest_score(course, protocol.instrument)
    missing = _missing_score(protocol, scale, course, sheet, at)
    if missing or sheet is None or sheet.total is None:
        return NoSuggestion(missing)
    first = baseline(course, protocol.instrument)
    if first is None or first.total is None:
        return NoSuggestion((f"a {scale.title} from before the first infusion, to compare with",))
    try:
        comparable(scale, first, sheet)
    except NotComparable as why_not:
        return NoSuggestion((str(why_not),))
    if sheet.suicide_item and not first.suicide_item:
        text = f"Item {scale.suicide_item} is {sheet.suicide_item} and was 0 at baseline: new since the course began"
        return ContactToday((Reason("!", text, (first.id, sheet.id)),))
    doses = course.doses_in_order
    if not doses:
        reason = Reason(
            "✓", f"{scale.title} {shown(sheet.total)}, taken before the first infusion", (sheet.id,)
        )
        return Start(protocol.start_mg_per_kg, (reason,))
    without = _without_improvement(protocol, limits, scale, course, first)
    return _by_effect(protocol, limits, scale, doses, first, sheet, without)


def _as_of(course: Course, at: datetime) -> Course:
    return Course(
        id=course.id,
        protocol_id=course.protocol_id,
        scores=[s for s in course.scores if s.taken_at <= at],
        doses=[d for d in course.doses if d.ended_at <= at],
        open_alerts=course.open_alerts,
    )


def _missing_score(
    protocol: InfusionProtocol, scale: Scale, course: Course, sheet: CourseScore | None, at: datetime
) -> Sequence[str]:
    if sheet is None:
        return (f"a {scale.title}: none has been answered yet",)
    if sheet.total is None:
        return (f"a complete {scale.title}: the last one has a blank answer",)
    if sheet.prorated:
        return (f"a complete {scale.title}: the last one has a blank answer and was prorated",)
    if sheet.suicide_item is None and scale.suicide_item:
        return (f"item {scale.suicide_item} of the last {scale.title}, which is blank",)
    age = at - sheet.taken_at
    if age > timedelta(days=protocol.fresh_within_days):
        return (
            f"a fresh {scale.title}: the last one is {age.days} days old, "
            f"this protocol needs one from the last {protocol.fresh_within_days} days",
        )
    doses = course.doses_in_order
    if doses and sheet.taken_at <= doses[-1].ended_at:
        return (f"a {scale.title} taken after the last infusion",)
    return ()


def _by_effect(
    protocol: InfusionProtocol,
    limits: Limits,
    scale: Scale,
    doses: Sequence[GivenDose],
    first: CourseScore,
    sheet: CourseScore,
    without_improvement: Sequence[GivenDose],
) -> Suggestion:
    assert first.total is not None and sheet.total is not None  # by _missing_score and baseline
    last = doses[-1]
    effect = change(scale, baseline=first, now=sheet)
    reasons = [_effect_reason(protocol, scale, effect, first, sheet)]
    given = [d for d in doses if d.delivered_percent >= limits.counts_as_given_percent]
    current = last.ordered_mg_per_kg
    hold_at = _hold_total(scale, protocol, first.total)
    if not last.tolerated:
        lower = [rung for rung in protocol.ladder_mg_per_kg if rung < current]
        reasons.insert(
            0, Reason("!", f"{current} mg/kg was not well tolerated last time", (last.session_id,))
        )
        return StepDown(
            max(lower, default=current), tuple(reasons), "The prescriber clearing the last session"
        )
    if last not in given:
        text = f"Only {last.delivered_percent:.0f} % of the last dose was given, so it says nothing about {current}"
        reasons.append(Reason("=", text, (last.session_id,)))
        return Hold(current, tuple(reasons), None, "A dose given in full")
    count = sum(1 for d in given if d.ordered_mg_per_kg == current)
    times = "One infusion" if count == 1 else f"{count} infusions"
    reasons.append(
        Reason("=", f"{times} at {current} mg/kg, given in full and tolerated", [d.session_id for d in given])
    )
    if sheet.suicide_item is not None and scale.suicide_item:
        reasons.append(
            Reason(
                "✓",
                f"No new suicidal thoughts (item {scale.suicide_item}: {sheet.suicide_item})",
                (sheet.id,),
            )
        )
    review = protocol.review_when
    if review and len(without_improvement) >= review.in_a_row:
        text = (
            f"{len(without_improvement)} doses in a row, given in full, "
            f"each followed by a fall of less than {review.fall_below_percent} %"
        )
        reasons.insert(0, Reason("!", text, [d.session_id for d in without_improvement]))
        choices = tuple(Reason("?", choice, (source,)) for choice, source in review.choices)
        return Review(
            choices, tuple(reasons), f"{scale.title} lower by {review.fall_below_percent} % or more"
        )
    if effect.fall is not None and effect.fall * 100 >= Fraction(protocol.step_up_below_percent):
        return Hold(current, tuple(reasons), None, f"{scale.title} above {hold_at} → step up")
    higher = [rung for rung in protocol.ladder_mg_per_kg if rung > current]
    if not higher:
        cap = f"cap of the protocol, {protocol.cap_mg_per_kg} mg/kg"
        return Hold(current, tuple(reasons), cap, "No step is left on the ladder; review the course")
    return StepUp(
        min(higher),
        tuple(reasons),
        f"one step of the ladder at a time, cap {protocol.cap_mg_per_kg} mg/kg",
        f"{scale.title} of {hold_at} or less → hold",
    )


def _without_improvement(
    protocol: InfusionProtocol, limits: Limits, scale: Scale, course: Course, first: CourseScore
) -> Sequence[GivenDose]:
    """The latest doses in a row that count as given and were followed by too small a fall.

    A dose given in part, or not followed by a valid score, neither counts nor ends the row.
    """
    if protocol.review_when is None:
        return ()
    doses = course.doses_in_order
    row: list[GivenDose] = []
    for dose, following in zip(doses, [*doses[1:], None], strict=True):
        if dose.delivered_percent < limits.counts_as_given_percent:
            continue
        sheets = [
            s
            for s in course.scores_in_order(protocol.instrument)
            if s.total is not None
            and not s.prorated
            and s.taken_at > dose.ended_at
            and (following is None or s.taken_at < following.ended_at)
        ]
        if not sheets:
            continue
        fall = change(scale, baseline=first, now=sheets[-1]).fall
        if fall is not None and fall * 100 < Fraction(protocol.review_when.fall_below_percent):
            row.append(dose)
        else:
            row = []
    return row


def _hold_total(scale: Scale, protocol: InfusionProtocol, first_total: int | Fraction) -> int:
    """The highest total that still counts as enough improvement to hold."""
    return int(Fraction(first_total) * (1 - Fraction(protocol.step_up_below_percent) / 100))


def _effect_reason(
    protocol: InfusionProtocol, scale: Scale, effect: Change, first: CourseScore, sheet: CourseScore
) -> Reason:
    span = f"{shown(effect.baseline)} → {shown(effect.now)}"
    if effect.fall is None:
        return Reason("=", f"No change can be stated from a baseline of 0: {span}", (first.id, sheet.id))
    percent = effect.fall * 100
    threshold = Fraction(protocol.step_up_below_percent)
    holds = "which holds the dose" if percent >= threshold else f"below the {threshold} % that holds the dose"
    if percent < 0:
        text = f"{float(-percent):.0f} % worse than baseline: {span}"
        return Reason("!", text, (first.id, sheet.id))
    # Rounded down, so that a shown 50 % is never less than 50 %.
    return Reason("↓", f"{int(percent)} % better than baseline: {span}, {holds}", (first.id, sheet.id))
