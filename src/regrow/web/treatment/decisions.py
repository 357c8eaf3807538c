"""From a suggestion to a signed order, for the web and the command line."""

import platform
from datetime import datetime
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from typing import Any

from regrow import __version__
from regrow.course import TreatmentCourse as CoreCourse
from regrow.dosing import (
    BadInfusion,
    BadOrder,
    BadWeight,
    Order,
    Outcome,
    Suggestion,
    dose_slips,
    make_order,
    order_as_json,
    suggest,
    suggestion_as_json,
)
from regrow.individual_estimate import Estimate, NoEstimate, estimate, estimate_as_json
from regrow.knowledge import Protocol, Titration
from regrow.web.accounts.api import User
from regrow.web.appointments.api import Appointment, next_appointment
from regrow.web.audit import api as audit
from regrow.web.courses.api import ClinicianStatement, Course, protocol_of, rule_of, titrated
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import locked
from regrow.web.platform.formats import clock_time

from .course_builder import build_course
from .dose_response import weights_in_force
from .models import DoseDecision
from .orders import changed_protocol_text, weight_jump


def suggestion_of(
    course: Course,
    at: datetime | None = None,
    rule: Titration | None = None,
    *,
    core: CoreCourse | None = None,
) -> Suggestion:
    """Return the suggestion of the course's rule, now or at a moment, or of another `rule`. Raises `ActionRefused`.

    `core` is the course as known at that moment, where it is already loaded.
    """
    moment = at or clock.now()
    rule = rule or rule_of(course)
    if rule is None:
        raise ActionRefused("This protocol has no titration rule.")
    core = core or build_course(course, moment)
    scale, weights = knowledge.scale(rule.instrument), knowledge.dosing_weights()
    return suggest(rule, scale, core, at=moment, weights=weights)


def estimate_of(
    course: Course, suggestion: Suggestion, at: datetime, *, core: CoreCourse | None = None
) -> Estimate | NoEstimate | None:
    """Return the model estimate beside a suggestion; None where the dose does not depend on a weight."""
    protocol, rule = titrated(course), rule_of(course)
    if protocol is None or rule is None:
        return None
    if not estimates_shown(at):
        return NoEstimate("The medical director has switched the estimate off for the clinic")
    scale = knowledge.scale(rule.instrument)
    record = core or build_course(course, at)
    return estimate(
        record,
        protocol,
        rule,
        scale,
        suggestion,
        at=at,
        knowledge=knowledge,
        weights=weights_in_force(at),
    )


def estimates_shown(at: datetime) -> bool:
    """Whether the medical director shows estimates: the last clinic-wide statement."""
    last = ClinicianStatement.objects.filter(course=None, at__lte=at).order_by("-at").first()
    return last is None or last.kind != "estimate_off"


def order_for(course: Course, dose: Decimal, *, core: CoreCourse | None = None, prn: str = "") -> Order:
    """Return the order for a dose in mg/kg at the weight on file. Raises `ActionRefused` naming the fix."""
    protocol, rule = titrated(course), rule_of(course)
    if protocol is None or rule is None:
        raise ActionRefused("This protocol has no titration rule.")
    try:
        core = core or build_course(course)
        return make_order(protocol, rule, core, dose, weights=knowledge.dosing_weights(), prn=prn)
    except (BadInfusion, BadOrder, BadWeight) as why_not:
        raise ActionRefused(str(why_not)) from why_not


def sign_decision(
    course: Course,
    *,
    choice: str,
    dose: str,
    reason: str,
    signed_by: User,
    prn: str = "",
    once: str | None = None,
    seen: str | None = None,
) -> DoseDecision:
    """Record accept, change or decline for the next session. Raises `ActionRefused` naming the fix.

    `seen` is the id of the last decision that the signer saw, "" for none; another one since then refuses this one.
    """
    locked(course)  # two prescribers sign one after the other
    if once:
        known = DoseDecision.objects.filter(id=once).select_related("appointment").first()
        if known and known.appointment.course_id != course.id:
            raise ActionRefused("This form was sent before for another patient. Reload the page.")
        if known:
            return known
    appointment = next_appointment(course)
    if appointment is None:
        raise ActionRefused("No upcoming session. Schedule a course first.")
    if seen is not None:
        _refuse_unseen(appointment, seen)
    if hasattr(appointment, "session"):
        raise ActionRefused(
            "The session has started under a signed order. A new dose applies to the next session."
        )
    if course.signature.file_changed and choice != "declined":
        raise ActionRefused(changed_protocol_text(course))
    if choice not in ("accepted", "changed", "declined"):
        raise ActionRefused("Choose accept, change or decline.")
    if choice != "accepted" and not reason:
        raise ActionRefused("Enter a reason for the change or decline. It is saved with the order.")
    now = clock.now()
    rule = rule_of(course)
    core = build_course(course, now)
    suggestion = suggestion_of(course, now, core=core) if rule else None
    found = estimate_of(course, suggestion, now, core=core) if suggestion else None
    suggested = suggestion_record(course, suggestion, found, now)
    order: dict[str, Any] | None = None
    if choice != "declined":
        if rule and titrated(course):
            assert suggestion is not None  # with a rule
            order = _order(course, core, _dose(rule, suggestion, choice, dose), reason, prn)
        else:
            _refuse_while_unsafe(suggestion)
            order = fixed_order(protocol_of(course), dose)
    decision = DoseDecision.objects.create(
        **({"id": once} if once else {}),
        appointment=appointment,
        choice=choice,
        suggested=suggested,
        reason=reason,
        order=order,
        signed_by=signed_by,
        signed_at=now,
    )
    audit.append(
        who=signed_by.username,
        role=signed_by.role,
        action="write",
        what=f"treatment: dose {choice}",
        patient=str(course.patient_id),
        why=reason,
    )
    return decision


