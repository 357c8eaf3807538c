"""Evaluate one payer's criteria against one chart."""

from collections.abc import Callable, Sequence
from datetime import date

from regrow.chart import Chart, CriterionStatus, Determination, Outcome, Trial
from regrow.knowledge import Formulary, Payer, PayerCriterion

Judge = Callable[[PayerCriterion, Chart, Formulary, date], Determination]


def determine_coverage(
    payer: Payer, chart: Chart, formulary: Formulary, *, on: date
) -> Sequence[Determination]:
    """Return each criterion as met, not met or not documented, with its records."""
    return [_JUDGES[criterion.kind](criterion, chart, formulary, on) for criterion in payer.criteria]


def _age(c: PayerCriterion, chart: Chart, _: Formulary, on: date) -> Determination:
    age = chart.age_years(on)
    if age is None:
        return Determination(c.id, CriterionStatus.NOT_DOCUMENTED, c.text, (), ("date of birth",))
    return Determination(
        c.id, CriterionStatus.MET if age >= c.years else CriterionStatus.NOT_MET, c.text, (chart.patient_id,)
    )


def _diagnosis(c: PayerCriterion, chart: Chart, _: Formulary, on: date) -> Determination:
    found = [d.id for d in chart.diagnoses if d.icd10.upper().startswith(tuple(c.icd10))]
    if found:
        return Determination(c.id, CriterionStatus.MET, c.text, found)
    return Determination(
        c.id, CriterionStatus.NOT_DOCUMENTED, c.text, (), (f"a diagnosis, ICD-10 {' or '.join(c.icd10)}",)
    )


def _trial_state(c: PayerCriterion, trial: Trial) -> CriterionStatus:
    """Assess one trial for this payer, who requires a documented percentage; "no response" in words is not enough."""
    if c.current_episode and trial.current_episode is False:
        return CriterionStatus.NOT_MET
    if trial.outcome in (Outcome.RESPONSE, Outcome.STILL_TAKING):
        return CriterionStatus.NOT_MET
    if trial.weeks is not None and trial.weeks < c.weeks_at_least:
        return CriterionStatus.NOT_MET
    if trial.improvement_percent is not None and trial.improvement_percent > c.improvement_at_most_percent:
        return CriterionStatus.NOT_MET
    known = trial.weeks is not None and trial.improvement_percent is not None
    if c.current_episode:
        known = known and trial.current_episode is True
    return CriterionStatus.MET if known else CriterionStatus.NOT_DOCUMENTED


def _trials(c: PayerCriterion, chart: Chart, known: Formulary, on: date) -> Determination:
    met: dict[str, str] = {}
    perhaps: dict[str, str] = {}
    missing: list[str] = []
    for trial in chart.trials:
        medicine = known.find(trial.drug, trial.rxnorm).drug
        if trial.augments or (medicine and "antidepressant" not in medicine.roles):
            continue
        key = (medicine.drug_class if c.different_classes else medicine.id) if medicine else trial.drug
        state = _trial_state(c, trial)
        if state is CriterionStatus.MET and medicine:
            met[key] = trial.id
        elif state is not CriterionStatus.NOT_MET:
            perhaps[key] = trial.id
            missing.append(f"weeks, episode and improvement in percent for {trial.drug}")
    if len(met) >= c.at_least:
        return Determination(c.id, CriterionStatus.MET, c.text, list(met.values()))
    if len(met | perhaps) >= c.at_least or not chart.trials:
        because = [*met.values(), *perhaps.values()]
        return Determination(
            c.id,
            CriterionStatus.NOT_DOCUMENTED,
            c.text,
            because,
            missing or ["the antidepressants tried so far"],
        )
    return Determination(c.id, CriterionStatus.NOT_MET, c.text, [t.id for t in chart.trials], missing)


def _score(c: PayerCriterion, chart: Chart, _: Formulary, on: date) -> Determination:
    found = [s for s in chart.scores if s.instrument == c.instrument]
    complete = [s.id for s in found if s.complete]
    if complete:
        return Determination(c.id, CriterionStatus.MET, c.text, complete[-1:])
    missing = f"a {'complete ' if found else ''}{c.instrument.upper()} on file"
    return Determination(c.id, CriterionStatus.NOT_DOCUMENTED, c.text, [s.id for s in found[-1:]], (missing,))


def _attested(c: PayerCriterion, chart: Chart, _: Formulary, on: date) -> Determination:
    said = [a for a in chart.attestations if a.criterion == c.id]
    if not said:
        return Determination(
            c.id, CriterionStatus.NOT_DOCUMENTED, c.text, (), ("the prescriber's statement",)
        )
    return Determination(
        c.id, CriterionStatus.MET if said[-1].holds else CriterionStatus.NOT_MET, c.text, (said[-1].id,)
    )


_JUDGES: dict[str, Judge] = {
    "age_at_least": _age,
    "diagnosis_prefix": _diagnosis,
    "failed_trials": _trials,
    "score_on_file": _score,
    "attestation": _attested,
}
