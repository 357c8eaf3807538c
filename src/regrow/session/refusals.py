"""Rules that refuse a session event, each with the sentence that says what to do.

hard: cannot be overridden. gate: a prescriber may override, with a reason. warn: shown; acknowledged by
sending the event again with the rule's name in `acknowledged`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from .alarms import active_alarms
from .checklists import THIRD_IDENTIFIERS, discharge_list, pre_dose_checklist
from .containers import PREPARATION, container_lines, left_in, micrograms, unwitnessed
from .events import DOSING, EffectiveEvent, Kind
from .order import read_order, unfit_order
from .projection import PRESCRIBES, SessionProjection

# Kinds that may still be recorded after the patient has left.
AFTERWARDS = frozenset(
    {
        Kind.WASTE,
        Kind.WITNESS,
        Kind.SIGN,
        Kind.OVERRIDE,
        Kind.CALL,
        Kind.ACKNOWLEDGE,
        Kind.CLOSE,
        Kind.PRESENCE,
    }
)

# Kinds that may be recorded before the patient is identified.
UNNAMED = frozenset({Kind.ORDER, Kind.IDENTITY, Kind.PRESENCE, Kind.CALL, Kind.ACKNOWLEDGE})


@dataclass(frozen=True)
class Refusal:
    """A rule that refuses an event, with its force and the sentence shown to staff."""

    rule: str
    force: str
    text: str


def refusals(seen: SessionProjection, entry: EffectiveEvent) -> Sequence[Refusal]:
    """Every rule that refuses `entry`, given the state before it (`seen`); overridden gates are left out."""
    return [
        refusal
        for refusal in _all(seen, entry)
        if not (refusal.force == "gate" and refusal.rule in seen.overridden)
        and not (refusal.force == "warn" and refusal.rule in (entry.data.get("acknowledged") or ()))
    ]


def _hard(rule: str, text: str) -> Refusal:
    return Refusal(rule, "hard", text)


def _all(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if seen.closed:
        yield _hard("closed", "The session is closed. Add missing information as a correction.")
        return
    if seen.departed and entry.kind not in AFTERWARDS and entry.at >= seen.departed.at:
        yield _hard("left", "The patient has left. Add missing information as a late entry.")
        return
    if seen.order is None and entry.kind in (*DOSING, Kind.DRAW, Kind.HANDOVER):
        yield _hard("order", "This session has no signed order. Ask the prescriber to sign one.")
        return
    if entry.kind not in UNNAMED and _needs_third_identifier(seen):
        text = "Name alert: similar name today. Verify photo or MRN before any entry."
        yield _hard("name_alike", text)
        return
    if entry.kind in DOSING and seen.consent_withdrawn:
        yield _hard("consent", "The patient withdrew consent. Do not give more in this session.")
    match entry.kind:
        case Kind.ORDER:
            yield from _order(seen, entry)
        case Kind.DOUBLE_CHECK:
            yield from _double_check(seen, entry)
        case Kind.DRAW:
            yield from _draw(seen, entry)
        case Kind.WASTE:
            yield from _waste(seen, entry)
        case Kind.WITNESS:
            yield from _witness(seen, entry)
        case Kind.START | Kind.PAUSE | Kind.RESUME | Kind.RATE | Kind.STOP | Kind.COMPLETE | Kind.FLUSH:
            yield from _pump(seen, entry)
        case Kind.DEVICE:
            yield from _device(seen, entry)
        case Kind.ADMINISTER:
            yield from _administer(seen, entry)
        case Kind.OVERRIDE if entry.event.role not in PRESCRIBES:
            yield _hard("override_role", "Only a prescriber can override. The prescriber must sign in.")
        case Kind.CONSENT if is_impaired(seen, entry):
            yield _hard("impaired", "No consent, signature or payment until the discharge criteria are met.")
        case Kind.HANDOVER:
            yield from _handover(seen, entry)
        case Kind.LEFT if not seen.dosed:
            yield _hard("nothing_given", "No dose was given. Close the session with a reason instead.")
        case Kind.LEFT if seen.ended_at is None:
            yield _hard(
                "running", "The dose is still running. Stop it before you record that the patient left."
            )
        case Kind.CLOSE:
            yield from _close(seen, entry)
        case _:
            return


def _needs_third_identifier(seen: SessionProjection) -> bool:
    """Whether a patient with a similar name is here today and no third identifier has been checked."""
    if seen.order is None or not seen.order.name_alike:
        return False
    return not any(THIRD_IDENTIFIERS & set(entry.data["by"]) for entry in seen.of(Kind.IDENTITY))


def is_impaired(seen: SessionProjection, entry: EffectiveEvent) -> bool:
    """Whether consent, signature and payment are barred: from the first dose until discharge is possible."""
    if not seen.dosed or seen.departed:
        return False
    waiting = [c for c in discharge_list(seen, entry.at) if c.open and c.id != "ride"]
    return bool(waiting)


def _order(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if seen.dosed:
        yield _hard("order_after_dose", "The dose has started under its order. Stop it or change the rate.")
        return
    if entry.event.role and entry.event.role not in PRESCRIBES:
        yield _hard("order_role", "An order is signed by a prescriber.")
    unfit = unfit_order(read_order(entry.id, entry.data), seen.rules)
    if unfit:
        yield _hard("order_unfit", unfit)


def _double_check(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if any(draw.event.author == entry.event.author for draw in seen.of(Kind.DRAW)):
        yield _hard(
            "own_check", "You prepared this dose. A second staff member must sign in and do the double check."
        )


def _draw(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    data = entry.data
    expiry = data.get("expiry")
    if expiry and str(expiry) < entry.at.date().isoformat():
        yield _hard(
            "expired", f"{data['container']} expired on {expiry}; use another one and quarantine this one."
        )
    if data.get("size_mg"):
        left = left_in(seen, str(data["container"]))
        held = micrograms(Fraction(str(data["size_mg"]))) if left is None else left
        if micrograms(Fraction(str(data["drawn_mg"]))) > held:
            text = f"{data['container']} holds {held / 1000:g} mg; {data['drawn_mg']} mg cannot be drawn from it."
            yield _hard("draw_too_much", text)


def _waste(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    name = str(entry.data["container"])
    known = {line.container for line in container_lines(seen)}
    if name not in known:
        yield _hard("waste_unknown", f"{name} was not drawn from in this session; record the draw first.")
        return
    if name == PREPARATION and seen.dosed and seen.ended_at is None:
        yield _hard(
            "waste_running", "The dose is still running. Stop or finish it, then waste the remainder."
        )
        return
    left = left_in(seen, name)
    if left is not None and micrograms(Fraction(str(entry.data["mg"]))) > left:
        text = f"{name} has {left / 1000:g} mg left; {entry.data['mg']} mg cannot be wasted from it."
        yield _hard("waste_too_much", text)


def _witness(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    waste = next((e for e in seen.of(Kind.WASTE) if e.id == str(entry.data["waste"])), None)
    if waste is None:
        yield _hard("witness_unknown", "That waste is not in this session's log.")
    elif waste.event.author == entry.event.author:
        yield _hard(
            "own_witness", "You can't witness your own waste. A second staff member must sign in and confirm."
        )
    elif waste.event.device and waste.event.device == entry.event.device:
        yield _hard(
            "same_device",
            "Witness on a different device from the one that recorded the waste.",
        )


def _open_before(seen: SessionProjection) -> Iterator[Refusal]:
    for line in pre_dose_checklist(seen):
        if line.open:
            yield Refusal(line.id, line.force, f"Cannot start yet: {line.sentence}.")


def _pump(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    phase = seen.phase
    if seen.pump is None:
        if entry.kind is Kind.STOP and seen.rules.way != "infusion" and seen.ended_at is None:
            return
        yield _hard("no_pump", f"There is no pump to {entry.kind.value} in this session.")
        return
    match entry.kind:
        case Kind.START if phase != "preparing":
            yield _hard("started", f"The infusion has already started; the session is {phase}.")
        case Kind.START:
            yield from _open_before(seen)
        case Kind.PAUSE if phase != "infusing":
            yield _hard("pause", f"The infusion is not running; the session is {phase}.")
        case Kind.RESUME if phase != "paused":
            yield _hard("resume", f"The infusion is not paused; the session is {phase}.")
        case Kind.RESUME:
            yield from _under_way(seen)
        case Kind.RATE if phase not in ("infusing", "paused"):
            yield _hard("rate", f"The rate can be changed while infusing or paused; the session is {phase}.")
        case Kind.STOP if phase not in ("infusing", "paused"):
            yield _hard("stop", f"No infusion is running or paused; the session is {phase}.")
        case Kind.COMPLETE if phase not in ("infusing", "observing"):
            yield _hard(
                "complete", f"Only a running or finished infusion can be completed; the session is {phase}."
            )
        case Kind.FLUSH if phase != "observing":
            yield _hard("flush", f"Flush the line after the infusion has ended; the session is {phase}.")
        case _:
            return


def _under_way(seen: SessionProjection) -> Iterator[Refusal]:
    """Rules that refuse more of a dose that has started."""
    emergencies = [
        term.text
        for entry in seen.open_symptoms
        if (term := seen.rules.symptoms.get(entry.data["symptom"])) and term.emergency
    ]
    if emergencies:
        text = f"{', '.join(emergencies)} is not resolved. Record that it is resolved, or have the prescriber override with a reason."
        yield Refusal("emergency", "gate", text)
    if seen.prescriber_here is False:
        force = next((item.force for item in seen.rules.before if item.kind == "presence"), "gate")
        text = "No prescriber on site. Do not give more until one returns" + (
            "." if force == "hard" else ", or overrides with a reason."
        )
        yield Refusal("presence", force, text)


def _device(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    devices = seen.rules.devices
    if devices is None:
        yield _hard("no_devices", f"{seen.rules.title} is not given with devices.")
        return
    given, ordered, n = seen.given_doses, seen.devices_ordered, entry.data["n"]
    if seen.stopped:
        yield _hard("stopped", "The dose was stopped. Waste the unused devices with a witness.")
    if len(given) >= ordered:
        yield _hard("all_given", f"All {ordered} ordered devices were given.")
        return
    if n != len(given) + 1:
        yield _hard("device_order", f"The next device is number {len(given) + 1}, not {n}.")
    if not given:
        yield from _open_before(seen)
        return
    waited = entry.at - given[-1].at
    if waited < timedelta(minutes=devices.apart_min):
        left = timedelta(minutes=devices.apart_min) - waited
        seconds = -(-left // timedelta(seconds=1))
        text = f"{devices.apart_min} minutes between devices: {seconds // 60}:{seconds % 60:02d} to go."
        yield _hard("device_rest", text)
    yield from _under_way(seen)


def _administer(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if seen.rules.way != "single" or seen.order is None:
        yield _hard("not_single", "This order is not a single dose. Use the pump or the devices.")
        return
    if seen.stopped:
        yield _hard("stopped", "The dose was stopped. Waste the remainder with a witness.")
    total = seen.delivered_mg + Fraction(str(entry.data["mg"]))
    if total > Fraction(seen.order.prepared_mg):
        rest = float(Fraction(seen.order.prepared_mg) - seen.delivered_mg)
        yield _hard("over_order", f"The order leaves {rest:g} mg to give; {entry.data['mg']} mg is more.")
    if not seen.dosed:
        yield from _open_before(seen)
    else:
        yield from _under_way(seen)


def _handover(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if not seen.dosed:
        yield _hard("nothing_given", "No dose was given. Close the session with a reason instead.")
        return
    for line in discharge_list(seen, entry.at):
        if line.open:
            yield Refusal(line.id, line.force, f"Cannot discharge yet: {line.sentence}.")
    yield from _open_alarms(seen, entry.at, "discharge")


def _close(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if seen.dosed and not seen.departed:
        yield _hard("not_left", "Cannot close yet: the patient is still here. Discharge the patient first.")
    if not seen.dosed and not entry.data.get("reason"):
        yield _hard("no_reason", "No dose was given. Enter the reason for closing without a dose.")
    for waste in unwitnessed(seen):
        text = f"Cannot close yet: the waste of {waste.data['mg']} mg from {waste.data['container']} has no witness."
        yield _hard("unwitnessed", text)
    for line in container_lines(seen):
        if line.open or (not seen.dosed and line.container == PREPARATION and line.left_ug):
            yield _hard("open_waste", f"Cannot close yet: {line.text}. Waste the remainder with a witness.")
    if seen.dosed and not seen.rules.at_home and not seen.of(Kind.DRAW):
        yield Refusal("no_draw", "gate", "Cannot close yet: no amount drawn is recorded.")
    if seen.unsigned_vitals:
        count = len(seen.unsigned_vitals)
        yield _hard("unsigned", f"Cannot close yet: sign the monitor readings ({count} unsigned).")
    if seen.departed:
        yield from _open_alarms(seen, seen.departed.at, "close")


def _open_alarms(seen: SessionProjection, at: datetime, what: str) -> Iterator[Refusal]:
    for alarm in active_alarms(seen, at):
        if alarm.priority != "low":
            text = f"Cannot {what} yet: the alarm “{alarm.text}” is active. Record that it is resolved, or have the prescriber override."
            yield Refusal("open_alarm", "gate", text)
