"""Tasks after induction: plan a booster before the effect is likely to wear off, and react to rising scores.

Schedules nothing. Each is a task for the patient's owner, created once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from regrow.course import CourseScore, baseline
from regrow.course import TreatmentCourse as CoreCourse
from regrow.individual_estimate import Estimate
from regrow.knowledge import Scale
from regrow.scales import NotComparable, change, shown
from regrow.web.courses.api import Course, instrument_of, rule_of
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.bounded_cache import BoundedCache
from regrow.web.platform.content import knowledge

from .course_builder import build_course
from .decisions import estimate_of, estimates_shown, suggestion_of
from .dose_response import weights_in_force

# Days until half of the effect may be gone, keyed by every input of the estimate.
_wears_off_days = BoundedCache[float | None](size=2000)


def reassessment_tasks(course: Course, now: datetime) -> Sequence[tuple[str, str]]:
    """Return (key, text) of the tasks due after the series; empty while sessions remain."""
    if course.appointments.filter(canceled_at__isnull=True, session__closed_at__isnull=True).exists():
        return ()
    core = build_course(course, now)
    if not core.doses:
        return ()
    scale = knowledge.scale(instrument_of(course))
    return [*_risen(core, scale), *_booster(course, core, scale, now)]


def _scores_after(core: CoreCourse, scale: Scale) -> Sequence[CourseScore]:
    first = core.doses_in_order[0].ended_at
    return [s for s in core.scores_in_order(scale.id) if s.total is not None and s.taken_at > first]


def _risen(core: CoreCourse, scale: Scale) -> Sequence[tuple[str, str]]:
    """Return the task for a lost response."""
    first, after = baseline(core, scale.id), _scores_after(core, scale)
    if first is None or len(after) < 2:
        return ()
    try:
        had = any(change(scale, baseline=first, now=score).response for score in after[:-1])
        has = change(scale, baseline=first, now=after[-1]).response
    except NotComparable:
        return ()
    if not had or has:
        return ()
    lowest = min(s.total for s in after if s.total is not None)
    text = (
        f"{scale.title} has risen to {shown(after[-1].total or 0)} from {shown(lowest)}: the response is lost. "
        "Discuss the next step with the patient; a booster is one option."
    )
    return [(f"risen:{after[-1].id}", text)]


def _booster(course: Course, core: CoreCourse, scale: Scale, now: datetime) -> Sequence[tuple[str, str]]:
    after = _scores_after(core, scale)
    ended = core.doses_in_order[-1].ended_at
    if not after:
        return ()
    if not estimates_shown(now):
        return ()
    # Records as of the last score do not change; the inputs of the estimate may.
    weights = weights_in_force(now)
    made_with = (tuple(sorted(weights.items())), knowledge.effect_parameters().hash, rule_of(course))
    early = _wears_off_days.get_or_compute(
        (course.id, after[-1].id, made_with),
        lambda: _early_days(course, after[-1].taken_at + timedelta(minutes=1)),
    )
    ahead = knowledge.contact().pace.booster_visit
    if early is None or now < ended + timedelta(days=early) - ahead:
        return ()
    text = (
        f"By the model's estimate the effect may begin to wear off from day {early:.0f} after the last session. "
        "Discuss spacing and boosters with the patient."
    )
    return [("booster-talk", text)]


def _early_days(course: Course, at: datetime) -> float | None:
    """Return the 10th percentile of days until half of the effect is gone; None without an estimate."""
    try:
        core = build_course(course, at)
        found = estimate_of(course, suggestion_of(course, at, core=core), at, core=core)
    except ActionRefused:
        return None
    return found.wears_off_days[1] if isinstance(found, Estimate) and found.wears_off_days else None
