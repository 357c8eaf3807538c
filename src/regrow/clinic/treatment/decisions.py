"""From a suggestion to a signed order. The view and the shell both decide through here."""

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from regrow import knowledge
from regrow.clinic.accounts.models import User
from regrow.clinic.audit import log
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.dosing import (
    ContactToday,
    Infusion,
    NoSuggestion,
    Review,
    Suggestion,
    minutes_within_rate_cap,
    next_step,
    prepare_infusion,
    suggested_dose,
)
from regrow.knowledge import InfusionProtocol, Protocol

from .facts import core_course, next_booking, protocol_of, titrated
from .models import Course, Decision
from .orders import limits_of, weight_jump, weight_of


def infusion_of(protocol: InfusionProtocol, mg_per_kg: Decimal, weight_kg: Decimal) -> Infusion:
    """A dose as the protocol prepares it, made longer where the rate cap asks for it."""
    return prepare_infusion(
        mg_per_kg=mg_per_kg,
        weight_kg=weight_kg,
        vial_mg_per_ml=protocol.vial_mg_per_ml,
        bag_ml=protocol.bag_ml,
        minutes=minutes_within_rate_cap(mg_per_kg, protocol.minutes, protocol.rate_cap_mg_per_kg_h),
        bag_policy=protocol.bag_policy,
        syringe_step_ml=protocol.syringe_step_ml,
    )


def suggestion_of(course: Course) -> Suggestion:
    protocol = knowledge.infusion_protocol(course.signature.protocol, course.signature.version)
    scale = knowledge.scale(protocol.instrument)
    return next_step(protocol, limits_of(course.signature), scale, core_course(course), at=clock.now())


def sign_decision(
    course: Course, *, choice: str, dose: str, reason: str, signed_by: User, once: str | None = None
) -> Decision:
    """Records accept, change or decline for the next session. Raises `Refused` with what would satisfy it."""
    if once:
        known = Decision.objects.filter(id=once).first()
        if known:
            return known
    booking = next_booking(course)
    if booking is None:
        raise Refused("There is no session ahead to decide for. Plan a course first.")
    if hasattr(booking, "session"):
        raise Refused("The session has begun under a signed order; a new dose is decided for the next one.")
    if choice not in ("accepted", "changed", "declined"):
        raise Refused("Choose accept, change or decline.")
    if choice != "accepted" and not reason:
        raise Refused("A change or a refusal needs its reason; it is kept with the order.")
    protocol = titrated(course)
    if protocol:
        suggestion = suggestion_of(course)
        suggested = _as_json(suggestion, protocol)
        order = (
            _order(course, _dose(protocol, suggestion, choice, dose), reason)
            if choice != "declined"
            else None
        )
    else:
        suggested = {
            "kind": "NoRule",
            "protocol": course.signature.protocol,
            "version": course.signature.version,
        }
        order = fixed_order(protocol_of(course), dose) if choice != "declined" else None
    decision = Decision.objects.create(
        **({"id": once} if once else {}),
        booking=booking,
        choice=choice,
        suggested=suggested,
        reason=reason,
        order=order,
        signed_by=signed_by,
        signed_at=clock.now(),
    )
    log.append(
        who=signed_by.username,
        role=signed_by.role,
        action="write",
        what=f"treatment: dose {choice}",
        patient=str(course.patient_id),
        why=reason,
    )
    return decision


def fixed_order(protocol: Protocol, written: str) -> dict[str, Any]:
    """An order in mg, for what is not titrated by a score. The session checks it against the signed limits."""
    try:
        mg = Decimal(written)
    except InvalidOperation as error:
        raise Refused("Write the dose as a number in mg, such as 56.") from error
    devices = protocol.session.devices
    if devices and mg not in devices.doses_mg:
        raise Refused(f"Order {' or '.join(f'{dose:f}' for dose in devices.doses_mg)} mg.")
    if not mg.is_finite() or not 0 < mg < 1000:
        raise Refused("Write a dose above 0 mg and below 1000 mg.")
    return {"prepared_mg": str(mg), "dose_mg": str(mg)}


def _dose(protocol: InfusionProtocol, suggestion: Suggestion, choice: str, written: str) -> Decimal:
    if isinstance(suggestion, ContactToday):
        raise Refused("Speak with the patient and close the open alert first; then a dose can be ordered.")
    suggested = suggested_dose(suggestion)
    if choice == "accepted" and suggested is None:
        raise Refused("There is no suggestion to accept.")
    try:
        dose = Decimal(written)
    except InvalidOperation as error:
        raise Refused("Write the dose as a number in mg/kg, such as 0.5.") from error
    if choice == "accepted" and dose != suggested:
        raise Refused(f"The facts have changed: the suggestion is now {suggested} mg/kg. Look at it again.")
    if not dose.is_finite() or not 0 < dose <= protocol.cap_mg_per_kg:
        raise Refused(
            f"{dose} mg/kg is outside this protocol: above 0 and up to its cap of {protocol.cap_mg_per_kg} mg/kg."
        )
    return dose


def _order(course: Course, dose: Decimal, reason: str) -> dict[str, Any]:
    weight = weight_of(course.patient)
    if weight is None:
        raise Refused("No weight is on file. Record today's weight, then the order can be signed.")
    jump = weight_jump(course, weight)
    if jump and not reason:
        raise Refused(jump)
    protocol = knowledge.infusion_protocol(course.signature.protocol, course.signature.version)
    infusion = infusion_of(protocol, dose, weight)
    limits = limits_of(course.signature)
    if infusion.prepared_mg > limits.absolute_dose_mg:
        raise Refused(
            f"{infusion.prepared_mg} mg is above the signed limit of {limits.absolute_dose_mg} mg for one session."
        )
    return {
        **{name: str(value) for name, value in asdict(infusion).items()},
        "weight_basis": protocol.weight_basis,
    }


def _as_json(suggestion: Suggestion, protocol: InfusionProtocol) -> dict[str, Any]:
    dose = suggested_dose(suggestion)
    return {
        "kind": type(suggestion).__name__,
        "dose_mg_per_kg": str(dose) if dose is not None else None,
        "because": [] if isinstance(suggestion, NoSuggestion) else [r.text for r in suggestion.because],
        "choices": [c.text for c in suggestion.choices] if isinstance(suggestion, Review) else [],
        "missing": list(suggestion.missing) if isinstance(suggestion, NoSuggestion) else [],
        "rule": protocol.ladder_rule,
        "protocol": protocol.id,
        "version": protocol.version,
    }
