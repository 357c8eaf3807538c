"""What a session runs under: the signed limits and the signed order, as the core reads them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from regrow import knowledge
from regrow.clinic.chart.facts import chart_of
from regrow.clinic.chart.models import Patient
from regrow.clinic.checkin.facts import finished_sheets
from regrow.dosing import weight_slips
from regrow.knowledge import InfusionProtocol, Limits

from .models import Booking, Course, Decision, Signature


def limits_of(signature: Signature) -> Limits:
    return Limits.of(signature.limits)


def signed_order(booking: Booking) -> Decision | None:
    """The order in force: the latest decision, unless it was to decline."""
    decision = booking.decisions.order_by("-signed_at").first()
    return decision if decision and decision.order else None


def order_event_data(decision: Decision) -> Mapping[str, Any]:
    """The order as a session's log carries it: with the protocol, its version and the limits signed for it."""
    signature = decision.booking.course.signature
    limits = signature.limits
    return {
        **(decision.order or {}),
        "protocol": signature.protocol,
        "version": signature.version,
        "limits": limits,
        "tubing_ml": limits.get("tubing_ml", "0"),
        "decision": str(decision.id),
    }


def weight_of(patient: Patient) -> Decimal | None:
    """The newest actual weight in kg."""
    found = chart_of(patient).latest("weight")
    return found.value if found else None


def order_is_stale(decision: Decision) -> Sequence[str]:
    """What has changed since an order was signed, each with what would satisfy it. Empty while it stands.

    Only an order that rests on a score and a weight grows stale: a fixed dose rests on neither.
    """
    signature = decision.booking.course.signature
    protocol = knowledge.protocol(signature.protocol, signature.version)
    if not isinstance(protocol, InfusionProtocol) or protocol.titration is None:
        return ()
    patient = decision.booking.course.patient
    found = []
    ordered_for = _weight_in(decision.order or {})
    weight = weight_of(patient)
    if weight is not None and weight != ordered_for:
        found.append(
            f"The order was made for {ordered_for:f} kg and {weight:f} kg is on file now. "
            "The prescriber looks at it again and signs a new order."
        )
    instrument = knowledge.titration(*protocol.titration).instrument
    if _score_since(patient, instrument, decision.signed_at):
        title = knowledge.scale(instrument).title
        found.append(
            f"A {title} has come in since the order was signed. "
            "The prescriber looks at it and signs the order again, or another."
        )
    return found


def weight_jump(course: Course, weight_kg: Decimal) -> str | None:
    """The sentence about a weight that differs from the one before by more than the signed limit, or None.

    Compared with the weight of the course's last order; before the first one, with the weight on file before.
    """
    limit = course.signature.limits.get("weight_change_percent")
    before = _weight_before(course)
    if limit is None or before is None or abs(weight_kg - before) * 100 <= Decimal(limit) * before:
        return None
    change = (weight_kg - before) * 100 / before
    slips = weight_slips(weight_kg, before_kg=before, height_cm=None, within_percent=Decimal(limit))
    looks = f"{slips[0]}. " if slips else ""
    return (
        f"The weight was {before:f} kg and is {weight_kg:f} kg now ({change:+.0f} %, the signed limit is {limit} %). "
        f"{looks}Weigh again and look at the unit; if it is right, write so in the reason."
    )


def _weight_before(course: Course) -> Decimal | None:
    orders = Decision.objects.filter(booking__course=course, order__isnull=False).order_by("-signed_at")
    for decision in orders:
        ordered = decision.order or {}
        if "weight_kg" in ordered:
            return _weight_in(ordered)
    weights = sorted(
        (m for m in chart_of(course.patient).measurements if m.kind == "weight"), key=lambda m: m.at
    )
    return weights[-2].value if len(weights) > 1 else None


def _weight_in(order: Mapping[str, Any]) -> Decimal:
    """What the scales said when an order was signed, whatever weight it was reckoned from."""
    return Decimal(str(order.get("actual_kg", order.get("weight_kg", "0"))))


def _score_since(patient: Patient, instrument: str, moment: datetime) -> bool:
    return finished_sheets(patient).filter(instrument=instrument, finished_at__gt=moment).exists()
