"""Past suggestions made again from the records of their time, and another rule run silently beside them."""

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
    """A decision's suggestion as it was kept, and as the records and versions of its time make it again."""

    decision: DoseDecision
    kept: dict[str, Any]
    again: dict[str, Any]

    @property
    def same(self) -> bool:
        return self.kept == self.again


def replayed(decision: DoseDecision) -> Replayed | None:
    """None where no rule spoke at the time."""
    kept = decision.suggested.get("rule")
    if not kept:
        return None
    at = datetime.fromisoformat(decision.suggested["at"])
    rule = knowledge.titration(kept["rule"], kept["version"])
    again = suggestion_as_json(suggestion_of(decision.appointment.course, at, rule))
    return Replayed(decision, kept, again)


@dataclass(frozen=True)
class Differs:
    """Where another rule would have said something else than the signed one, at a decision that was made."""

    course: Course
    at: datetime
    signed: Suggestion
    other: Suggestion

    @property
    def patient(self) -> Any:
        return self.course.patient


@dataclass(frozen=True)
class Shadow:
    """Another rule run at every decision so far of courses under one protocol; nobody was dosed by it."""

    rule: Titration
    decisions: int
    courses: int
    differ: Sequence[Differs]


def shadow(rule: Titration, protocol_id: str, courses: Iterable[Course] | None = None) -> Shadow:
    """What `rule` would have said at each moment when a dose was decided. Reads; writes nothing."""
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
