"""The signed order of a session. It is part of the log, so that a log can be read alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from regrow.knowledge import SessionRules

from .events import BadEvent


@dataclass(frozen=True)
class SessionOrder:
    """A signed order. Pump fields are None for a drug that is not infused.

    `total_ml` is the volume of the bag as filled: measured overfill and drug included.
    `tubing_ml` stays in the line when the bag is empty, unless it is flushed.
    """

    id: str
    protocol: str
    version: int
    prepared_mg: Decimal
    limits: Mapping[str, Decimal]
    dose_mg: Decimal
    mg_per_kg: Decimal | None = None
    weight_kg: Decimal | None = None
    weight_basis: str = ""
    total_ml: Decimal | None = None
    rate_ml_per_h: Decimal | None = None
    minutes: int | None = None
    tubing_ml: Decimal = Decimal(0)
    name_alike: bool = False
    title: str = ""

    def limit(self, name: str) -> Decimal | None:
        """A signed limit, or None when it was left empty (or `name` is)."""
        return self.limits.get(name) if name else None


def read_order(id: str, data: Mapping[str, Any]) -> SessionOrder:
    """The order of an order event. Raises `BadEvent` naming the field to correct."""

    def decimal(name: str) -> Decimal | None:
        if data.get(name) in (None, ""):
            return None
        try:
            value = Decimal(str(data[name]))
        except InvalidOperation as error:
            raise BadEvent(f"order: {name} {data[name]!r} is not a number") from error
        if not value.is_finite() or value < 0:
            raise BadEvent(f"order: {name} must be a number of 0 or more, not {data[name]}")
        return value

    prepared = decimal("prepared_mg")
    if not prepared:
        raise BadEvent("order: prepared_mg must be above 0")
    total, rate = decimal("total_ml"), decimal("rate_ml_per_h")
    if total == 0 or rate == 0:
        raise BadEvent("order: total_ml and rate_ml_per_h must be above 0")
    tubing = decimal("tubing_ml") or Decimal(0)
    if total is not None and tubing >= total:
        raise BadEvent("order: the line cannot hold more than the bag")
    limits = data.get("limits")
    if not isinstance(limits, Mapping):
        raise BadEvent("order: limits must be given by name")
    try:
        signed = {str(name): Decimal(str(value)) for name, value in limits.items() if value not in (None, "")}
    except InvalidOperation as error:
        raise BadEvent("order: each limit must be a number") from error
    minutes = data.get("minutes")
    return SessionOrder(
        id=id,
        protocol=str(data["protocol"]),
        version=int(data["version"]),
        prepared_mg=prepared,
        limits=signed,
        dose_mg=decimal("dose_mg") or prepared,
        mg_per_kg=decimal("mg_per_kg"),
        weight_kg=decimal("weight_kg"),
        weight_basis=str(data.get("weight_basis", "")),
        total_ml=total,
        rate_ml_per_h=rate,
        minutes=int(minutes) if minutes else None,
        tubing_ml=tubing,
        name_alike=bool(data.get("name_alike", False)),
        title=str(data.get("title", "")),
    )


def unfit_order(order: SessionOrder, rules: SessionRules) -> str | None:
    """Why an order may not run under the signed limits, or None."""
    missing = [name for name in rules.needed_limits if name not in order.limits]
    if missing:
        named = ", ".join(name.replace("_", " ") for name in missing)
        return f"This protocol has no signed limit for: {named}. The medical director can sign it under Protocols."
    cap = order.limit("absolute_dose_mg") if "absolute_dose_mg" in rules.limits else None
    if cap is not None and order.prepared_mg > cap:
        return f"{order.prepared_mg:f} mg is above the signed limit of {cap:f} mg for one session"
    if rules.way == "infusion" and (order.total_ml is None or order.rate_ml_per_h is None):
        return "An infusion needs its volume and its rate; the prescriber signs both with the order."
    if rules.devices and order.prepared_mg not in rules.devices.doses_mg:
        doses = " or ".join(f"{dose:f}" for dose in rules.devices.doses_mg)
        return (
            f"{order.prepared_mg:f} mg cannot be given by devices of {rules.devices.mg} mg; order {doses} mg"
        )
    return None
