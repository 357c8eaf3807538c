"""One patient's estimate, in words and bands, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from regrow.course import TreatmentCourse, as_of, baseline
from regrow.dosing import Outcome, Suggestion
from regrow.knowledge import HYPOTHESES, InfusionProtocol, Knowledge, Scale, Titration
from regrow.pharmacology.effects import TYPICAL_H, TYPICAL_KG, TYPICAL_MG_PER_KG
from regrow.scales import highest_total_with_fall
from regrow.simulation.arrays import Floats
from regrow.simulation.scales import MODELED

from .inputs import EstimateInputs
from .particles import Group, minutes_of, one_at_a_time, particles_of
from .posterior import Posterior, posterior_of, prior, propagate
from .predict import Draws, ahead, dissociation, drawn, normal_sum, pressure_over, wears_off_days
from .timeline import DoseDay, ScoreDay, Timeline, timeline_of

_BANDS = (0.1, 0.25, 0.5, 0.75, 0.9)
Band = tuple[float, float, float, float, float]  # 10, 25, 50, 75 and 90 of 100


@dataclass(frozen=True)
class DoseOptionEstimate:
    """What is expected of one dose now, in mg/kg; None is a week without.

    `next_score` is the score a week on as it would be written down, `response` the chance that the last one of the
    course is a response if this dose goes on. `over_pressure` is None without a signed limit; `allowed` is False for a
    dose the rule cannot reach now.
    """

    dose: Decimal | None
    next_score: Band
    response: float
    end_score: float
    over_pressure: float | None
    dissociation: float
    allowed: bool


@dataclass(frozen=True)
class PathPoint:
    """Expected score some days from now under the suggested dose."""

    days: int
    score: Band


@dataclass(frozen=True)
class Estimate:
    """Model estimate for one patient. `options`: dose options in ascending order, the week without a dose last.

    `learned` is the share of the uncertainty about this patient's response removed by their scores, `learned_of_dose`
    how far the weights of the dose–response hypotheses have moved, both 0 to 1. `p` is how often the model produces a
    course as surprising as this one; `effective` is the effective sample size as a share of the particles.
    """

    options: Sequence[DoseOptionEstimate]
    path: Sequence[PathPoint]
    wears_off_days: tuple[float, float, float] | None
    scores: int
    learned: float
    learned_of_dose: float
    learned_text: str
    answers: Mapping[str, float]
    known_answers: Mapping[str, float]
    p: float
    effective: float
    agrees: str
    notes: Sequence[str]
    made_with: Mapping[str, str]


@dataclass(frozen=True)
class NoEstimate:
    """Reason why there is no estimate."""

    why: str


def estimate(
    course: TreatmentCourse,
    protocol: InfusionProtocol,
    rule: Titration,
    scale: Scale,
    suggestion: Suggestion,
    *,
    at: datetime,
    knowledge: Knowledge,
    weights: Mapping[str, float] | None = None,
) -> Estimate | NoEstimate:
    """Estimate a course at a time, in addition to the rule's `suggestion`.

    `weights` of the dose–response hypotheses as signed by a medical director; None for those of the knowledge files.
    Returns `NoEstimate` for invalid scores, where the director switched the estimate off, and where the model does not
    fit the patient. Doses above the rule's cap are left out.
    """
    course = as_of(course, at)
    why = _why_not(course, rule, scale, suggestion)
    if why:
        return NoEstimate(why)
    with one_at_a_time:
        return _estimated(course, protocol, rule, suggestion, at, EstimateInputs.of(knowledge), weights)


def _estimated(
    course: TreatmentCourse,
    protocol: InfusionProtocol,
    rule: Titration,
    suggestion: Suggestion,
    at: datetime,
    inputs: EstimateInputs,
    weights: Mapping[str, float] | None,
) -> Estimate | NoEstimate:
    choices = inputs.choices
    known = weights or {h.id: h.weight for h in inputs.dose_effect.hypotheses}
    by_answer = np.array([known[name] for name in HYPOTHESES])
    assert course.weight is not None  # by _why_not
    group = Group.of(float(course.weight.kg), course.about.failed_trials, rule.instrument, choices)
    particles = particles_of(group, inputs)
    timeline = timeline_of(
        course, rule.instrument, at, interaction_noise=choices.interaction_noise, severity=inputs.severity
    )
    timeline = _with_minutes(timeline, protocol, rule)
    life, posterior = posterior_of(particles, by_answer, timeline)
    p = normal_sum(posterior.surprises)
    if p < choices.surprise_below:
        return NoEstimate(
            f"This patient's course does not look like the model: scores as surprising as these come in {_rare(p)} "
            "courses. Only the rule speaks"
        )
    if timeline.today > life.day:
        propagate(posterior.particles, timeline, life, timeline.today, [])
    people = drawn(posterior, life, choices.draws)
    return _explanation(
        course, protocol, rule, suggestion, timeline, people, posterior, prior(particles, by_answer), p
    )


def _rare(p: float) -> str:
    return f"{p * 1000:.0f} of 1,000" if p >= 0.001 else "fewer than 1 of 1,000"


def warm_up(knowledge: Knowledge) -> None:
    """Loads what is compiled at first use, so that the first patient of the day is as quick as the second."""
    with one_at_a_time:
        _warm(EstimateInputs.of(knowledge))


def _warm(inputs: EstimateInputs) -> None:
    choices = inputs.choices
    particles = particles_of(Group.of(TYPICAL_KG, None, "phq-9", choices), inputs)
    dose = DoseDay(0, TYPICAL_MG_PER_KG, TYPICAL_H * 60, True, None, "")
    scores = [ScoreDay(day, points, "phq-9", 14, 1.0, "") for day, points in ((0, 20.0), (7, 18.0))]
    timeline = Timeline([dose], scores, 7, None, ())
    life, posterior = posterior_of(particles, inputs.weights, timeline)
    wears_off_days(drawn(posterior, life, choices.draws), timeline, replace(dose, day=7))


def _why_not(course: TreatmentCourse, rule: Titration, scale: Scale, suggestion: Suggestion) -> str:
    switched = [w for kind in ("estimate_off", "estimate_on") for w in course.said(kind)]
    last = max(switched, key=lambda w: (w.at, w.id), default=None)
    if last is not None and last.kind == "estimate_off":
        return "The medical director has switched the estimate off for this patient"
    if rule.unit != "mg/kg" or scale.id not in MODELED:
        return (
            "The model covers weight-based infusions followed by a depression scale. This course is different"
        )
    if course.signed is None:
        return "No estimate: the protocol's clinical limits are not signed"
    if suggestion.outcome is Outcome.CONTACT_TODAY:
        return "Speak with the patient first"
    if suggestion.missing and not suggestion.prescriber_decides:
        return f"No estimate without a valid score. Missing: {suggestion.missing[0]}"
    if course.weight is None:
        return "No weight recorded"
    if baseline(course, rule.instrument) is None:
        return f"No {scale.title} score before the first dose"
    return ""


def _with_minutes(timeline: Timeline, protocol: InfusionProtocol, rule: Titration) -> Timeline:
    """Doses without recorded minutes get the protocol's duration."""
    doses = [
        d if d.minutes > 0 else replace(d, minutes=minutes_of(protocol, rule, d.mg_per_kg))
        for d in timeline.doses
    ]
    return replace(timeline, doses=doses)


