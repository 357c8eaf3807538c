"""Suggest the next dose by a titration rule: one interpreter for every rule a file can hold.

Checks run in order of safety: signed limits, open safety alert, a valid score, tolerability of the last dose, whether
it was given in full, conflicting published rules, benefit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from regrow.course import AdministeredDose, CourseScore, TreatmentCourse, as_of
from regrow.knowledge import DosingWeights, Limits, Scale, Titration
from regrow.scales import Change, change, days_before, highest_total_with_fall, shown

from .score_reading import TIMES, Reading, in_days
from .suggestion import Input, Outcome, Reason, Suggestion


def suggest(
    rule: Titration, scale: Scale, course: TreatmentCourse, *, at: datetime, weights: DosingWeights
) -> Suggestion:
    """Suggest the next dose of a course as of `at`; `scale` is the rule's instrument.

    `weights` are for a dose by ideal or adjusted weight. Records that became known after `at` are ignored, so that
    a past suggestion can be recomputed.
    """
    course = as_of(course, at)
    case = _Case(rule, scale, course, Limits.of(course.signed.limits if course.signed else {}), weights, at)
    return case.suggestion()


def in_remission(scale: Scale, total: int | Fraction) -> bool:
    cut = scale.remission_at_most
    return cut is not None and total <= cut


@dataclass(frozen=True)
class _Case(Reading):
    """One rule applied to one course."""

    # The checks, in order

    def suggestion(self) -> Suggestion:
        unsigned = self._unsigned()
        if unsigned:
            return self._say(Outcome.NONE, missing=unsigned)
        if self.course.open_alerts:
            text = "A safety alert is open: speak with the patient first"
            return self._say(
                Outcome.CONTACT_TODAY, because=(Reason("!", text, tuple(self.course.open_alerts)),)
            )
        sheet, first = self._sheet, self._first
        if self._new_thoughts is not None:
            return self._spoken_or_contact(self._new_thoughts, sheet)
        missing = self._missing_score()
        if self.rule.by == "judgement" and missing:
            return self._by_judgement([], missing)
        if missing or sheet is None or first is None:
            return self._say(Outcome.NONE, missing=missing, because=self._not_tolerated())
        effect = change(self.scale, baseline=first, now=sheet)
        if self._worse(effect):
            return self._spoken_or_contact(self._effect_reason(effect, first, sheet), sheet)
        if not self._doses:
            text = f"{self.scale.title} {shown(effect.now)}, taken before the first dose"
            start = (Reason("✓", text, (sheet.id,)),)
            return self._dose(self.rule.start, start, first_dose=True)
        return self._after_doses(effect, first, sheet)

    def _after_doses(self, effect: Change, first: CourseScore, sheet: CourseScore) -> Suggestion:
        last, current = self._doses[-1], self._doses[-1].ordered
        reasons = [self._effect_reason(effect, first, sheet), *self._overlap(sheet)]
        not_tolerated = self._not_tolerated()
        if not_tolerated:
            return self._step_down(last, [*not_tolerated, *reasons])
        if last not in self._counted:
            text = (
                f"Only {last.delivered_percent:.0f} % of the last dose was given: "
                f"it does not count and says nothing about {current} {self.rule.unit}"
            )
            reasons.insert(0, Reason("!", text, (last.session_id,)))
            return self._dose(current, reasons, would_change=("A dose given in full",))
        reasons += [self._given_reason(current), *self._safe_reason(sheet)]
        review = self._review(effect)
        if review:
            return self._two_sided(review, reasons)
        if self.rule.by == "schedule":
            step = self.rule.schedule[min(len(self._counted), len(self.rule.schedule) - 1)]
            return self._dose(step, reasons, would_change=("A dose that is not tolerated → step down",))
        if self.rule.by == "judgement":
            return self._by_judgement(reasons, ())
        return self._by_effect(effect, first, reasons)

    def _by_judgement(self, reasons: Sequence[Reason], unknown: Sequence[str]) -> Suggestion:
        """Suggest by clinical judgment: no score changes the dose, and a missing one is stated, not blocking."""
        notes = [Reason("=", f"No valid score: {what}") for what in unknown]
        if not self._doses:
            return self._dose(self.rule.start, [*notes, *reasons], first_dose=True)
        last, current = self._doses[-1], self._doses[-1].ordered
        if unknown:
            not_tolerated = self._not_tolerated()
            if not_tolerated:
                return self._step_down(last, [*not_tolerated, *notes])
            if last not in self._counted:
                text = f"Only {last.delivered_percent:.0f} % of the last dose was given: it does not count"
                return self._dose(current, [Reason("!", text, (last.session_id,)), *notes])
            notes.append(self._given_reason(current))
            due = self._review(None)
            if due:
                return self._two_sided(due, [*notes, *reasons])
        others = tuple(dose for dose in self.rule.ladder if dose != current)
        said = (
            f"{' or '.join(map(str, self.rule.ladder))} {self.rule.unit}, by effect and how it is tolerated"
        )
        return self._dose(current, [*notes, *reasons], also_open=others, advice=(f"The rule allows {said}",))

    def _by_effect(self, effect: Change, first: CourseScore, reasons: Sequence[Reason]) -> Suggestion:
        current = self._doses[-1].ordered
        bound = self._bound(self.rule.hold_from_fall_percent, first)
        title, near = self.scale.title, self._near(effect, first, bound)
        remitted = self.rule.hold_in_remission and in_remission(self.scale, effect.now)
        if effect.falls_at_least(self.rule.hold_from_fall_percent) or remitted:
            return self._dose(
                current,
                reasons,
                near_misses=near,
                would_change=(f"{title} above {bound} → step up",),
                advice=(self.rule.space_when,) if self.rule.space_when else (),
            )
        improved = self.rule.improved_from_fall_percent
        partly = improved is not None and effect.falls_at_least(improved)
        would_change = (f"{title} of {bound} or less → hold", "A dose that is not tolerated → step down")
        blocked = self._uncleared
        if blocked:
            text = "blocked until the prescriber clears the session that was not tolerated"
            reason = Reason("!", f"A step up is {text}", tuple(d.session_id for d in blocked))
            return self._dose(
                current,
                [reason, *reasons],
                bounded_by=text,
                near_misses=near,
                would_change=("The prescriber clearing that session → step up", would_change[0]),
            )
        higher = [dose for dose in self.rule.ladder if dose > current]
        if not higher:
            cap = f"cap of the rule, {self.rule.cap} {self.rule.unit}"
            return self._dose(
                current,
                reasons,
                bounded_by=cap,
                near_misses=near,
                would_change=("No higher dose step; review the course",),
            )
        step = higher[min(self.rule.rungs_per_step, len(higher)) - 1]
        return self._dose(
            step,
            reasons,
            bounded_by=f"{_dose_steps(self.rule.rungs_per_step)}, cap {self.rule.cap} {self.rule.unit}",
            near_misses=near,
            would_change=would_change,
            also_open=(current,) if partly else (),
        )

    def _step_down(self, last: AdministeredDose, reasons: Sequence[Reason]) -> Suggestion:
        current = last.ordered
        lower = [dose for dose in self.rule.ladder if dose < current]
        tolerated_doses = [d.ordered for d in self._doses if d.tolerated and d.ordered in lower]
        if not lower:
            return self._say(
                Outcome.NONE,
                because=reasons,
                missing=(
                    f"the prescriber's decision: {current} {self.rule.unit} was not tolerated and the rule has no "
                    "lower dose",
                ),
                prescriber_decides=True,
            )
        return self._dose(
            max(tolerated_doses, default=max(lower)),
            reasons,
            would_change=("The prescriber clearing the last session",),
            advice=(
                "Give it more slowly, with a plan for what to give if needed",
                "A step up stays blocked until the prescriber clears the session",
            ),
        )

    def _two_sided(self, review: str, reasons: Sequence[Reason]) -> Suggestion:
        when = self.rule.review_when
        assert when is not None  # by _review
        rows = tuple(d.session_id for d in self._row)
        because = [Reason("!", review, rows or (self._doses[-1].session_id,), when.note), *reasons]
        change_at = when.fall_below_percent
        would = (f"{self.scale.title} lower by {change_at} % or more",) if change_at is not None else ()
        return self._say(
            Outcome.REVIEW,
            because=because,
            choices=when.choices,
            also=when.also,
            would_change=would,
        )

    def _spoken_or_contact(self, reason: Reason, sheet: CourseScore | None) -> Suggestion:
        """Require contact with the patient first; after it, the prescriber decides."""
        spoken = [w for w in self.course.said("contact") if sheet and w.at > sheet.taken_at]
        if not spoken:
            return self._say(Outcome.CONTACT_TODAY, because=(reason,))
        contacted = Reason("✓", "Patient contacted since", tuple(w.id for w in spoken))
        return self._say(
            Outcome.NONE,
            because=(reason, contacted),
            missing=("prescriber decision: no rule suggests a dose while the patient is worse",),
            prescriber_decides=not self._missing_score(),
        )

    # Reasons

    def _effect_reason(self, effect: Change, first: CourseScore, sheet: CourseScore) -> Reason:
        span, both = f"{shown(effect.baseline)} → {shown(effect.now)}", (first.id, sheet.id)
        count = len([s for s in self.course.scores_in_order(self.rule.instrument) if s.total is not None])
        sheets = f"{self.scale.title}, {count} {'sheet' if count == 1 else 'sheets'}"
        if effect.fall is None:
            return Reason("=", f"No change can be stated from a baseline of 0: {span}", both, sheets)
        percent, threshold = effect.fall * 100, Fraction(self.rule.hold_from_fall_percent)
        if percent < 0:
            return Reason("!", f"{float(-percent):.0f} % worse than baseline: {span}", both, sheets)
        if self.rule.hold_in_remission and in_remission(self.scale, effect.now):
            rest = "which is remission and holds the dose"
        elif percent >= threshold:
            rest = "which holds the dose"
        else:
            rest = f"below the {threshold} % that holds the dose"
        if self.rule.by != "score":
            rest = "which moves no dose under this rule"
        # Rounded down, so that a shown 50 % is never less than 50 %.
        return Reason("↓", f"{int(percent)} % better than baseline: {span}, {rest}", both, sheets)

    def _overlap(self, sheet: CourseScore) -> Sequence[Reason]:
        overlap = days_before(self.scale, sheet.taken_at, self._doses[-1].ended_at)
        if not overlap:
            return ()
        text = (
            f"{in_days(overlap)} of the {self.scale.recall_days} days this {self.scale.title} looks back on "
            "lie before the last dose"
        )
        return (
            Reason("=", text, (sheet.id, self._doses[-1].session_id), "It shows the last dose only in part"),
        )

    def _given_reason(self, current: Decimal) -> Reason:
        here = [d for d in self._counted if d.ordered == current]
        count = len(here)
        times = f"{TIMES[count] if count < len(TIMES) else count} {'dose' if count == 1 else 'doses'}"
        all_tolerated = all(d.tolerated for d in here)
        rises = [d.systolic_rise_mmhg for d in here if d.systolic_rise_mmhg is not None]
        detail = f"highest rise of the pressure {max(rises)} mmHg" if rises else ""
        text = (
            f"{times} at {current} {self.rule.unit}, given in full{' and tolerated' if all_tolerated else ''}"
        )
        return Reason("=", text, tuple(d.session_id for d in here), detail)

    def _safe_reason(self, sheet: CourseScore) -> Sequence[Reason]:
        item = self.scale.suicide_item
        if not item or sheet.suicide_item is None:
            return ()
        text = f"No new suicidal thoughts (item {item}: {sheet.suicide_item}), no open alert"
        return (Reason("✓", text, (sheet.id,)),)

    def _near(self, effect: Change, first: CourseScore, bound: int) -> Sequence[str]:
        found, close = [], self.rule.near_points
        cuts = [(bound, "response", "step up")]
        if self.rule.improved_from_fall_percent is not None:
            cuts.append(
                (self._bound(self.rule.improved_from_fall_percent, first), "improvement", "no improvement")
            )
        for cut, name, otherwise in cuts:
            short = effect.now - cut
            if 0 < short <= close:
                found.append(f"{_points(short)} short of {name} ({cut} or less)")
            elif -close < short <= 0:
                found.append(f"{_points(1 - short)} more would be {otherwise}")
        return tuple(found)

    def _bound(self, percent: Decimal, first: CourseScore) -> int:
        """Return the highest total whose fall from the baseline is at least `percent`."""
        assert first.total is not None  # by baseline
        return highest_total_with_fall(first.total, percent)

    def _dose(
        self,
        wanted: Decimal,
        because: Sequence[Reason],
        *,
        bounded_by: str | None = None,
        near_misses: Sequence[str] = (),
        would_change: Sequence[str] = (),
        also_open: Sequence[Decimal] = (),
        advice: Sequence[str] = (),
        first_dose: bool = False,
    ) -> Suggestion:
        """Limit a dose to every cap; where a cap lowers it, the outcome changes with it."""
        allowed = [dose for dose in self.rule.ladder if dose <= self._most]
        if not allowed:
            return self._say(
                Outcome.NONE,
                because=because,
                missing=(
                    f"a dose within the limits: even {self.rule.ladder[0]} {self.rule.unit} passes {self._limit}",
                ),
            )
        dose = wanted
        if wanted > self._most:
            dose, bounded_by = max(allowed), self._limit
        current = self._doses[-1].ordered if self._doses else dose
        outcome = (
            Outcome.HOLD if dose == current else (Outcome.STEP_UP if dose > current else Outcome.STEP_DOWN)
        )
        return self._say(
            outcome,
            dose=dose,
            because=because,
            bounded_by=bounded_by,
            near_misses=near_misses,
            would_change=would_change,
            also_open=tuple(d for d in also_open if d <= self._most),
            advice=advice,
            first_dose=first_dose,
        )

    def _say(self, outcome: Outcome, *, dose: Decimal | None = None, **more: Any) -> Suggestion:
        said: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in more.items()}
        return Suggestion(
            outcome=outcome,
            rule=self.rule.id,
            rule_version=self.rule.version,
            dose=dose,
            unit=self.rule.unit,
            inputs=self._inputs(),
            **said,
        )

    def _inputs(self) -> Sequence[Input]:
        course, found = self.course, list[Input]()
        if course.signed:
            found.append(
                Input(
                    "protocol",
                    f"{course.signed.protocol_id} v{course.signed.protocol_version}",
                    course.signed.id,
                )
            )
            found += [
                Input(name, course.signed.limits[name], course.signed.id)
                for name in Limits.names()
                if name in course.signed.limits
            ]
        for name, sheet in (("baseline", self._first), ("score", self._sheet)):
            if sheet is not None:
                total = "not scorable" if sheet.total is None else shown(sheet.total)
                found.append(
                    Input(name, f"{self.scale.title} {total}, {sheet.taken_at.isoformat()}", sheet.id)
                )
        found += [
            Input("dose", f"{d.ordered} {d.unit}, {d.delivered_percent} % given", d.session_id)
            for d in self._doses
        ]
        if course.weight:
            found.append(Input("weight", f"{course.weight.kg:f} kg", course.weight.id))
        found += [Input("word", w.kind, w.id) for w in sorted(course.words, key=lambda w: (w.at, w.id))]
        return tuple(found)


def _dose_steps(count: int) -> str:
    return "one dose step at a time" if count == 1 else f"{count} dose steps at a time"


def _points(count: int | Fraction) -> str:
    return f"{shown(count)} {'point' if count == 1 else 'points'}"
