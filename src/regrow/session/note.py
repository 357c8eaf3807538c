"""Narrative note of a session, in the order of events."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from .checklists import pressure
from .events import EffectiveEvent, Kind
from .fold import SessionState, rounded
from .pump import minutes

_IDENTIFIERS = {
    "name": "name",
    "born": "date of birth",
    "photo": "photo",
    "mrn": "MRN",
    "wristband": "wristband",
}


def note_of(state: SessionState, zone: ZoneInfo) -> str:
    """Narrative note in paragraphs. Undocumented items are named as such."""
    return "\n\n".join(filter(None, (" ".join(part(state, zone)) for part in _PARTS)))


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%H:%M")


def _order(state: SessionState, zone: ZoneInfo) -> Iterator[str]:
    order = state.order
    if order is None:
        yield "No order is in this log."
        return
    day = (state.started_at or state.at).astimezone(zone).strftime("%B %-d, %Y")
    yield f"Session of {day} under {state.rules.title} (version {state.rules.version})."
    by_weight = (
        f" ({order.mg_per_kg:f} mg/kg of {order.weight_kg:f} kg)"
        if order.mg_per_kg and order.weight_kg
        else ""
    )
    yield f"Ordered: {state.rules.medicine} {order.prepared_mg.normalize():f} mg{by_weight}" + (
        f" in {order.total_ml:f} mL at {order.rate_ml_per_h:f} mL/h."
        if order.total_ml and order.rate_ml_per_h
        else "."
    )


def _before(state: SessionState, zone: ZoneInfo) -> Iterator[str]:
    identity = state.of(Kind.IDENTITY)
    if identity:
        by = " and ".join(_IDENTIFIERS.get(str(name), str(name)) for name in identity[-1].data["by"])
        yield f"Identity checked by {by} at {_clock(identity[-1].at, zone)}."
    open_lines = [line for line in state.before if line.open]
    if not open_lines:
        yield "All pre-dose checks were met."
    elif state.started_at:
        yield (
            "Not documented before the dose: "
            + "; ".join(line.determination.text for line in open_lines)
            + "."
        )
    for line in state.before:
        if line.overridden:
            made = next(e for e in state.of(Kind.OVERRIDE) if e.data["rule"] == line.id)
            yield f"{line.determination.text}: overridden by {made.event.author}: {made.data['reason']}."
    vitals = [
        e
        for e in state.vitals
        if "systolic_mmhg" in e.data and (not state.started_at or e.at <= state.started_at)
    ]
    if vitals:
        yield f"Blood pressure before: {pressure(vitals[-1])}."


def _dose(state: SessionState, zone: ZoneInfo) -> Iterator[str]:
    if state.started_at is None:
        yield "No dose was given."
        return
    for device in (given for given in state.devices if given.kind is Kind.DEVICE):
        lot = f", lot {device.data['lot']}" if device.data.get("lot") else ""
        yield f"Device {device.data['n']} at {_clock(device.at, zone)}{lot}."
    for entry in state.entries:
        sentence = _SENTENCES.get(entry.kind)
        if sentence:
            yield sentence(entry, _clock(entry.at, zone))
    if state.runs and state.ended_at is not None and not (state.of(Kind.STOP) or state.of(Kind.COMPLETE)):
        at = _clock(state.ended_at, zone)
        yield (
            f"The infusion ended at {at} without a recorded stop."
            if state.left_ml
            else f"The bag was empty at {at}."
        )
    share = f"{state.delivered_percent}%"
    yield f"Given: {rounded(state.delivered_mg, '0.001').normalize():f} mg ({share} of the prepared dose)."
    if state.in_line_mg:
        yield f"{rounded(state.in_line_mg, '0.001').normalize():f} mg remained in the tubing."
    if state.partial:
        yield "This is a partial dose and does not count as given."
    if state.consent_withdrawn:
        yield "The patient withdrew consent."


def _course(state: SessionState, zone: ZoneInfo) -> Iterator[str]:
    after = [
        e for e in state.vitals if "systolic_mmhg" in e.data and state.started_at and e.at > state.started_at
    ]
    if after:
        top = max(after, key=lambda e: e.data["systolic_mmhg"])
        yield f"Highest blood pressure {pressure(top)} at {_clock(top.at, zone)}; last {pressure(after[-1])}."
    artefacts = [e for e in state.of(Kind.VITAL) if e.data.get("artefact")]
    if artefacts:
        yield f"{_counted(len(artefacts), 'reading is', 'readings are')} marked as artifact and not used."
    for course in state.courses:
        if course.onset and state.started_at:
            began = rounded(minutes(course.onset - state.started_at), "1")
            over = (
                f"over at {rounded(minutes(course.ended - state.started_at), '1')} min"
                if course.ended
                else "not over"
            )
            yield f"{course.text} from {began} min, {over}."
        else:
            yield f"{course.text}: " + ("none seen." if course.looked_for else "not documented.")
    for entry in state.of(Kind.SYMPTOM):
        term = state.rules.symptoms.get(entry.data["symptom"])
        text = term.text if term else str(entry.data["symptom"])
        how = "over" if entry.data.get("resolved") else f"{entry.data['severity']} of 5"
        yield f"{text} at {_clock(entry.at, zone)}: {how}."


def _leaving(state: SessionState, zone: ZoneInfo) -> Iterator[str]:
    if state.left_at is None:
        if state.started_at:
            waiting = "; ".join(line.determination.text for line in state.open_criteria)
            yield f"Still in the clinic. Open: {waiting}." if waiting else "Ready for discharge."
        return
    at = _clock(state.left_at, zone)
    leaving = next(
        (e for e in state.entries if e.kind in (Kind.HANDOVER, Kind.LEFT) and e.at == state.left_at), None
    )
    if leaving is not None and leaving.kind is Kind.LEFT:
        yield f"Left AMA at {at}: {leaving.data['reason']}. Informed: {leaving.data['told']}."
    elif leaving is not None:
        yield f"Discharged to {leaving.data['name']} at {at}."
    still_open = [line.determination.text for line in state.open_criteria]
    if still_open:
        yield "Criteria open at departure, by the current record: " + "; ".join(still_open) + "."


def _waste(state: SessionState, zone: ZoneInfo) -> Iterator[str]:
    for line in state.containers:
        yield f"{line.text[0].upper()}{line.text[1:]}."
    for entry in state.of(Kind.WASTE):
        witness = next((w for w in state.of(Kind.WITNESS) if str(w.data["waste"]) == entry.id), None)
        seen_by = f"witnessed by {witness.event.author}" if witness else "without a witness"
        yield f"Wasted {entry.data['mg']} mg from {entry.data['container']} by {entry.event.author}, {seen_by}."


def _marks(state: SessionState, zone: ZoneInfo) -> Iterator[str]:
    corrected = [e for e in state.entries if e.corrected]
    late = [e for e in state.entries if e.event.late]
    if corrected:
        yield f"{_counted(len(corrected), 'entry was', 'entries were')} corrected."
    if late:
        yield f"{_counted(len(late), 'entry was', 'entries were')} made late."
    for breach in state.breaches:
        yield f"Recorded against a rule: {breach.text}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _paused(entry: EffectiveEvent, at: str) -> str:
    reason = entry.data.get("reason")
    return f"Paused at {at}" + (f" ({reason})." if reason else ".")


def _stopped(entry: EffectiveEvent, at: str) -> str:
    reason = str(entry.data.get("reason", "")).replace("_", " ")
    return f"Stopped at {at}" + (f": {reason}." if reason else ".")


_SENTENCES: Mapping[Kind, Callable[[EffectiveEvent, str], str]] = {
    Kind.START: lambda e, at: f"Infusion started at {at}.",
    Kind.PAUSE: _paused,
    Kind.RESUME: lambda e, at: (
        f"Resumed at {at}" + (f" at {e.data['rate_ml_per_h']} mL/h." if e.data.get("rate_ml_per_h") else ".")
    ),
    Kind.RATE: lambda e, at: f"Rate {e.data['rate_ml_per_h']} mL/h from {at}.",
    Kind.STOP: _stopped,
    Kind.COMPLETE: lambda e, at: f"Complete at {at}.",
    Kind.FLUSH: lambda e, at: f"Line flushed with {e.data['ml']} mL at {at}.",
    Kind.ADMINISTER: lambda e, at: f"{e.data['mg']} mg given at {at}.",
    Kind.MEDICINE: lambda e, at: f"{e.data['medicine']} {e.data['dose']} at {at}.",
    Kind.CALL: lambda e, at: f"{e.data['who']} was called at {at}.",
}
_PARTS = (_order, _before, _dose, _course, _leaving, _waste, _marks)
