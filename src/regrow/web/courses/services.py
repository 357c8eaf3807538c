"""What other desks may ask of the prescriber's desk."""

from regrow.knowledge import InfusionProtocol, Protocol, Titration
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

from .models import Course

# The scale of the weekly check-in, where a protocol does not name another.
WEEKLY = "phq-9"


def current_course(patient: Patient) -> Course | None:
    return patient.courses.select_related("signature").order_by("-planned_at").first()


def protocol_of(course: Course) -> Protocol:
    """The version the course was signed under, whatever has come into force since."""
    return knowledge.protocol(course.signature.file_id, course.signature.version)


def titrated(course: Course) -> InfusionProtocol | None:
    """The protocol of a course whose dose is titrated by a score; None for any other."""
    protocol = protocol_of(course)
    return protocol if isinstance(protocol, InfusionProtocol) else None


def rule_of(course: Course) -> Titration | None:
    """The rule that moves the dose, in the version that was signed; None where the regimen is fixed."""
    named = protocol_of(course).titration
    return knowledge.titration(*named) if named else None


def instrument_of(course: Course | None) -> str:
    """The scale a course is followed by; the weekly mood check where no rule names one."""
    rule = rule_of(course) if course else None
    return rule.instrument if rule else WEEKLY


def schedule_next_outreach(patient: Patient) -> None:
    """Look at the patient's open courses in the next outreach round: something they depend on has changed."""
    patient.courses.filter(closed_at__isnull=True, next_outreach_at__isnull=False).update(
        next_outreach_at=clock.now()
    )
