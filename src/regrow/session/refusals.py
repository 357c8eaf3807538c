"""Why an event cannot be taken now, in a sentence that says what would satisfy it."""

from regrow.knowledge import Limits, Protocol

from .events import Event, Kind
from .fold import SessionState

PUMP = {Kind.PAUSE, Kind.RESUME, Kind.RATE, Kind.STOP, Kind.COMPLETE}


def refusal(protocol: Protocol, limits: Limits, state: SessionState, event: Event) -> str | None:
    """None when the event may be taken. `state` is the fold of the log at the event's time."""
    if event.kind is Kind.CORRECTION:
        return None
    if state.phase == "discharged":
        return "The patient has left; what was missed can only be added as a correction."
    match event.kind:
        case Kind.START:
            return _start(protocol, limits, state)
        case Kind.PAUSE if state.phase != "infusing":
            return f"There is nothing to pause: the session is {state.phase}."
        case Kind.RESUME if state.phase != "paused":
            return f"There is nothing to resume: the session is {state.phase}."
        case Kind.RATE if state.phase not in ("infusing", "paused"):
            return f"The rate can be changed while infusing or paused; the session is {state.phase}."
        case Kind.STOP if state.phase not in ("infusing", "paused"):
            return f"There is nothing to stop: the session is {state.phase}."
        case Kind.COMPLETE if state.phase not in ("infusing", "observing"):
            return f"An infusion is complete when it has run; the session is {state.phase}."
        case Kind.DISCHARGE:
            return _discharge(state)
        case _:
            return None


def _start(protocol: Protocol, limits: Limits, state: SessionState) -> str | None:
    if state.phase != "preparing":
        return f"The infusion was started already; the session is {state.phase}."
    undone = [text for id, text in protocol.before if id not in state.checks]
    if undone:
        return f"Cannot start yet. Still to check: {'; '.join(undone)}."
    if not state.vitals:
        return "Cannot start yet: take a first set of vital signs."
    data = state.vitals[-1].data
    high = (
        data["systolic_mmhg"] > limits.start_hold_systolic_mmhg
        or data["diastolic_mmhg"] > limits.start_hold_diastolic_mmhg
    )
    if high and "start_hold" not in state.overrides:
        return (
            f"Cannot start yet: blood pressure was {data['systolic_mmhg']}/{data['diastolic_mmhg']}; a reading of "
            f"{limits.start_hold_systolic_mmhg}/{limits.start_hold_diastolic_mmhg} or less, or the prescriber's "
            "override with a reason, will do."
        )
    return None


def _discharge(state: SessionState) -> str | None:
    if not state.open_criteria:
        return None
    lines = [
        d.text + (f" ({d.missing[0]})" if d.missing and d.missing[0] not in d.text else "")
        for d in state.open_criteria
    ]
    return f"Cannot discharge yet. Open: {'; '.join(lines)}."
