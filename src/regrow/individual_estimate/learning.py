"""What many courses say about dose and benefit: evidence for each answer, adding up course by course."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from regrow.course import TreatmentCourse, as_of
from regrow.knowledge import HYPOTHESES, Knowledge, Titration
from regrow.simulation.arrays import Floats
from regrow.simulation.scales import MODELED

from .inputs import EstimateInputs
from .particles import Group, Particles, one_at_a_time
from .posterior import draw_initial, observe, prior, propagate
from .timeline import Timeline, timeline_of

_groups: dict[tuple[Group, int, str], Particles] = {}
_GROUPS_KEPT = 16


def evidence_of(
    course: TreatmentCourse, rule: Titration, at: datetime, batch: int, knowledge: Knowledge
) -> Floats | None:
    """Log mean likelihood of a course's scores under each hypothesis, (hypothesis,); None if it cannot be computed.

    `batch` selects a fresh set of particles: one finite set for all courses would bias the sum.
    """
    course = as_of(course, at)
    if course.weight is None or rule.instrument not in MODELED or rule.unit != "mg/kg":
        return None
    inputs = _inputs(knowledge)
    choices = inputs.choices
    timeline = timeline_of(
        course, rule.instrument, at, interaction_noise=choices.interaction_noise, severity=inputs.severity
    )
    if not timeline.doses or not any(s.day > 0 for s in timeline.scores):
        return None
    group = Group.of(float(course.weight.kg), course.about.failed_trials, rule.instrument, choices)
    with one_at_a_time:
        return _evidence(_particles(group, batch, inputs), timeline)


def _evidence(particles: Particles, timeline: Timeline) -> Floats:
    doses = [d if d.minutes > 0 else replace(d, minutes=40.0) for d in timeline.doses]
    timeline = replace(timeline, doses=doses)
    every = np.full(len(HYPOTHESES), 1 / len(HYPOTHESES))
    life, posterior = draw_initial(particles), prior(particles, every)
    asked = [(s.day, s.looks_back > 1) for s in timeline.scores]
    shares, _ = propagate(particles, timeline, life, max(day for day, _ in asked), asked)
    for score, share in zip(timeline.scores, shares, strict=True):
        observe(posterior, score, share)
    most = posterior.log_weight.max()
    raised = np.exp(posterior.log_weight - most)
    means = np.array([raised[particles.answer == a].mean() for a in range(len(HYPOTHESES))])
    return np.asarray(np.log(np.maximum(means, 1e-300)) + most)


def _inputs(knowledge: Knowledge) -> EstimateInputs:
    """Those of the estimate, with as many particles as learning takes."""

    def make() -> EstimateInputs:
        own = EstimateInputs.of(knowledge)
        return replace(own, choices=replace(own.choices, particles=own.choices.learning_particles))

    return knowledge.cached(("learning inputs",), make)


def _particles(group: Group, batch: int, inputs: EstimateInputs) -> Particles:
    key = (group, batch, inputs.hash)
    if key not in _groups:
        while len(_groups) >= _GROUPS_KEPT:
            _groups.pop(next(iter(_groups)))
        _groups[key] = Particles(group, inputs, 1000 + batch, paired=True)
    return _groups[key]


def learned(evidence: Sequence[Floats], knowledge: Knowledge) -> Mapping[str, float]:
    """Weights of the answers after these courses: tempered, and with a floor under each (knowledge `estimate`)."""
    choices, known = knowledge.estimate_choices(), knowledge.dose_effect()
    prior_weights = np.array(
        [next(h.weight for h in known.hypotheses if h.id == name) for name in HYPOTHESES]
    )
    found = learn(
        prior_weights,
        np.array(evidence).reshape(-1, len(HYPOTHESES)),
        power=choices.learning_power,
        floor=choices.learning_floor,
    )
    return dict(zip(HYPOTHESES, (float(w) for w in found), strict=True))


def learn(prior_weights: Floats, evidence: Floats, *, power: float, floor: float) -> Floats:
    """Weights after `evidence` (course, answer), log mean likelihoods: tempered, with a floor under every answer."""
    logs = np.log(prior_weights) + power * evidence.sum(axis=0)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    weights = np.maximum(weights, floor)
    return np.asarray(weights / weights.sum())
