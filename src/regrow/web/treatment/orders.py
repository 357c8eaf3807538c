"""Signed orders and signed limits of a session."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from regrow.course import TreatmentCourse as CoreCourse
from regrow.dosing import weight_slips
from regrow.knowledge import InfusionProtocol, Limits
from regrow.web.appointments.api import Appointment
from regrow.web.assessments.api import completed_responses
from regrow.web.courses.api import Course
from regrow.web.patients.api import Patient, chart_of, current_facts, is_closed, recorded_labels
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import SignedValues

from .models import DoseDecision

# Facts that an order must not ignore; a weight and a score have their own checks.
REVIEWED = ("diagnosis", "condition", "medicine")


def limits_of(signature: SignedValues) -> Limits:
    return Limits.of(signature.values)


def signed_order(appointment: Appointment) -> DoseDecision | None:
    """Return the current order: the latest decision, unless it was to decline."""
    decision = appointment.decisions.order_by("-signed_at").first()
    return decision if decision and decision.order else None


def order_event_data(decision: DoseDecision) -> Mapping[str, Any]:
    """Return the order event's data, with the protocol, its version and the signed limits."""
    signature = decision.appointment.course.signature
    limits = signature.values
    return {
        **(decision.order or {}),
        "protocol": signature.file_id,
        "version": signature.version,
        "limits": limits,
        "tubing_ml": limits.get("tubing_ml", "0"),
        "decision": str(decision.id),
    }


def weight_of(patient: Patient) -> Decimal | None:
    """Return the newest actual weight in kg."""
    found = chart_of(patient).latest("weight")
    return found.value if found else None


def _since_signing(patient: Patient, signed_at: datetime) -> list[str]:
    """What the prescriber cannot have seen: recorded after the order was signed."""
    if is_closed(patient):
        return ["This chart is closed. Reopen it in the pipeline; the prescriber then signs a new order."]
    new = {
        str(fact.id)
        for fact in current_facts(patient)
        if fact.kind in REVIEWED and fact.recorded_at > signed_at
    }
    labels = recorded_labels(patient) if new else {}
    named = ", ".join(label for kind in REVIEWED for id, label in labels.get(kind, ()) if id in new)
    if not named:
        return []
    return [
        f"Recorded after the order was signed: {named}. The prescriber must review it and sign the order again."
    ]


def changed_protocol_text(course: Course) -> str:
    """Say that the protocol's file is no longer the one that was signed, and what helps."""
    signed = course.signature
    return (
        f"The file of protocol {signed.file_id}, version {signed.version}, was changed after it was signed. "
        "The medical director must restore it, or sign the change as a new version."
    )


def order_is_stale(decision: DoseDecision) -> Sequence[str]:
    """List what has changed since an order was signed, each with the fix. Empty while it is valid.

    A new diagnosis, condition or medication, and a closed chart, make every order stale; a new weight or score only one
    that is based on them. Under a protocol file that was changed after it was signed, no order is valid.
    """
    signature = decision.appointment.course.signature
    patient = decision.appointment.course.patient
    if signature.file_changed:
        return (changed_protocol_text(decision.appointment.course),)
    changed = _since_signing(patient, decision.signed_at)
    protocol = knowledge.protocol(signature.file_id, signature.version)
    if not isinstance(protocol, InfusionProtocol) or protocol.titration is None:
        return changed
    found = changed
    ordered_for = _weight_in(decision.order or {})
    weight = weight_of(patient)
    if weight is not None and weight != ordered_for:
        found.append(
            f"The order was calculated for {ordered_for:f} kg and {weight:f} kg is on file now. "
            "The prescriber must review it and sign a new order."
        )
    instrument = knowledge.titration(*protocol.titration).instrument
    if _score_since(patient, instrument, decision.signed_at):
        title = knowledge.scale(instrument).title
        found.append(
            f"A {title} was completed after the order was signed. "
            "The prescriber must review it and sign the order again or change it."
        )
    return found


def weight_jump(course: Course, core: CoreCourse) -> str | None:
    """Return a warning if the weight differs from the previous one by more than the signed limit, or None.

    Compared with the weight of the course's last order; before the first one, with the previous weight on file.
    """
    limit = course.signature.values.get("weight_change_percent")
    if core.weight is None:
        return None
    weight_kg, before = core.weight.kg, _weight_before(course, core)
    if limit is None or before is None or abs(weight_kg - before) * 100 <= Decimal(limit) * before:
        return None
    change = (weight_kg - before) * 100 / before
    slips = weight_slips(
        weight_kg,
        before_kg=before,
        height_cm=None,
        within_percent=Decimal(limit),
        plausible_bmi=knowledge.dosing_weights().plausible_bmi,
    )
    looks = f"{slips[0]}. " if slips else ""
    return (
        f"The weight was {before:f} kg and is {weight_kg:f} kg now ({change:+.0f}%, the signed limit is {limit}%). "
        f"{looks}Weigh again and check the unit; if it is right, say so in the reason."
    )


def _weight_before(course: Course, core: CoreCourse) -> Decimal | None:
    orders = DoseDecision.objects.filter(appointment__course=course, order__isnull=False).order_by(
        "-signed_at"
    )
    for decision in orders:
        ordered = decision.order or {}
        if "weight_kg" in ordered:
            return _weight_in(ordered)
    weights = sorted(core.weights, key=lambda w: (w.at, w.id))
    return weights[-2].kg if len(weights) > 1 else None


def _weight_in(order: Mapping[str, Any]) -> Decimal:
    """Return the measured weight of a signed order, whatever its weight basis."""
    return Decimal(str(order.get("actual_kg", order.get("weight_kg", "0"))))


def _score_since(patient: Patient, instrument: str, moment: datetime) -> bool:
    return completed_responses(patient).filter(instrument=instrument, completed_at__gt=moment).exists()
