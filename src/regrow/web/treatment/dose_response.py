"""Dose-response evidence from the clinic's courses, and the weights signed by a medical director."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regrow.individual_estimate import evidence_of, learned
from regrow.simulation.arrays import Floats
from regrow.web.accounts.api import Role, User
from regrow.web.audit import api as audit
from regrow.web.courses.api import rule_of
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge

from .course_builder import build_course
from .models import HypothesisWeights
from .services import courses_started


@dataclass(frozen=True)
class Batch:
    """Courses that started consecutively, and the weights after counting them and all before."""

    number: int
    courses: int
    first: datetime
    last: datetime
    weights: Mapping[str, float]


@dataclass(frozen=True)
class DoseResponseEvidence:
    """`suggested` are the weights after all courses; `batches` how they developed."""

    in_force: Mapping[str, float]
    signed: HypothesisWeights | None
    known: Mapping[str, float]
    suggested: Mapping[str, float]
    courses: int
    left_out: int
    batches: Sequence[Batch]


def weights_in_force(at: datetime) -> Mapping[str, float]:
    """Return the weights signed last, or the knowledge file's without a signature."""
    signed = HypothesisWeights.objects.filter(signed_at__lte=at).order_by("-signed_at").first()
    return signed.weights if signed else _published_weights()


def dose_response_evidence() -> DoseResponseEvidence:
    """Return every started course in order of start, by the current records."""
    now = clock.now()
    size = knowledge.estimate_choices().learning_batch
    evidence, began, left_out = list[Floats](), list[datetime](), 0
    for course in sorted(courses_started(), key=lambda c: (c.planned_at, str(c.id))):
        rule = rule_of(course)
        batch = len(evidence) // size
        found = evidence_of(build_course(course, now), rule, now, batch, knowledge) if rule else None
        if found is None:
            left_out += 1
            continue
        evidence.append(found)
        began.append(course.planned_at)
    batches = [
        Batch(
            n // size + 1,
            len(evidence[n : n + size]),
            began[n],
            began[min(n + size, len(began)) - 1],
            learned(evidence[: n + size], knowledge),
        )
        for n in range(0, len(evidence), size)
    ]
    signed = HypothesisWeights.objects.order_by("-signed_at").first()
    return DoseResponseEvidence(
        weights_in_force(now),
        signed,
        _published_weights(),
        batches[-1].weights if batches else _published_weights(),
        len(evidence),
        left_out,
        batches,
    )


def sign_weights(*, by: User, reason: str) -> HypothesisWeights:
    """Sign the suggested weights. Raises `ActionRefused` for anyone but the medical director, or without a reason."""
    if by.works_as != Role.DIRECTOR:
        raise ActionRefused("Only the medical director can sign these weights.")
    if not reason.strip():
        raise ActionRefused("Enter why you trust these courses. It is saved with the weights.")
    found = dose_response_evidence()
    if not found.courses:
        raise ActionRefused(
            "No course has both a dose and a score yet. Weights can be signed after the first."
        )
    made = HypothesisWeights.objects.create(
        weights=dict(found.suggested),
        evidence={
            "courses": found.courses,
            "left_out": found.left_out,
            "batches": [dict(b.weights) for b in found.batches],
        },
        reason=reason.strip(),
        signed_by=by,
        signed_at=clock.now(),
    )
    audit.append(
        who=by.username,
        role=by.role,
        action="write",
        what="treatment: weights of dose and benefit signed",
        patient="",
        why=made.reason,
    )
    return made


def _published_weights() -> Mapping[str, float]:
    return {h.id: h.weight for h in knowledge.dose_effect().hypotheses}
