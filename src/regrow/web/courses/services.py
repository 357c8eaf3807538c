"""Protocol, titration rule and instrument of a course."""

from regrow.knowledge import InfusionProtocol, Protocol, Titration
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

from .models import Course

# The instrument of the weekly check-in, unless the protocol names another.
WEEKLY = "phq-9"


def current_course(patient: Patient) -> Course | None:
    return patient.courses.select_related("signature").order_by("-planned_at").first()


def protocol_of(course: Course) -> Protocol:
    """Return the protocol version that the course was signed under."""
    return knowledge.protocol(course.signature.file_id, course.signature.version)


def titrated(course: Course) -> InfusionProtocol | None:
    """Return the protocol of a course titrated by a score; None for any other."""
    protocol = protocol_of(course)
    return protocol if isinstance(protocol, InfusionProtocol) else None


def rule_of(course: Course) -> Titration | None:
    """Return the titration rule in the signed version; None for a fixed regimen."""
    named = protocol_of(course).titration
    return knowledge.titration(*named) if named else None


def instrument_of(course: Course | None) -> str:
    """Return the course's instrument; the weekly mood check without a rule."""
    rule = rule_of(course) if course else None
    return rule.instrument if rule else WEEKLY


def close_courses(patient: Patient) -> None:
    """Close the patient's open courses: no outreach follows. Treatment begins again with a new course."""
    patient.courses.filter(closed_at__isnull=True).update(closed_at=clock.now())


def schedule_next_outreach(patient: Patient) -> None:
    """Schedule the patient's open courses for the next outreach run: an input has changed."""
    patient.courses.filter(closed_at__isnull=True, next_outreach_at__isnull=False).update(
        next_outreach_at=clock.now()
    )
