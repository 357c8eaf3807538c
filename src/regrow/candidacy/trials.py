"""Was one antidepressant course adequate, and did it fail?"""

from dataclasses import dataclass

from regrow.chart import Outcome, State, Trial
from regrow.knowledge import Antidepressant, TrdDefinition

from .medicines import find_antidepressant, suggest_spelling


@dataclass(frozen=True)
class TrialJudgement:
    """Whether one trial counts as failed under one definition, and in words why."""

    trial_id: str
    drug: str
    counts: State
    reason: str
    missing: tuple[str, ...] = ()


def judge_trial(trial: Trial, definition: TrdDefinition, known: tuple[Antidepressant, ...]) -> TrialJudgement:
    """A stop for side effects counts where the definition says so, whatever dose was reached."""
    medicine = find_antidepressant(trial.drug, known)
    name = medicine.id if medicine else trial.drug

    def answer(state: State, reason: str, *missing: str) -> TrialJudgement:
        return TrialJudgement(trial.id, name, state, reason, missing)

    if medicine is None:
        near = suggest_spelling(trial.drug, known)
        hint = f"did you mean {' or '.join(near)}?" if near else "it is not in the list of antidepressants"
        return answer(
            State.NOT_DOCUMENTED, f"{trial.drug}: {hint}", f"which antidepressant {trial.drug!r} is"
        )
    if definition.current_episode_only and trial.current_episode is None:
        return answer(
            State.NOT_DOCUMENTED,
            f"{name}: episode not documented",
            f"whether {name} was taken in this episode",
        )
    if definition.current_episode_only and not trial.current_episode:
        return answer(State.NOT_MET, f"{name}: an earlier episode")
    if trial.outcome is None:
        return answer(State.NOT_DOCUMENTED, f"{name}: outcome not documented", f"how {name} ended")
    if trial.outcome in (Outcome.RESPONSE, Outcome.STILL_TAKING):
        what = "it helped" if trial.outcome is Outcome.RESPONSE else "still taking it, not judged yet"
        return answer(State.NOT_MET, f"{name}: {what}")
    if trial.outcome is Outcome.INTOLERANCE:
        if definition.intolerance_counts:
            return answer(State.MET, f"{name}: stopped for side effects, which counts here")
        return answer(State.NOT_MET, f"{name}: stopped for side effects, which does not count here")
    if trial.dose_mg_per_day is None or trial.weeks is None:
        gaps = [w for w, v in (("dose", trial.dose_mg_per_day), ("weeks", trial.weeks)) if v is None]
        return answer(
            State.NOT_DOCUMENTED,
            f"{name}: {' and '.join(gaps)} not documented",
            f"{' and '.join(gaps)} of {name}",
        )
    if trial.dose_mg_per_day < medicine.minimum_mg_per_day:
        return answer(
            State.NOT_MET,
            f"{name}: {trial.dose_mg_per_day} mg a day is under the least adequate dose of "
            f"{medicine.minimum_mg_per_day} mg",
        )
    if trial.weeks < definition.adequate_weeks:
        return answer(State.NOT_MET, f"{name}: {trial.weeks} weeks, {definition.adequate_weeks} are needed")
    how = "no response" if trial.outcome is Outcome.NO_RESPONSE else "partial response only"
    return answer(State.MET, f"{name}: {trial.dose_mg_per_day} mg a day for {trial.weeks} weeks, {how}")
