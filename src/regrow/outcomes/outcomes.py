"""Outcomes of one course and of the clinic."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.course import TreatmentCourse, baseline
from regrow.knowledge import Scale
from regrow.scales import Change, NotComparable, change


@dataclass(frozen=True)
class CourseOutcome:
    """One course's outcome. `change` is None when nothing is comparable; `why_not` then names what is missing."""

    change: Change | None
    infusions: int
    why_not: str | None


def course_outcome(scale: Scale, course: TreatmentCourse) -> CourseOutcome:
    """Compare the last valid score before the first infusion with the last valid one after it."""
    doses = course.doses_in_order
    if not doses:
        return CourseOutcome(None, 0, "no infusion has been given yet")
    first = baseline(course, scale.id)
    if first is None or first.total is None:
        return CourseOutcome(None, len(doses), f"no {scale.title} from before the first infusion")
    after = [
        s for s in course.scores_in_order(scale.id) if s.total is not None and s.taken_at > doses[0].ended_at
    ]
    if not after:
        return CourseOutcome(None, len(doses), f"no {scale.title} since the first infusion")
    try:
        return CourseOutcome(change(scale, baseline=first, now=after[-1]), len(doses), None)
    except NotComparable as reason:
        return CourseOutcome(None, len(doses), str(reason))


@dataclass(frozen=True)
class ClinicOutcomes:
    """Clinic outcomes. `started` counts everyone with an infusion; without a comparable score, a course counts as
    nonresponse.
    """

    started: int
    counted: int
    responded: int
    remitted: int
    worse: int


def clinic_outcomes(scale: Scale, courses: Sequence[TreatmentCourse]) -> ClinicOutcomes:
    outcomes = [course_outcome(scale, course) for course in courses]
    changes = [o.change for o in outcomes if o.change is not None]
    return ClinicOutcomes(
        started=sum(1 for o in outcomes if o.infusions),
        counted=len(changes),
        responded=sum(1 for c in changes if c.response),
        remitted=sum(1 for c in changes if c.remission),
        worse=sum(1 for c in changes if c.points > 0),
    )
