"""Evaluate the definitions: treatment resistance, depression, suicidality, and combinations of them."""

from collections.abc import Sequence

from regrow.chart import CriterionStatus, Determination, Outcome, Score, all_of
from regrow.knowledge import AllOf, Definition, FailedTrials, HasDiagnosis, Suicidality, Takes

from .antidepressant_trials import TrialAssessment, assess_trial
from .context import Context


def evaluate_definitions(about: Context) -> Sequence[Determination]:
    """Evaluate each definition once; combined ones reuse their parts."""
    by_id = {definition.id: definition for definition in about.rules.definitions}
    done: dict[str, Determination] = {}

    def decide(definition: Definition) -> Determination:
        if definition.id not in done:
            rule = definition.rule
            if isinstance(rule, AllOf):
                parts = [decide(by_id[name]) for name in rule.of]
                done[definition.id] = _all_of(definition, parts)
            else:
                done[definition.id] = _evaluate_one(definition, about)
        return done[definition.id]

    return [decide(definition) for definition in about.rules.definitions]


def _evaluate_one(definition: Definition, about: Context) -> Determination:
    match definition.rule:
        case FailedTrials() as rule:
            return _failed_trials(definition, rule, about)
        case HasDiagnosis() as rule:
            return _diagnosis(definition, rule, about)
        case Takes() as rule:
            return _takes(definition, rule, about)
        case Suicidality() as rule:
            return _suicidality(definition, rule, about)
        case AllOf():
            raise AssertionError("decided from its parts")


def _all_of(definition: Definition, parts: Sequence[Determination]) -> Determination:
    state = all_of(part.state for part in parts)
    reasons = "; ".join(f"{part.id} {part.state.replace('_', ' ')}" for part in parts)
    because = [
        id for part in parts if part.state is state or state is CriterionStatus.MET for id in part.because
    ]
    missing = (
        [gap for part in parts for gap in part.missing] if state is CriterionStatus.NOT_DOCUMENTED else ()
    )
    return Determination(
        definition.id, state, f"{definition.text}: {reasons}", because, missing, definition.plain
    )


def assess_trials(about: Context, rule: FailedTrials) -> Sequence[TrialAssessment]:
    return [assess_trial(trial, rule, about.rules.formulary) for trial in about.chart.trials]


def _failed_trials(definition: Definition, rule: FailedTrials, about: Context) -> Determination:
    judged = assess_trials(about, rule)
    failed = {j.name for j in judged if j.counts is CriterionStatus.MET}
    possible = {j.name for j in judged if j.counts is CriterionStatus.NOT_DOCUMENTED} - failed
    reasons = "; ".join(j.reason for j in judged) or "no antidepressant trial is recorded"
    text = f"{definition.text}. {len(failed)} of {rule.at_least}: {reasons}"
    values = {"failed": str(len(failed)), "possible": str(len(possible)), "needed": str(rule.at_least)}
    missing = [gap for j in judged for gap in j.missing]
    if len(failed) >= rule.at_least:
        state, because, missing = (
            CriterionStatus.MET,
            [j.trial_id for j in judged if j.counts is CriterionStatus.MET],
            [],
        )
    elif len(failed) + len(possible) >= rule.at_least:
        state, because = (
            CriterionStatus.NOT_DOCUMENTED,
            [j.trial_id for j in judged if j.counts is not CriterionStatus.NOT_MET],
        )
    elif not judged:
        state, because, missing = CriterionStatus.NOT_DOCUMENTED, [], ["the antidepressants tried so far"]
    else:
        state, because = CriterionStatus.NOT_MET, [j.trial_id for j in judged]
    return Determination(definition.id, state, text, because, missing, definition.plain, values)


def _diagnosis(definition: Definition, rule: HasDiagnosis, about: Context) -> Determination:
    elsewhere = [c for c in about.chart.conditions if c.active]
    codes = [(d.id, d.icd10.upper()) for d in about.chart.diagnoses]
    codes += [(c.id, c.icd10.upper()) for c in elsewhere]
    near = [(id, code) for id, code in codes if code.startswith(rule.icd10)]
    found = [(c.id, c.text) for c in elsewhere if c.snomed in rule.snomed]
    found += [(id, code) for id, code in near if not (rule.but_not and code.startswith(rule.but_not))]
    if found:
        text = f"{definition.text}: {found[-1][1]}"
        return Determination(
            definition.id, CriterionStatus.MET, text, [id for id, _ in found], (), definition.plain
        )
    if near:
        text = f"{definition.text}: not by {near[-1][1]}, which says something else"
        return Determination(
            definition.id, CriterionStatus.NOT_MET, text, [id for id, _ in near], (), definition.plain
        )
    gap = f"a diagnosis, ICD-10 {' or '.join(rule.icd10)}"
    return Determination(
        definition.id, CriterionStatus.NOT_DOCUMENTED, definition.text, (), (gap,), definition.plain
    )


