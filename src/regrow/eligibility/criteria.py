"""Evaluate contraindications and precautions. A determination is met when the condition is absent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from regrow.chart import CriterionStatus, Determination
from regrow.knowledge import (
    Criterion,
    LookAge,
    LookCondition,
    LookMeasurement,
    LookMedicine,
    LookPressure,
    LookScore,
)
from regrow.scales import shown

from .context import Context, lower


@dataclass(frozen=True)
class CriterionEvidence:
    """The evidence for one criterion: records for it, records against it, and what is missing."""

    there: Sequence[tuple[str, str]] = ()
    not_there: Sequence[tuple[str, str]] = ()
    missing: Sequence[str] = ()


def evaluate_criterion(criterion: Criterion, about: Context) -> Determination:
    """Present by any record; absent by a record that shows it or by denial; else not documented."""
    chart, id, text = about.chart, criterion.determination, criterion.text
    open_question = f"Not documented: {lower(criterion.absent or text)}"

    def answer(
        state: CriterionStatus, words: str, because: Sequence[str] = (), missing: Sequence[str] = ()
    ) -> Determination:
        return Determination(id, state, words, because, missing, criterion.plain)

    if criterion.only_sex and chart.sex not in criterion.only_sex:
        words = f"Does not apply: {lower(text)} (recorded sex: {chart.sex})"
        return answer(CriterionStatus.MET, words, [chart.patient_id])
    seen = [_LOOKERS[type(look)](look, about) for look in criterion.look_for]
    there = [pair for look in seen for pair in look.there]
    asked = chart.attested(id)
    if there:
        denied = "; denied when asked" if asked and asked.holds else ""
        words = f"{text} ({'; '.join(dict.fromkeys(words for _, words in there))}{denied})"
        return answer(CriterionStatus.NOT_MET, words, [record for record, _ in there])
    if asked:
        state = CriterionStatus.MET if asked.holds else CriterionStatus.NOT_MET
        absent = criterion.absent or f"Asked and denied: {lower(text)}"
        words = absent if asked.holds else f"{text} (said when asked)"
        return answer(state, words, [asked.id])
    missing = [gap for look in seen for gap in look.missing]
    if not criterion.absent_unless_found:
        return answer(CriterionStatus.NOT_DOCUMENTED, open_question, (), [f"ask: {criterion.ask}", *missing])
    if missing:
        return answer(CriterionStatus.NOT_DOCUMENTED, open_question, (), missing)
    not_there = [pair for look in seen for pair in look.not_there]
    shows = f" ({'; '.join(words for _, words in not_there)})" if not_there else ""
    absent = criterion.absent or f"Not found: {lower(text)}"
    return answer(CriterionStatus.MET, f"{absent}{shows}", [record for record, _ in not_there])


def _condition(look: LookCondition, about: Context) -> CriterionEvidence:
    chart = about.chart
    records = [(c.id, c.text, c.icd10, c.snomed) for c in chart.conditions if c.active or look.ever]
    records += [(d.id, d.text or d.icd10, d.icd10, "") for d in chart.diagnoses]
    return CriterionEvidence(
        there=[(id, text) for id, text, icd10, snomed in records if look.means(text, icd10, snomed)]
    )


def _age(look: LookAge, about: Context) -> CriterionEvidence:
    age = about.chart.age_years(about.on)
    if age is None:
        return CriterionEvidence(missing=["the date of birth"])
    there = (look.under_years is not None and age < look.under_years) or (
        look.from_years is not None and age >= look.from_years
    )
    record = [(about.chart.patient_id, f"age {age}")]
    return CriterionEvidence(there=record) if there else CriterionEvidence(not_there=record)


def _pressure(look: LookPressure, about: Context) -> CriterionEvidence:
    latest = about.chart.latest("blood_pressure")
    if latest is None or latest.second_value is None:
        return CriterionEvidence(missing=["a blood pressure"])
    high = latest.value > look.above_systolic_mmhg or latest.second_value > look.above_diastolic_mmhg
    record = [(latest.id, f"{_to_read(latest.value)}/{_to_read(latest.second_value)} mmHg")]
    return CriterionEvidence(there=record) if high else CriterionEvidence(not_there=record)


def _to_read(value: Decimal) -> str:
    """Format with at most one decimal place; comparisons stay exact."""
    text = f"{value.quantize(Decimal('0.1'))}"
    return text.removesuffix(".0")


def _score(look: LookScore, about: Context) -> CriterionEvidence:
    taken = about.latest_score(look.instrument)
    total = about.total(taken) if taken else None
    if taken is None or total is None:
        return CriterionEvidence()
    words = f"{about.rules.scales[look.instrument].title} {shown(Fraction(total))}"
    record = [(taken.id, words)]
    return CriterionEvidence(there=record) if total >= look.at_least else CriterionEvidence(not_there=record)


def _medicine(look: LookMedicine, about: Context) -> CriterionEvidence:
    if not about.medicines_documented:
        return CriterionEvidence(missing=["the list of medicines taken now"])
    return CriterionEvidence(
        there=[(m.id, drug.id) for m, drug in about.takes(ids=look.ids, classes=look.classes)]
    )


def _measurement(look: LookMeasurement, about: Context) -> CriterionEvidence:
    found = [m for m in about.chart.measurements if m.loinc in look.loinc]
    if not found:
        return CriterionEvidence()
    latest = max(found, key=lambda m: (m.at, m.id))
    positive = any(word in latest.text.lower() for word in look.positive_words)
    record = [(latest.id, latest.text or str(latest.value))]
    return CriterionEvidence(there=record) if positive else CriterionEvidence(not_there=record)


_LOOKERS: Mapping[type, Callable[[Any, Context], CriterionEvidence]] = {
    LookCondition: _condition,
    LookAge: _age,
    LookPressure: _pressure,
    LookScore: _score,
    LookMedicine: _medicine,
    LookMeasurement: _measurement,
}
