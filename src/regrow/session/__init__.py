"""A session as an append-only log, and everything else computed from it.

In: the rules of the protocol, the events (the signed order is one of them), a time. Out: `SessionState` (phase, mg
delivered, clocks, what is due, alarms, the lists before the dose and before going home), the refusals that say why
an event cannot be taken and what would satisfy it, the REMS form, the note in prose.
"""

from .alarms import Alarm
from .as_json import rules_as_json, state_as_json
from .containers import PREPARATION, ContainerLine, micrograms
from .courses import Course
from .criteria import Criterion
from .events import DOSING, BadEvent, Entry, Event, Kind, event_as_json, event_from_json, iso, read_event
from .fold import Breach, Clock, Due, SessionState, changes, fold, refusals_of, rounded
from .given import given_dose
from .log import entries_of, struck_or_changed
from .note import note_of
from .order import SessionOrder, read_order, unfit_order
from .refusals import Refusal
from .rems import FilledField, FilledForm, fill_rems_form, rems_due_on

__all__ = [
    "DOSING",
    "PREPARATION",
    "Alarm",
    "BadEvent",
    "Breach",
    "Clock",
    "ContainerLine",
    "Course",
    "Criterion",
    "Due",
    "Entry",
    "Event",
    "FilledField",
    "FilledForm",
    "Kind",
    "Refusal",
    "SessionOrder",
    "SessionState",
    "changes",
    "entries_of",
    "event_as_json",
    "event_from_json",
    "fill_rems_form",
    "fold",
    "given_dose",
    "iso",
    "micrograms",
    "note_of",
    "read_event",
    "read_order",
    "refusals_of",
    "rems_due_on",
    "rounded",
    "rules_as_json",
    "state_as_json",
    "struck_or_changed",
    "unfit_order",
]
