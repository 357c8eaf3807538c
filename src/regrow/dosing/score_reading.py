"""Read a course for a titration rule: valid scores, missing data, previous doses, caps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from regrow.course import AdministeredDose, CourseScore, TreatmentCourse, baseline, latest_score
from regrow.knowledge import DosingWeights, Limits, Scale, Titration
from regrow.scales import Change, NotComparable, change, days_before, shown

from .suggestion import Reason
from .weight import BadWeight, dosing_weight

# Without these limits no dose is suggested.
NEEDED = ("counts_as_given_percent", "absolute_dose_mg", "score_fresh_days", "score_before_dose_days")
TIMES = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True)
class Reading:
    """One course read by one rule, as of `at`; `scale` is the rule's instrument."""

    rule: Titration
    scale: Scale
    course: TreatmentCourse
    limits: Limits
    weights: DosingWeights
    at: datetime

    @property
    def _doses(self) -> Sequence[AdministeredDose]:
        return self.course.doses_in_order

    @property
    def _counted(self) -> Sequence[AdministeredDose]:
        """Return the doses that count: at least the signed share was given."""
        least = self.limits.counts_as_given_percent
        return [d for d in self._doses if least is not None and d.delivered_percent >= least]

    @property
    def _sheet(self) -> CourseScore | None:
        return latest_score(self.course, self.rule.instrument)

    @property
    def _first(self) -> CourseScore | None:
        return baseline(self.course, self.rule.instrument)

    @property
    def _uncleared(self) -> Sequence[AdministeredDose]:
        """Return the doses that were not tolerated and not cleared by the prescriber since."""
        cleared = {w.about for w in self.course.said("clearance")}
        return [d for d in self._doses if not d.tolerated and d.session_id not in cleared]

    @property
    def _new_thoughts(self) -> Reason | None:
        sheet, first, item = self._sheet, self._first, self.scale.suicide_item
        if sheet is None or first is None or sheet.id == first.id or not sheet.suicide_item:
            return None
        if first.suicide_item:
            return None
        text = f"Item {item} is {sheet.suicide_item} and was 0 at baseline: new since the course began"
        return Reason("!", text, (first.id, sheet.id))

    def _unsigned(self) -> Sequence[str]:
        if self.course.signed is None:
            return ("a signed protocol: the medical director signs its limits first",)
        lacking = [name for name in NEEDED if name in self._wanted and getattr(self.limits, name) is None]
        return tuple(
            f"a signed value for {name.replace('_', ' ')}: the medical director signs the protocol again"
            for name in lacking
        )

    @property
    def _wanted(self) -> Sequence[str]:
        """List the required limits. A dose in mg is capped by the rule itself; without a score, none must be recent."""
        if self.rule.by == "judgement":
            return ["counts_as_given_percent"]
        return [n for n in NEEDED if not (n == "absolute_dose_mg" and self.rule.unit == "mg")]

    def _missing_score(self) -> Sequence[str]:
        title, sheet, first = self.scale.title, self._sheet, self._first
        newer = [s for s in self.course.scores if sheet is None or s.taken_at > sheet.taken_at]
        other = sorted({s.instrument for s in newer if s.instrument != self.rule.instrument})
        also = f" ({', '.join(other)} came in since; this rule does not read it)" if other else ""
        if sheet is None:
            return (f"a {title}: none has been answered yet{also}",)
        missing = []
        if sheet.total is None:
            missing.append(f"a complete {title}: the last one has a blank answer")
        elif sheet.prorated:
            missing.append(f"a complete {title}: the last one has a blank answer and was prorated")
        if sheet.suicide_item is None and self.scale.suicide_item:
            missing.append(f"item {self.scale.suicide_item} of the last {title}, which is blank")
        missing += self._old(sheet, also)
        if missing:
            return tuple(missing)
        if first is None or first.total is None:
            return (f"a {title} from before the first dose, to compare with",)
        try:
            effect = change(self.scale, baseline=first, now=sheet)
        except NotComparable as why_not:
            return (str(why_not),)
        if self._doses and (not effect.evaluable or effect.fall is None):
            return (
                f"a baseline to improve on: the course began at {shown(effect.baseline)}, which is already remission, "
                "so response means nothing; the prescriber decides",
            )
        return ()

    def _old(self, sheet: CourseScore, also: str) -> Sequence[str]:
        title, fresh, before = (
            self.scale.title,
            self.limits.score_fresh_days,
            self.limits.score_before_dose_days,
        )
        age = self.at - sheet.taken_at
        if (
            fresh is not None
            and Fraction(age // timedelta(microseconds=1)) > Fraction(fresh) * 86_400_000_000
        ):
            return (
                f"a fresh {title}: the last one is {age.days} days old, "
                f"this clinic decides by one from the last {fresh} days{also}",
            )
        if not self._doses:
            return ()
        if sheet.taken_at <= self._doses[-1].ended_at:
            return (f"a {title} taken after the last dose{also}",)
        overlap = days_before(self.scale, sheet.taken_at, self._doses[-1].ended_at)
        if before is not None and overlap > Fraction(before):
            return (
                f"a {title} taken later: {in_days(overlap)} of the {self.scale.recall_days} days it looks back on lie "
                f"before the last dose, this clinic accepts {before}",
            )
        return ()

    @staticmethod
    def _worse(effect: Change) -> bool:
        return effect.now > effect.baseline

    def _not_tolerated(self) -> list[Reason]:
        """Return the last dose, if it was not tolerated and not cleared since."""
        doses = self._doses
        if not doses or doses[-1].tolerated or doses[-1] not in self._uncleared:
            return []
        last = doses[-1]
        text = f"{last.ordered} {self.rule.unit} was not well tolerated last time"
        return [Reason("!", text, (last.session_id,), last.because)]

    def _review(self, effect: Change | None) -> str:
        """Return why the course needs a review, or an empty text."""
        when = self.rule.review_when
        if when is None:
            return ""
        count, below = len(self._counted), when.fall_below_percent
        if below is None:
            return (
                f"{count} doses given in full: the rule asks for a look at the benefit"
                if count == when.at_dose
                else ""
            )
        if effect is None:
            return ""
        row = self._row
        if when.in_a_row is not None and len(row) >= when.in_a_row:
            return f"{TIMES[min(len(row), 9)]} doses in a row, given in full, each followed by a fall of less than {below} %"
        if count == when.at_dose and not self._decided_since_last and not effect.falls_at_least(below):
            return f"{TIMES[min(count, 9)]} doses given in full, and the fall is less than {below} %"
        return ""

    @property
    def _decided_since_last(self) -> bool:
        """Whether a review was decided since the dose before the last, whose effect is not known yet."""
        words, doses = self.course.said("review"), self._doses
        return bool(words) and len(doses) > 1 and words[-1].at > doses[-2].ended_at

    @property
    def _row(self) -> Sequence[AdministeredDose]:
        """Return the latest consecutive doses that count and were followed by too small a fall.

        A dose given in part, or not followed by a valid score, neither counts nor ends the run; a decided review ends
        it.
        """
        when, first = self.rule.review_when, self._first
        if when is None or when.fall_below_percent is None or first is None:
            return ()
        decided = self.course.said("review")
        given, row = self._counted, list[AdministeredDose]()
        for dose, following in zip(self._doses, [*self._doses[1:], None], strict=True):
            if dose not in given or (decided and dose.ended_at <= decided[-1].at):
                continue
            sheets = [
                s
                for s in self.course.scores_in_order(self.rule.instrument)
                if s.total is not None
                and not s.prorated
                and s.taken_at > dose.ended_at
                and (following is None or s.taken_at < following.ended_at)
            ]
            if not sheets:
                continue
            try:
                effect = change(self.scale, baseline=first, now=sheets[-1])
            except NotComparable:
                continue
            row = [] if effect.falls_at_least(when.fall_below_percent) else [*row, dose]
        return row

    @property
    def _most(self) -> Decimal:
        """Return the highest dose that every cap allows, in the rule's unit."""
        heaviest = self._by_weight
        return self.rule.cap if heaviest is None else min(self.rule.cap, heaviest)

    @property
    def _by_weight(self) -> Decimal | None:
        if self.rule.unit == "mg" or self.limits.absolute_dose_mg is None or self.course.weight is None:
            return None
        about = self.course.about
        try:
            kg = dosing_weight(
                about.weight_basis,
                self.course.weight.kg,
                self.weights,
                height_cm=about.height_cm,
                sex=about.sex,
            )
        except BadWeight:
            return None  # the order cannot be made either, and says why
        return self.limits.absolute_dose_mg / kg

    @property
    def _limit(self) -> str:
        heaviest = self._by_weight
        if heaviest is not None and heaviest < self.rule.cap:
            weight = self.course.weight
            assert weight is not None  # by _by_weight
            return (
                f"the signed limit of {self.limits.absolute_dose_mg} mg for one session, at {weight.kg:f} kg"
            )
        return f"cap of the rule, {self.rule.cap} {self.rule.unit}"


def in_days(days: Fraction) -> str:
    """Format a span in days to one decimal place."""
    return f"{float(days):.1f}".removesuffix(".0")
