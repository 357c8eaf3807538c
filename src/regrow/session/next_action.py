"""The next action of the nurse in a session: one at a time, computed from the state.

The tablet computes the same action without a network (`fold/next_action.js`); a test compares the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .checklists import pressure
from .containers import PREPARATION
from .events import EffectiveEvent, Kind

if TYPE_CHECKING:
    from .fold import Due, SessionState


@dataclass(frozen=True)
class NextAction:
    """What the nurse does next.

    `kind` is the event that records it and `data` what is already known of that event; without a kind there is
    nothing to enter. `due_at` is None when no time is set for it.
    """

    id: str
    text: str
    detail: str = ""
    kind: Kind | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


def next_action(state: "SessionState") -> NextAction:
    """The action that comes first at `state.at`."""
    if state.phase == "preparing":
        return _before_dose(state)
    if state.phase == "paused":
        return NextAction("resume", "Resume infusion", "same rate", Kind.RESUME)
    if state.phase in ("infusing", "administering", "observing"):
        return _during(state)
    if state.phase in ("discharged", "left_against_advice"):
        return _after_leaving(state)
    return NextAction("none", "Session closed")


def _before_dose(state: "SessionState") -> NextAction:
    rules, order = state.rules, state.order
    if order is None:
        return NextAction("wait_for_order", "Waiting for the order", "the prescriber signs it")
    open_kinds = [
        item.kind for item, line in zip(rules.before, state.before, strict=True) if line.open
    ]  # in the protocol's order
    if "identity" in open_kinds:
        return NextAction("identity", "Verify identity", "two identifiers", Kind.IDENTITY)
    if "check" in open_kinds:
        detail = f"{len(open_kinds)} open"
        return NextAction("checklist", "Complete pre-dose checklist", detail, Kind.CHECK)
    dose = f"{plain(order.prepared_mg)} mg"
    prepared = sum(1 for line in state.containers if line.container != PREPARATION)
    needed = state.devices_ordered if rules.devices else 1
    if not rules.at_home and prepared < needed:
        text = f"Prepare device {prepared + 1}" if rules.devices else "Prepare dose"
        return NextAction("prepare", text, dose, Kind.DRAW)
    last = _last_pressure(state)
    if last is None or "pressure" in open_kinds:
        return _vitals(state, "BP above the signed limit" if last else "before the dose")
    if rules.way == "devices":
        return NextAction("device", "Device 1", "one spray in each nostril", Kind.DEVICE, {"n": 1})
    second = " · double check open" if "double_check" in open_kinds else ""
    if rules.way == "single":
        mg = plain(order.prepared_mg)
        return NextAction("administer", "Give dose", dose + second, Kind.ADMINISTER, {"mg": mg})
    rate = f" at {plain(order.rate_ml_per_h)} mL/h" if order.rate_ml_per_h is not None else ""
    return NextAction("start", "Start infusion", dose + rate + second, Kind.START)


def _during(state: "SessionState") -> NextAction:
    if state.phase == "observing" and not state.open_criteria:
        text = f"Discharge with {state.ride}" if state.ride else "Discharge"
        data = {"name": state.ride} if state.ride else {}
        return NextAction("handover", text, "all criteria met", Kind.HANDOVER, data)
    captures = {capture.id: capture for capture in state.rules.captures}
    due = _first_due([d for d in state.due if d.id in ("vitals", "device") or d.id in captures], state.at)
    if due is None:
        return _vitals(state, "when you check the patient")
    if due.id == "device":
        n = len(state.devices) + 1
        return NextAction("device", due.text, "", Kind.DEVICE, {"n": n}, due.at)
    capture = captures.get(due.id)
    if capture and capture.what != "pressure":
        return NextAction("scale", capture.text, "", Kind.SCALE, {"scale": capture.what}, due.at)
    return _vitals(state, "", text=capture.text if capture else "Take vital signs", due_at=due.at)


def _first_due(due: "Sequence[Due]", at: datetime) -> "Due | None":
    """The earliest; an overdue reading comes before anything else, an overdue question included."""
    overdue = next((d for d in due if d.id == "vitals" and d.at <= at), None)
    return overdue or next(iter(due), None)


def _after_leaving(state: "SessionState") -> NextAction:
    line = next((line for line in state.containers if line.open), None)
    if line is not None:
        mg = plain(Decimal(line.left_ug or 0) / 1000)
        data = {"container": line.container, "mg": mg}
        return NextAction("waste", f"Waste {mg} mg", f"from {line.container}", Kind.WASTE, data)
    if state.unwitnessed:
        detail = "a second staff member, on their own device, under Witness waste"
        return NextAction("witness", "Waste needs a witness", detail)
    if state.unsigned_vitals:
        count = state.unsigned_vitals
        detail = f"{count} {'reading' if count == 1 else 'readings'}"
        return NextAction("sign", "Sign monitor readings", detail, Kind.SIGN)
    return NextAction("close", "Close session", "waste and readings are complete", Kind.CLOSE)


def _vitals(
    state: "SessionState", why: str, *, text: str = "Take vital signs", due_at: datetime | None = None
) -> NextAction:
    last = _last_pressure(state)
    pulse = last.data.get("pulse_per_min") if last else None
    shown = f"last BP {pressure(last)}" + (f", HR {pulse}" if pulse else "") if last else ""
    return NextAction("vitals", text, " · ".join(filter(None, (why, shown))), Kind.VITAL, {}, due_at)


def _last_pressure(state: "SessionState") -> EffectiveEvent | None:
    return next((entry for entry in reversed(state.vitals) if "systolic_mmhg" in entry.data), None)


def plain(value: Decimal) -> str:
    """A number without trailing zeros and without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
