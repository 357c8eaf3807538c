"""Recompute past suggestions from the records of their time, and run another rule in shadow mode."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.dosing import Suggestion, suggestion_as_json
from regrow.knowledge import Titration
from regrow.web.courses.api import Course, rule_of
from regrow.web.platform.content import knowledge

from .decisions import suggestion_of
from .models import DoseDecision


@dataclass(frozen=True)
class Replayed:
    """A decision's saved suggestion, and the one recomputed from the records and versions of its time."""

    decision: DoseDecision
    kept: dict[str, Any]
    again: dict[str, Any]

    @property
    def same(self) -> bool:
        return self.kept == self.again


def replayed(decision: DoseDecision) -> Replayed | None:
    """Return None where no rule was applied at the time."""
    kept = decision.suggested.get("rule")
    if not kept:
        return None
    at = datetime.fromisoformat(decision.suggested["at"])
    rule = knowledge.titration(kept["rule"], kept["version"])
    again = suggestion_as_json(suggestion_of(decision.appointment.course, at, rule))
    return Replayed(decision, kept, again)


@dataclass(frozen=True)
class Differs:
    """A past decision where another rule gives a different suggestion."""

    course: Course
    at: datetime
    signed: Suggestion
    other: Suggestion

    @property
    def patient(self) -> Any:
        return self.course.patient


@dataclass(frozen=True)
class Shadow:
    """Shadow mode: another rule at every past decision of courses under one protocol. Affects no dose."""

    rule: Titration
    decisions: int
    courses: int
    differ: Sequence[Differs]


def shadow(rule: Titration, protocol_id: str, courses: Iterable[Course] | None = None) -> Shadow:
    """Evaluate `rule` at each past dose decision. Read-only."""
    decisions = DoseDecision.objects.filter(
        appointment__course__signature__file_id=protocol_id
    ).select_related("appointment__course__signature", "appointment__course__patient")
    if courses is not None:
        decisions = decisions.filter(appointment__course__in=list(courses))
    differ, seen, count = list[Differs](), set[Any](), 0
    for decision in decisions.order_by("signed_at"):
        course, at = decision.appointment.course, decision.signed_at
        own = rule_of(course)
        if own is None or own.unit != rule.unit:
            continue
        count += 1
        seen.add(course.id)
        signed, other = suggestion_of(course, at), suggestion_of(course, at, rule)
        if (signed.outcome, signed.dose) != (other.outcome, other.dose):
            differ.append(Differs(course, at, signed, other))
    return Shadow(rule, count, len(seen), differ)
