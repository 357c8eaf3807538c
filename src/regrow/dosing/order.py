"""A complete infusion order: what the prescriber signs and the nurse prepares."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from regrow.course import TreatmentCourse
from regrow.knowledge import DosingWeights, InfusionProtocol, Limits, Titration

from .infusion import Infusion, minutes_within_rate_cap, prepare_infusion
from .weight import dosing_weight


class BadOrder(ValueError):
    """No order can be made. The text names what is needed."""


@dataclass(frozen=True)
class Order:
    """A signed order. `infusion` is computed from the dosing weight by `weight_basis`; `actual_kg` is the measured
    weight.

    `flush_ml` clears the tubing, None where the clinic signed none; `prn` is the plan for PRN medication.
    """

    infusion: Infusion
    weight_basis: str
    actual_kg: Decimal
    vial_mg_per_ml: Decimal
    bag_ml: Decimal
    bag_policy: str
    flush_ml: Decimal | None
    prn: str


def make_order(
    protocol: InfusionProtocol,
    rule: Titration,
    course: TreatmentCourse,
    dose: Decimal,
    *,
    weights: DosingWeights,
    prn: str = "",
) -> Order:
    """Return the order for `dose` mg/kg at the course's newest weight, by the basis fixed for the course.

    Raises `BadOrder` above the rule's cap or the signed limit, without a weight or a signature; `BadWeight` where the
    basis cannot be computed; `BadInfusion` where the numbers make no infusion.
    """
    if course.signed is None:
        raise BadOrder("The protocol has no signed limits. The medical director signs them first.")
    if course.weight is None:
        raise BadOrder("No weight is on file. Record today's weight, then the order can be signed.")
    if not dose.is_finite() or not 0 < dose <= rule.cap:
        raise BadOrder(
            f"{dose} mg/kg is outside this protocol: above 0 and up to its cap of {rule.cap} mg/kg."
        )
    about, actual = course.about, course.weight.kg
    infusion = infusion_of(
        protocol,
        rule,
        dose,
        dosing_weight(about.weight_basis, actual, weights, height_cm=about.height_cm, sex=about.sex),
        at_most_mg=Limits.of(course.signed.limits).absolute_dose_mg,
    )
    flush = course.signed.limits.get("flush_ml")
    return Order(
        infusion=infusion,
        weight_basis=about.weight_basis,
        actual_kg=actual,
        vial_mg_per_ml=protocol.vial_mg_per_ml,
        bag_ml=protocol.bag_ml,
        bag_policy=protocol.bag_policy,
        flush_ml=Decimal(flush) if flush is not None else None,
        prn=prn,
    )


def infusion_of(
    protocol: InfusionProtocol,
    rule: Titration,
    dose: Decimal,
    weight_kg: Decimal,
    *,
    at_most_mg: Decimal | None = None,
) -> Infusion:
    """Prepare a dose by the protocol, lengthened where the rate cap requires it. Raises `BadOrder`."""
    cap = rule.rate_cap_mg_per_kg_h
    if at_most_mg is not None and dose * weight_kg > at_most_mg:
        raise BadOrder(
            f"{(dose * weight_kg).normalize():f} mg is above the signed limit of {at_most_mg} mg for one session."
        )
    return prepare_infusion(
        mg_per_kg=dose,
        weight_kg=weight_kg,
        vial_mg_per_ml=protocol.vial_mg_per_ml,
        bag_ml=protocol.bag_ml,
        minutes=minutes_within_rate_cap(dose, protocol.minutes, cap) if cap else protocol.minutes,
        bag_policy=protocol.bag_policy,
        syringe_step_ml=protocol.syringe_step_ml,
        at_most_mg=at_most_mg,
    )


def order_as_json(order: Order) -> Mapping[str, Any]:
    """Return exact decimals as text, in the format of the session log."""
    made = {name: str(value) for name, value in asdict(order.infusion).items()}
    return {
        **made,
        "weight_basis": order.weight_basis,
        "actual_kg": str(order.actual_kg),
        "vial_mg_per_ml": str(order.vial_mg_per_ml),
        "bag_ml": str(order.bag_ml),
        "bag_policy": order.bag_policy,
        **({"flush_ml": str(order.flush_ml)} if order.flush_ml is not None else {}),
        **({"prn": order.prn} if order.prn else {}),
    }