def _explanation(
    course: TreatmentCourse,
    protocol: InfusionProtocol,
    rule: Titration,
    suggestion: Suggestion,
    timeline: Timeline,
    people: Draws,
    posterior: Posterior,
    known: Posterior,
    p: float,
) -> Estimate:
    particles, choices = people.particles, people.particles.choices
    today, every = timeline.today, protocol.every_days
    sessions_left = max(protocol.sessions - len(course.doses), 1)
    first = baseline(course, rule.instrument)
    assert first is not None and first.total is not None  # by _why_not
    bound = highest_total_with_fall(first.total, rule.hold_from_fall_percent)
    taking = timeline.doses[-1].antidepressant if timeline.doses else course.about.antidepressant is not False
    current = course.doses_in_order[-1].ordered if course.doses else None
    limit = (course.signed.limits if course.signed else {}).get("during_systolic_mmhg")
    started = [d.systolic_start_mmhg for d in course.doses_in_order if d.systolic_start_mmhg is not None]

    def dose_days(dose: Decimal, days: Sequence[int]) -> list[DoseDay]:
        minutes = minutes_of(protocol, rule, float(dose))
        return [DoseDay(day, float(dose), minutes, taking, None, "") for day in days]

    days = [today + every * n for n in range(1, sessions_left + 1)]
    options, ends = list[DoseOptionEstimate](), dict[Decimal | None, Floats]()
    doses: list[Decimal | None] = [*[d for d in rule.ladder if d <= rule.cap], None]
    path: Sequence[PathPoint] = ()
    for dose in doses:
        # A week without is followed by the dose as it was, so that only this week differs.
        plan = (
            dose_days(dose, [today, *days[:-1]])
            if dose is not None
            else dose_days(current if current is not None else rule.start, days[:-1])
        )
        seen = ahead(people, timeline, plan, days, posterior.wobble_day)
        ends[dose] = seen.true[-1]
        minutes = minutes_of(protocol, rule, float(dose)) if dose is not None else 0.0
        amount = (float(dose) if dose is not None else 0.0, minutes)
        options.append(
            DoseOptionEstimate(
                dose=dose,
                next_score=_band(seen.written[0]),
                response=float(np.mean(seen.written[-1] <= bound)),
                end_score=float(np.mean(seen.true[-1])),
                over_pressure=pressure_over(
                    people,
                    timeline,
                    amount,
                    start_mmhg=float(np.mean(started)) if started else None,
                    limit_mmhg=float(limit) if limit is not None else None,
                    age_years=course.about.age_years,
                    hypertension=course.about.hypertension,
                    readings=choices.pressure_readings,
                )
                if dose is not None
                else None,
                dissociation=dissociation(people, amount, len(course.doses) + 1) if dose is not None else 0.0,
                allowed=_allowed(rule, dose, current, suggestion),
            )
        )
        if dose is not None and dose == (suggestion.dose if suggestion.dose is not None else current):
            path = [PathPoint(day - today, _band(seen.written[n])) for n, day in enumerate(days)]
    learned, answers, known_answers = _learned(posterior, known), _answers(posterior), _answers(known)
    now = suggestion.dose if suggestion.dose is not None else current if current is not None else rule.start
    return Estimate(
        options=options,
        path=path,
        wears_off_days=wears_off_days(people, timeline, dose_days(now, [today])[0]),
        scores=posterior.scores,
        learned=learned,
        learned_of_dose=sum(abs(answers[n] - known_answers[n]) for n in HYPOTHESES) / 2,
        learned_text=next(text for below, text in choices.learned if learned < below),
        answers=answers,
        known_answers=known_answers,
        p=p,
        effective=posterior.effective_share,
        agrees=_agrees(ends, suggestion, current, choices.hysteresis_sd),
        notes=timeline.notes,
        made_with={
            "parameters": particles.effects.parameters.hash,
            "estimate": f"{choices.id} v{choices.version}",
            "particles": str(choices.particles),
            "numpy": np.__version__,
        },
    )