def _refuse_unseen(appointment: Appointment, seen: str) -> None:
    last = appointment.decisions.select_related("signed_by").order_by("-signed_at").first()
    if last is not None and str(last.id) != seen:
        raise ActionRefused(
            f"{last.signed_by.shown_name} signed a decision at {clock_time(last.signed_at)}, after you opened this page: "
            f"{last.get_choice_display().lower()}. Review it, then decide again."
        )


def suggestion_record(
    course: Course, suggestion: Suggestion | None, found: Estimate | NoEstimate | None, at: datetime
) -> dict[str, Any]:
    """Return a suggestion as saved with the decision, with every version needed to recompute it."""
    return {
        "rule": suggestion_as_json(suggestion) if suggestion else None,
        "estimate": estimate_as_json(found) if found else None,
        "protocol": course.signature.file_id,
        "version": course.signature.version,
        "at": at.isoformat(),
        "made_with": made_with(),
    }


def made_with() -> dict[str, str]:
    return {
        "regrow": __version__,
        "python": platform.python_version(),
        "numpy": version("numpy"),
    }


def fixed_order(protocol: Protocol, written: str) -> dict[str, Any]:
    """Build an order in mg for a product that is not dosed by weight. The session checks it against the signed limits."""
    try:
        mg = Decimal(written)
    except InvalidOperation as error:
        raise ActionRefused("Enter the dose as a number in mg, such as 56.") from error
    devices = protocol.session.devices
    if devices and mg not in devices.doses_mg:
        raise ActionRefused(f"Order {' or '.join(f'{dose:f}' for dose in devices.doses_mg)} mg.")
    if not mg.is_finite() or not 0 < mg < 1000:
        raise ActionRefused("Enter a dose above 0 mg and below 1000 mg.")
    return {"prepared_mg": str(mg), "dose_mg": str(mg)}


def _refuse_while_unsafe(suggestion: Suggestion | None) -> None:
    if suggestion and suggestion.outcome is Outcome.CONTACT_TODAY:
        raise ActionRefused(
            "Contact the patient first: resolve the open alert, or record the contact; then order a dose."
        )


def _dose(rule: Titration, suggestion: Suggestion, choice: str, written: str) -> Decimal:
    _refuse_while_unsafe(suggestion)
    suggested = suggestion.dose
    if choice == "accepted" and suggested is None:
        raise ActionRefused("There is no suggestion to accept.")
    try:
        dose = Decimal(written)
    except InvalidOperation as error:
        raise ActionRefused("Enter the dose as a number in mg/kg, such as 0.5.") from error
    if choice == "accepted" and dose != suggested:
        raise ActionRefused(f"New data: the suggestion is now {suggested} mg/kg. Review it.")
    if not dose.is_finite() or not 0 < dose <= rule.cap:
        slips = dose_slips(dose, rule.ladder) if dose.is_finite() and dose > 0 else ()
        looks = f" {slips[0]}." if slips else ""
        raise ActionRefused(
            f"{dose} mg/kg is outside this protocol: above 0 and up to its cap of {rule.cap} mg/kg.{looks}"
        )
    slips = dose_slips(dose, rule.ladder)
    if slips:
        raise ActionRefused(f"{slips[0]}. Enter the dose again.")
    return dose


def _order(course: Course, core: CoreCourse, dose: Decimal, reason: str, prn: str) -> dict[str, Any]:
    """Build the order from the same records as the suggestion."""
    if core.weight is None:
        raise ActionRefused("No weight is on file. Record today's weight, then the order can be signed.")
    jump = weight_jump(course, core)
    if jump and not reason:
        raise ActionRefused(jump)
    return dict(order_as_json(order_for(course, dose, core=core, prn=prn)))
