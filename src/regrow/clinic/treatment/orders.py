"""What a session runs under: the signed limits and the signed order, as the core reads them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from regrow.knowledge import Limits
from regrow.session import SessionOrder

from .models import Booking, Decision, Signature


def limits_of(signature: Signature) -> Limits:
    return Limits.of(signature.limits)


def signed_order(booking: Booking) -> Decision | None:
    """The order in force: the latest decision, unless it was to decline."""
    decision = booking.decisions.order_by("-signed_at").first()
    return decision if decision and decision.order else None


def session_order(decision: Decision) -> SessionOrder:
    order: Mapping[str, Any] = decision.order or {}
    return SessionOrder(
        id=str(decision.id),
        mg_per_kg=Decimal(order["mg_per_kg"]),
        dose_mg=Decimal(order["dose_mg"]),
        prepared_mg=Decimal(order["prepared_mg"]),
        total_ml=Decimal(order["total_ml"]),
        rate_ml_per_h=Decimal(order["rate_ml_per_h"]),
        minutes=int(order["minutes"]),
        weight_kg=Decimal(order["weight_kg"]),
    )
