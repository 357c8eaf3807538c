"""Assess whether an antidepressant trial was adequate, and whether it failed."""

from dataclasses import dataclass
from typing import Protocol

from regrow.chart import CriterionStatus, Outcome, Trial
from regrow.knowledge import Drug, FailedTrials, Formulary


@dataclass(frozen=True)
class TrialAssessment:
    """Whether one trial counts as failed under one definition, with the reason."""

    trial_id: str
    drug: Drug | None
    name: str
    counts: CriterionStatus
    reason: str
    missing: tuple[str, ...] = ()


class Answer(Protocol):
    def __call__(self, state: CriterionStatus, reason: str, *missing: str) -> TrialAssessment: ...


def assess_trial(trial: Trial, rule: FailedTrials, formulary: Formulary) -> TrialAssessment:
    """Assess one trial. A stop for side effects counts where the definition says so, at any dose."""
    found = formulary.find(trial.drug, trial.rxnorm)
    drug = found.drug
    name = drug.id if drug else trial.drug

    def answer(state: CriterionStatus, reason: str, *missing: str) -> TrialAssessment:
        return TrialAssessment(trial.id, drug, name, state, reason, missing)

    if drug is None:
        hint = found.problem or (
            f"did you mean {' or '.join(found.near)}?" if found.near else "it is not in the list of medicines"
        )
        which = f"which antidepressant {trial.drug!r} is"
        return answer(CriterionStatus.NOT_DOCUMENTED, f"{trial.drug}: {hint}", which)
    if "antidepressant" not in drug.roles or trial.augments:
        role = "added to another medicine" if trial.augments else "not an antidepressant of its own"
        return answer(CriterionStatus.NOT_MET, f"{name}: {role}, so not a course of its own")
    if rule.current_episode_only and trial.current_episode is None:
        gap = f"whether {name} was taken in this episode"
        return answer(CriterionStatus.NOT_DOCUMENTED, f"{name}: episode not documented", gap)
    if rule.current_episode_only and not trial.current_episode:
        return answer(CriterionStatus.NOT_MET, f"{name}: an earlier episode")
    if trial.outcome is None:
        return answer(CriterionStatus.NOT_DOCUMENTED, f"{name}: outcome not documented", f"how {name} ended")
    if trial.outcome in (Outcome.RESPONSE, Outcome.STILL_TAKING):
        what = "it helped" if trial.outcome is Outcome.RESPONSE else "still taking it, not judged yet"
        return answer(CriterionStatus.NOT_MET, f"{name}: {what}")
    if trial.outcome is Outcome.INTOLERANCE:
        if rule.intolerance_counts:
            return answer(CriterionStatus.MET, f"{name}: stopped for side effects, which counts here")
        return answer(CriterionStatus.NOT_MET, f"{name}: stopped for side effects, which does not count here")
    if (
        trial.improvement_percent is not None
        and trial.improvement_percent >= rule.helped_from_improvement_percent
    ):
        text = f"{name}: recorded as failed, yet {trial.improvement_percent} % better"
        return answer(
            CriterionStatus.NOT_DOCUMENTED, text, f"whether {name} helped: outcome and improvement disagree"
        )
    return _adequate(trial, rule, drug, answer)


def _adequate(trial: Trial, rule: FailedTrials, drug: Drug, answer: Answer) -> TrialAssessment:
    name = drug.id
    if trial.adherent is False:
        return answer(CriterionStatus.NOT_MET, f"{name}: not taken as prescribed")
    if trial.weeks is not None and trial.weeks < rule.adequate_weeks:
        return answer(
            CriterionStatus.NOT_MET, f"{name}: {trial.weeks} weeks, {rule.adequate_weeks} are needed"
        )
    least = drug.least_dose(rule.doses, trial.drug)
    if least is not None and trial.dose_mg_per_day is not None and trial.dose_mg_per_day < least.mg_per_day:
        text = f"{trial.dose_mg_per_day} mg a day is under the least adequate dose of {least.mg_per_day} mg"
        return answer(CriterionStatus.NOT_MET, f"{name}: {text}")
    gaps = [w for w, v in (("dose", trial.dose_mg_per_day), ("weeks", trial.weeks)) if v is None]
    if gaps:
        both = " and ".join(gaps)
        return answer(CriterionStatus.NOT_DOCUMENTED, f"{name}: {both} not documented", f"{both} of {name}")
    if least is None:
        text = f"no least adequate dose is published for the {rule.doses} list"
        gap = f"the least adequate dose of {name}, signed by the clinic in its own file of medicines"
        return answer(CriterionStatus.NOT_DOCUMENTED, f"{name}: {text}", gap)
    how = "no response" if trial.outcome is Outcome.NO_RESPONSE else "partial response only"
    return answer(
        CriterionStatus.MET, f"{name}: {trial.dose_mg_per_day} mg a day for {trial.weeks} weeks, {how}"
    )