def _takes(definition: Definition, rule: Takes, about: Context) -> Determination:
    found = [(m.id, f.drug.id) for m, f in about.taken if f.drug and rule.role in f.drug.roles]
    for trial in about.chart.trials:
        drug = about.rules.formulary.find(trial.drug, trial.rxnorm).drug
        if trial.outcome is Outcome.STILL_TAKING and drug and rule.role in drug.roles:
            found.append((trial.id, drug.id))
    if found:
        text = f"{definition.text}: {', '.join(dict.fromkeys(name for _, name in found))}"
        return Determination(
            definition.id, CriterionStatus.MET, text, [id for id, _ in found], (), definition.plain
        )
    if about.medicines_documented:
        because = [m.id for m, _ in about.taken]
        text = f"{definition.text}: none among the medicines recorded"
        return Determination(definition.id, CriterionStatus.NOT_MET, text, because, (), definition.plain)
    gap = "the list of medicines taken now"
    return Determination(
        definition.id, CriterionStatus.NOT_DOCUMENTED, definition.text, (), (gap,), definition.plain
    )


def _suicidality(definition: Definition, rule: Suicidality, about: Context) -> Determination:
    """Decide by the instrument within its recall window; by a record at any time."""
    scale = about.rules.scales[rule.instrument]
    recorded = [c for c in about.chart.conditions if c.active and rule.find.means(c.text, c.icd10, c.snomed)]
    level, screened_by, stale = _level(rule, about)
    positive = _positive_items(rule, about)
    because = [c.id for c in recorded]
    found = [f"recorded: {c.text}" for c in recorded]
    actions: list[str] = []
    if level is not None and level in rule.levels:
        because.append(screened_by)
        found.append(f"{scale.title} {level}")
        actions.append(rule.actions.get(level, ""))
    if positive and rule.items_decide:
        because += [id for id, _ in positive]
        found += [words for _, words in positive]
        actions.append(rule.actions.get("item", ""))
    if found:
        said = f"{definition.text.rstrip('.')} ({'; '.join(found)})."
        text = " ".join([said, *dict.fromkeys(filter(None, actions))])
        values = {"level": level} if level else {}
        return Determination(definition.id, CriterionStatus.MET, text, because, (), definition.plain, values)
    if level is not None:
        text = f"{definition.title}: {scale.title} says {level}"
        return Determination(
            definition.id, CriterionStatus.NOT_MET, text, [screened_by], (), "", {"level": level}
        )
    gap = f"a {scale.title} from the last {scale.recall_days} days"
    reasons = [words for _, words in positive] or (["the last one is too old"] if stale else [])
    text = f"{definition.title}: {'; '.join(reasons)}" if reasons else f"{definition.title}: not asked lately"
    return Determination(
        definition.id, CriterionStatus.NOT_DOCUMENTED, text, [id for id, _ in positive], (gap,)
    )


def _level(rule: Suicidality, about: Context) -> tuple[str | None, str, bool]:
    """Return the level of the newest readable screener, its record, and whether there is only an old one.

    A screener with a blank item is not decisive, but counts for the lowest level its answers show.
    """
    taken = about.latest_score(rule.instrument)
    if taken is None:
        return None, "", False
    if not about.within_recall(taken):
        return None, taken.id, True
    sheet = about.sheet(taken)
    level = sheet.severity or _least_level(taken, about) if sheet else None
    return level, taken.id, False


def _least_level(taken: Score, about: Context) -> str | None:
    """Return the level that the given answers already show; None when they show nothing."""
    scale = about.rules.scales[taken.instrument]
    given = {item.number: a for item, a in zip(scale.items, taken.answers, strict=True) if a is not None}
    for level in scale.levels:
        for item, least, most in level.when:
            if item in given and given[item] >= least and (most is None or given[item] <= most):
                return level.name
    return None


def _positive_items(rule: Suicidality, about: Context) -> Sequence[tuple[str, str]]:
    found = []
    for instrument, number in rule.items:
        taken = about.latest_score(instrument)
        sheet = about.sheet(taken) if taken and about.within_recall(taken) else None
        if taken and sheet and number in sheet.alerts:
            title = about.rules.scales[instrument].title
            found.append((taken.id, f"{title} item {number} is above 0"))
    return found
