"""Shared input of every determination: the chart as of a day, the rules, and the recognized medications."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property

from regrow.chart import Chart, Medicine, Score
from regrow.knowledge import CandidacyRules, Drug, Found
from regrow.scales import BadAnswers, ScoredSheet, Total, score


@dataclass(frozen=True)
class Context:
    """One chart on one day under one set of rules. Build it with `context_of`."""

    chart: Chart
    rules: CandidacyRules
    on: date

    @cached_property
    def taken(self) -> Sequence[tuple[Medicine, Found]]:
        """Return the current medications, each with the formulary entry it matched."""
        find = self.rules.formulary.find
        return [(m, find(m.text, m.rxnorm)) for m in self.chart.medicines if m.active]

    @property
    def medicines_documented(self) -> bool:
        """Whether the medication list was reviewed: some are recorded, or it is stated that there are none."""
        said = self.chart.attested("medicines-reviewed")
        return bool(self.chart.medicines) or (said is not None and said.holds)

    def takes(self, *, ids: frozenset[str], classes: frozenset[str]) -> Sequence[tuple[Medicine, Drug]]:
        """Return the current medications that are one of `ids` or of one of `classes`."""
        return [
            (medicine, found.drug)
            for medicine, found in self.taken
            if found.drug and (found.drug.id in ids or found.drug.drug_class in classes)
        ]

    def latest_score(self, instrument: str) -> Score | None:
        sheets = self.chart.scores_of(instrument)
        return sheets[-1] if sheets else None

    def sheet(self, taken: Score) -> ScoredSheet | None:
        """Score a sheet from its answers; None without answers, or with answers of another version."""
        scale = self.rules.scales.get(taken.instrument)
        versions = (None, scale.version, *scale.comparable_with) if scale else ()
        if scale is None or not taken.answers or taken.version not in versions:
            return None
        try:
            return score(scale, taken.answers, sex=self.chart.sex)
        except BadAnswers:
            return None

    def total(self, taken: Score) -> Total | None:
        """Return the total on file, or the one computed from the answers."""
        if taken.total is not None:
            return Fraction(taken.total)
        sheet = self.sheet(taken)
        return sheet.total if sheet else None

    def within_recall(self, taken: Score) -> bool:
        """Whether the recall window of a sheet reaches the assessment day."""
        scale = self.rules.scales[taken.instrument]
        return taken.at.date() + timedelta(days=scale.recall_days) >= self.on


def context_of(chart: Chart, rules: CandidacyRules, on: date) -> Context:
    """Build the context, leaving out records dated after the day had ended everywhere on Earth."""
    over = datetime.combine(on + timedelta(days=1), time(12), tzinfo=UTC)
    seen = replace(
        chart,
        measurements=[m for m in chart.measurements if m.at < over],
        scores=[s for s in chart.scores if s.at < over],
    )
    return Context(seen, rules, on)


def unreadable_scores(chart: Chart, rules: CandidacyRules) -> Sequence[str]:
    """List the scores of a chart that cannot be read, each with the reason and the fix."""
    found = []
    for taken in chart.scores:
        scale = rules.scales.get(taken.instrument)
        if scale is None:
            found.append(f"scores.{taken.id}: there is no instrument {taken.instrument!r}")
        elif taken.version not in (None, scale.version, *scale.comparable_with):
            found.append(
                f"scores.{taken.id}: version {taken.version} of {scale.title} does not mean the same as version "
                f"{scale.version}; remove the sheet, or repeat it with the current version"
            )
        elif taken.answers:
            try:
                score(scale, taken.answers)
            except BadAnswers as mistake:
                found.append(f"scores.{taken.id}: {mistake}")
        elif taken.total is not None and not scale.minimum <= taken.total <= scale.maximum:
            found.append(
                f"scores.{taken.id}: a {scale.title} lies between {scale.minimum} and {scale.maximum}, not at {taken.total}"
            )
    return found


def lower(text: str) -> str:
    """Lower-case the first letter for use after a colon; an abbreviation keeps its capitals."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]
