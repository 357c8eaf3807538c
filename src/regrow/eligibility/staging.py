"""Published staging of treatment resistance."""

from collections.abc import Sequence

from regrow.chart import CriterionStatus, Determination
from regrow.knowledge import FailedTrials, Ladder, Points, Staging

from .antidepressant_trials import TrialAssessment
from .context import Context
from .definitions import assess_trials


def evaluate_staging(staging: Staging, about: Context) -> Determination:
    """Met with its stage; not documented with the possible range; not met without a failed trial."""
    rule = next(d.rule for d in about.rules.definitions if d.id == staging.counts_by)
    assert isinstance(rule, FailedTrials)  # checked by the knowledge
    judged = assess_trials(about, rule)
    scheme = staging.scheme
    if isinstance(scheme, Ladder):
        return _ladder(staging, scheme, about, judged)
    return _points(staging, scheme, about, judged)


def _ladder(
    staging: Staging, scheme: Ladder, about: Context, judged: Sequence[TrialAssessment]
) -> Determination:
    id = f"staging-{staging.id}"
    low = _reached(scheme, [j for j in judged if j.counts is CriterionStatus.MET], _ect(about, unknown=False))
    high = _reached(
        scheme, [j for j in judged if j.counts is not CriterionStatus.NOT_MET], _ect(about, unknown=True)
    )
    because = [j.trial_id for j in judged if j.counts is CriterionStatus.MET] + _ect_records(about)
    missing = [gap for j in judged for gap in j.missing]
    if not judged:
        gap = ("the antidepressants tried so far",)
        return Determination(
            id, CriterionStatus.NOT_DOCUMENTED, f"{staging.title}: no trial is recorded", (), gap
        )
    if low != high:
        named = [scheme.stages[n - 1][0] if n else "none" for n in (low, high)]
        if not missing:
            missing = ["whether a course of bilateral ECT was given"]
        text = f"{staging.title}: between stage {named[0]} and {named[1]}"
        return Determination(id, CriterionStatus.NOT_DOCUMENTED, text, because, missing)
    if low == 0:
        return Determination(
            id,
            CriterionStatus.NOT_MET,
            f"{staging.title}: no adequate trial has failed",
            [j.trial_id for j in judged],
        )
    stage, words, _ = scheme.stages[low - 1]
    return Determination(
        id, CriterionStatus.MET, f"{staging.title}: stage {stage}, {words}", because, (), "", {"stage": stage}
    )


def _reached(scheme: Ladder, failed: Sequence[TrialAssessment], ect: bool) -> int:
    """Return the highest stage reached; each requires the one before."""
    drugs = [j.drug for j in failed if j.drug]
    classes = {drug.drug_class for drug in drugs}
    holds = {
        "one-class": len(classes) >= 1,
        "two-classes": len(classes) >= 2,
        "tricyclic": any("tricyclic" in drug.roles for drug in drugs),
        "maoi": any("maoi" in drug.roles for drug in drugs),
        "ect": ect,
    }
    reached = 0
    for _, _, needs in scheme.stages:
        if not holds[needs]:
            break
        reached += 1
    return reached


def _points(
    staging: Staging, scheme: Points, about: Context, judged: Sequence[TrialAssessment]
) -> Determination:
    id = f"staging-{staging.id}"
    failed = {j.name for j in judged if j.counts is CriterionStatus.MET}
    possible = {j.name for j in judged if j.counts is CriterionStatus.NOT_DOCUMENTED} - failed
    parts = [
        _duration(scheme, about),
        _severity(scheme, about),
        _failures(scheme, len(failed), len(failed | possible), bool(judged)),
        _augmentation(scheme, about),
        _ect_points(scheme, about),
    ]
    if judged and not failed and not possible:
        text = f"{staging.title}: no adequate trial has failed"
        return Determination(id, CriterionStatus.NOT_MET, text, [j.trial_id for j in judged])
    low, high = sum(part[0] for part in parts), sum(part[1] for part in parts)
    missing = [part[2] for part in parts if part[2]]
    because = [record for part in parts for record in part[3]]
    because += [j.trial_id for j in judged if j.counts is CriterionStatus.MET]
    if missing:
        text = f"{staging.title}: between {low} and {high}, as some of it is not documented"
        values = {"lowest": str(low), "highest": str(high)}
        return Determination(id, CriterionStatus.NOT_DOCUMENTED, text, because, missing, "", values)
    band = [name for lowest, name in scheme.bands if low >= lowest][-1:]
    text = f"{staging.title}: {low}, {band[0] if band else 'below the first band'}"
    return Determination(id, CriterionStatus.MET, text, because, (), "", {"points": str(low)})


Part = tuple[int, int, str, Sequence[str]]  # lowest, highest, what is missing, records


def _duration(scheme: Points, about: Context) -> Part:
    every = [points for _, points, _ in scheme.duration]
    known = [d for d in about.chart.diagnoses if d.episode_start]
    if not known or known[-1].episode_start is None:
        return min(every), max(every), "when this episode began", ()
    start = known[-1].episode_start
    months = (about.on.year - start.year) * 12 + about.on.month - start.month
    if about.on.day > start.day:
        months += 1  # a started month counts as a full month
    points = next(p for most, p, _ in scheme.duration if most is None or months <= most)
    return points, points, "", [known[-1].id]


def _severity(scheme: Points, about: Context) -> Part:
    every = [points for _, points, _ in scheme.severity]
    for diagnosis in reversed(about.chart.diagnoses):
        for codes, points, _ in scheme.severity:
            if diagnosis.icd10.upper() in codes:
                return points, points, "", [diagnosis.id]
    return min(every), max(every), "how severe the episode is (an ICD-10 code that says so)", ()


def _failures(scheme: Points, failed: int, possible: int, recorded: bool) -> Part:
    def points(count: int) -> int:
        return next(p for most, p in scheme.failures if most is None or count <= most)

    if not recorded:
        every = [p for _, p in scheme.failures]
        return min(every), max(every), "the antidepressants tried so far", ()
    gap = "what is missing of some trials" if points(failed) != points(possible) or not failed else ""
    return points(failed), points(possible), gap, ()


def _augmentation(scheme: Points, about: Context) -> Part:
    used = [
        trial.id
        for trial in about.chart.trials
        if trial.augments
        or (
            (drug := about.rules.formulary.find(trial.drug, trial.rxnorm).drug)
            and "augmentation" in drug.roles
        )
    ]
    if used:
        return scheme.augmentation_points, scheme.augmentation_points, "", used
    said = about.chart.attested("no-augmentation")
    if said:
        points = 0 if said.holds else scheme.augmentation_points
        return points, points, "", [said.id]
    return 0, scheme.augmentation_points, "whether a medicine was added to an antidepressant", ()


def _ect_points(scheme: Points, about: Context) -> Part:
    if _ect_records(about):
        points = scheme.ect_points if _ect(about, unknown=False) else 0
        return points, points, "", _ect_records(about)
    return 0, scheme.ect_points, "whether ECT was given", ()


def _ect_records(about: Context) -> list[str]:
    said = about.chart.attested("no-ect")
    return [t.id for t in about.chart.treatments if t.kind == "ect"] + ([said.id] if said else [])


def _ect(about: Context, *, unknown: bool) -> bool:
    """Whether ECT was given; `unknown` is returned when it is not documented."""
    if any(t.kind == "ect" for t in about.chart.treatments):
        return True
    said = about.chart.attested("no-ect")
    return unknown if said is None else not said.holds