def _allowed(rule: Titration, dose: Decimal | None, current: Decimal | None, suggestion: Suggestion) -> bool:
    if dose is None or current is None:
        return dose is None or dose == rule.start
    higher = [rung for rung in rule.ladder if rung > current][: rule.rungs_per_step]
    return dose <= current or dose in higher


def _band(values: Floats) -> Band:
    low, lower, mid, upper, high = (float(v) for v in np.quantile(values, _BANDS, method="inverted_cdf"))
    return low, lower, mid, upper, high


def _answers(posterior: Posterior) -> Mapping[str, float]:
    """How likely each answer to dose and benefit is, by the particles under it."""
    w, answer = posterior.weight, posterior.particles.answer
    return {name: float(w[answer == n].sum()) for n, name in enumerate(HYPOTHESES)}


def _learned(posterior: Posterior, known: Posterior) -> float:
    """By how much the spread of what a typical session does for this person has shrunk; 0 to 1."""

    def variance(of: Posterior) -> float:
        left = np.exp(-of.particles.theta - of.particles.expects)
        mean = float(of.weight @ left)
        return float(of.weight @ (left - mean) ** 2)

    before = variance(known)
    return min(max(1 - variance(posterior) / before, 0.0), 1.0) if before > 0 else 0.0


def _agrees(
    ends: Mapping[Decimal | None, Floats],
    suggestion: Suggestion,
    current: Decimal | None,
    hysteresis_sd: float,
) -> str:
    """What the model says to the rule's dose, against going on as now, in a sentence."""
    dose = suggestion.dose
    if dose is None or dose not in ends:
        return ""
    if current is None or dose == current or current not in ends:
        others = {d: e for d, e in ends.items() if d is not None and d > dose}
        if not others:
            return "The model has nothing against it."
        other = min(others)
        gain = float(np.mean(ends[dose] - ends[other]))
        if abs(gain) < 0.05:
            return f"The model sees no difference between {dose} and {other}."
        return f"Going to {other} instead would be expected to end {_by(gain)}."
    difference = ends[current] - ends[dose]
    gain, spread = float(np.mean(difference)), float(np.std(difference))
    if abs(gain) < 0.05:
        return f"The model sees no difference between {dose} and {current}."
    sure = gain > hysteresis_sd * spread
    head = "The model agrees, weakly." if sure else "The model sees no clear gain."
    if gain < -hysteresis_sd * spread:
        head = "The model does not agree."
    return f"{head} {dose} is expected to end {_by(gain)} than {current}."


