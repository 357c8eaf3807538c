"""What a session runs under: the signed limits and the signed order, as the core reads them."""

from collections.abc import Mapping
from typing import Any

from regrow.knowledge import Limits

from .models import Booking, Decision, Signature


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
