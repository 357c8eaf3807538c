"""Why an event cannot be taken now, in sentences that say what would satisfy them.

hard: nothing overrides it. gate: a prescriber may override, with a reason. warn: shown, and acknowledged by
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

# What may still be written after the patient has left.
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

# What is entered without knowing more of the patient than which chair it is.
UNNAMED = frozenset({Kind.ORDER, Kind.IDENTITY, Kind.PRESENCE, Kind.CALL, Kind.ACKNOWLEDGE})


@dataclass(frozen=True)
class Refusal:
    """A rule that stands against an event."""

    rule: str
    force: str
    text: str


def refusals(seen: SessionProjection, entry: EffectiveEvent) -> Sequence[Refusal]:
    """Every rule that stands against `entry`, given what was `seen` before it; overridden gates are left out."""
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
        yield _hard("closed", "The session is closed; what was missed can only be added as a correction.")
        return
    if seen.departed and entry.kind not in AFTERWARDS and entry.at >= seen.departed.at:
        yield _hard("left", "The patient has left; what was missed can only be added as a late entry.")
        return
    if seen.order is None and entry.kind in (*DOSING, Kind.DRAW, Kind.HANDOVER):
        yield _hard("order", "No order is signed for this session. The prescriber can sign one.")
        return
    if entry.kind not in UNNAMED and _needs_third_identifier(seen):
        text = "Somebody of a like name is here today: check the photo or the chart number before any entry."
        yield _hard("name_alike", text)
        return
    if entry.kind in DOSING and seen.consent_withdrawn:
        yield _hard("consent", "The patient withdrew consent; nothing more is given in this session.")
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
            yield _hard("override_role", "A rule is overridden by a prescriber, signed in as themselves.")
        case Kind.CONSENT if is_impaired(seen, entry):
            yield _hard(
                "impaired", "No consent, signature or payment until everything needed for going home is met."
            )
        case Kind.HANDOVER:
            yield from _handover(seen, entry)
        case Kind.LEFT if not seen.dosed:
            yield _hard("nothing_given", "Nothing was given yet; close the session with its reason instead.")
        case Kind.LEFT if seen.ended_at is None:
            yield _hard("running", "The dose is still running; stop it first, then write down the leaving.")
        case Kind.CLOSE:
            yield from _close(seen, entry)
        case _:
            return


def _needs_third_identifier(seen: SessionProjection) -> bool:
    """Somebody of a like name is about, and nothing but name and date of birth was checked."""
    if seen.order is None or not seen.order.name_alike:
        return False
    return not any(THIRD_IDENTIFIERS & set(entry.data["by"]) for entry in seen.of(Kind.IDENTITY))


def is_impaired(seen: SessionProjection, entry: EffectiveEvent) -> bool:
    """From the first dose until going home is possible: no consent, signature or payment."""
    if not seen.dosed or seen.departed:
        return False
    waiting = [c for c in discharge_list(seen, entry.at) if c.open and c.id != "ride"]
    return bool(waiting)


def _order(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if seen.dosed:
        yield _hard("order_after_dose", "The dose has begun under its order; stop it, or change the rate.")
        return
    if entry.event.role and entry.event.role not in PRESCRIBES:
        yield _hard("order_role", "An order is signed by a prescriber.")
    unfit = unfit_order(read_order(entry.id, entry.data), seen.rules)
    if unfit:
        yield _hard("order_unfit", unfit)


def _double_check(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if any(draw.event.author == entry.event.author for draw in seen.of(Kind.DRAW)):
        yield _hard(
            "own_check", "Whoever drew it up cannot be the second check; another person signs in and checks."
        )


def _draw(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    data = entry.data
    expiry = data.get("expiry")
    if expiry and str(expiry) < entry.at.date().isoformat():
        yield _hard(
            "expired", f"{data['container']} expired on {expiry}; take another and put this one aside."
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
        yield _hard("waste_running", "The dose is still running; stop or finish it, then waste what is left.")
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
            "own_witness", "Nobody witnesses their own waste; a second person signs in and confirms it."
        )
    elif waste.event.device and waste.event.device == entry.event.device:
        yield _hard(
            "same_device",
            "The witness signs in on a device of their own, not on the one that recorded the waste.",
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
            yield _hard("started", f"The infusion was started already; the session is {phase}.")
        case Kind.START:
            yield from _open_before(seen)
        case Kind.PAUSE if phase != "infusing":
            yield _hard("pause", f"There is nothing to pause: the session is {phase}.")
        case Kind.RESUME if phase != "paused":
            yield _hard("resume", f"There is nothing to resume: the session is {phase}.")
        case Kind.RESUME:
            yield from _under_way(seen)
        case Kind.RATE if phase not in ("infusing", "paused"):
            yield _hard("rate", f"The rate can be changed while infusing or paused; the session is {phase}.")
        case Kind.STOP if phase not in ("infusing", "paused"):
            yield _hard("stop", f"There is nothing to stop: the session is {phase}.")
        case Kind.COMPLETE if phase not in ("infusing", "observing"):
            yield _hard("complete", f"An infusion is complete when it has run; the session is {phase}.")
        case Kind.FLUSH if phase != "observing":
            yield _hard("flush", f"The line is flushed when the infusion has ended; the session is {phase}.")
        case _:
            return


def _under_way(seen: SessionProjection) -> Iterator[Refusal]:
    """What stands against giving more of a dose that has begun."""
    emergencies = [
        term.text
        for entry in seen.open_symptoms
        if (term := seen.rules.symptoms.get(entry.data["symptom"])) and term.emergency
    ]
    if emergencies:
        text = f"{', '.join(emergencies)} is not over; enter that it is, or the prescriber's override with a reason."
        yield Refusal("emergency", "gate", text)
    if seen.prescriber_here is False:
        force = next((item.force for item in seen.rules.before if item.kind == "presence"), "gate")
        text = "No prescriber is in the clinic; nothing more is given until one is back" + (
            "." if force == "hard" else ", or overrides with a reason."
        )
        yield Refusal("presence", force, text)


def _device(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    devices = seen.rules.devices
    if devices is None:
        yield _hard("no_devices", f"{seen.rules.title} is not given by devices.")
        return
    given, ordered, n = seen.given, seen.devices_ordered, entry.data["n"]
    if seen.stopped:
        yield _hard("stopped", "The dose was stopped; what was not used is wasted before a witness.")
    if len(given) >= ordered:
        yield _hard("all_given", f"All {ordered} devices of the order were given.")
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
        text = (
            f"{devices.apart_min} minutes of rest between devices: {seconds // 60}:{seconds % 60:02d} to go."
        )
        yield _hard("device_rest", text)
    yield from _under_way(seen)


def _administer(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if seen.rules.way != "single" or seen.order is None:
        yield _hard("not_single", "This order is not given at once; use the pump or the devices.")
        return
    if seen.stopped:
        yield _hard("stopped", "The dose was stopped; what was not given is wasted before a witness.")
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
        yield _hard("nothing_given", "Nothing was given yet; close the session with its reason instead.")
        return
    for line in discharge_list(seen, entry.at):
        if line.open:
            yield Refusal(line.id, line.force, f"Cannot discharge yet: {line.sentence}.")
    yield from _open_alarms(seen, entry.at, "discharge")


def _close(seen: SessionProjection, entry: EffectiveEvent) -> Iterator[Refusal]:
    if seen.dosed and not seen.departed:
        yield _hard("not_left", "Cannot close yet: the patient is still here. Hand them over first.")
    if not seen.dosed and not entry.data.get("reason"):
        yield _hard("no_reason", "Nothing was given: say why the session ends without a dose.")
    for waste in unwitnessed(seen):
        text = f"Cannot close yet: the waste of {waste.data['mg']} mg from {waste.data['container']} has no witness."
        yield _hard("unwitnessed", text)
    for line in container_lines(seen):
        if line.open or (not seen.dosed and line.container == PREPARATION and line.left_ug):
            yield _hard("open_waste", f"Cannot close yet: {line.text}. Waste what is left, before a witness.")
    if seen.dosed and not seen.rules.at_home and not seen.of(Kind.DRAW):
        yield Refusal(
            "no_draw", "gate", "Cannot close yet: what was drawn, from which container, is not recorded."
        )
    if seen.unsigned_vitals:
        count = len(seen.unsigned_vitals)
        yield _hard("unsigned", f"Cannot close yet: {count} readings of the monitor are not signed.")
    if seen.departed:
        yield from _open_alarms(seen, seen.departed.at, "close")


def _open_alarms(seen: SessionProjection, at: datetime, what: str) -> Iterator[Refusal]:
    for alarm in active_alarms(seen, at):
        if alarm.priority != "low":
            text = f"Cannot {what} yet: the alarm “{alarm.text}” is open; enter that it is over, or the prescriber's override."
            yield Refusal("open_alarm", "gate", text)