def _by(gain: float) -> str:
    return f"{abs(gain):.1f} points {'better' if gain >= 0 else 'worse'}"


def estimate_as_json(found: Estimate | NoEstimate) -> dict[str, Any]:
    """Plain values, rounded for reading; the same estimate is the same document."""
    if isinstance(found, NoEstimate):
        return {"why_not": found.why}

    def band(b: Band) -> dict[str, float]:
        return dict(zip(("p10", "p25", "p50", "p75", "p90"), b, strict=True))

    return {
        "label": "a model's estimate",
        "rungs": [
            {
                "dose_mg_per_kg": None if r.dose is None else f"{r.dose:f}",
                "next_score": band(r.next_score),
                "response": round(r.response, 3),
                "end_score": round(r.end_score, 2),
                "over_pressure": None if r.over_pressure is None else round(r.over_pressure, 3),
                "dissociation": round(r.dissociation, 3),
                "allowed": r.allowed,
            }
            for r in found.options
        ],
        "path": [{"days": point.days, **band(point.score)} for point in found.path],
        "wears_off_days": None
        if found.wears_off_days is None
        else dict(zip(("median", "p10", "p90"), found.wears_off_days, strict=True)),
        "scores": found.scores,
        "learned": round(found.learned, 3),
        "learned_of_dose": round(found.learned_of_dose, 3),
        "learned_text": found.learned_text,
        "answers": {name: round(v, 3) for name, v in found.answers.items()},
        "known_answers": {name: round(v, 3) for name, v in found.known_answers.items()},
        "p": round(found.p, 4),
        "effective": round(found.effective, 4),
        "agrees": found.agrees,
        "notes": list(found.notes),
        "made_with": dict(found.made_with),
    }
