"""A session as an append-only log, and everything else computed from it.

In: the rules of the protocol, the events (the signed order is one of them), a time. Out: `SessionState` (phase, mg
delivered, clocks, what is due, alarms, the lists before the dose and before going home), the refusals that say why
an event cannot be taken and what would satisfy it, the REMS form, the note in prose.
"""

from .administered_dose import administered_dose
from .alarms import Alarm
from .checklists import ChecklistItem
from .containers import PREPARATION, ContainerLine, micrograms
from .events import (
    DOSING,
    BadEvent,
    EffectiveEvent,
    Kind,
    LogEvent,
    event_as_json,
    event_from_json,
    iso,
    read_event,
)
from .fold import Breach, Clock, Due, SessionState, changes, fold, refusals_of, rounded
from .log import apply_corrections, entries_of
from .next_action import NextAction, next_action
from .note import note_of
from .order import SessionOrder, read_order, unfit_order
from .refusals import Refusal
from .rems import FilledField, FilledForm, fill_rems_form, rems_due_on
from .serialization import rules_as_json, state_as_json
from .symptom_course import SymptomCourse

__all__ = [
    "DOSING",
    "PREPARATION",
    "Alarm",
    "BadEvent",
    "Breach",
    "ChecklistItem",
    "Clock",
    "ContainerLine",
    "Due",
    "EffectiveEvent",
    "FilledField",
    "FilledForm",
    "Kind",
    "LogEvent",
    "NextAction",
    "Refusal",
    "SessionOrder",
    "SessionState",
    "SymptomCourse",
    "administered_dose",
    "apply_corrections",
    "changes",
    "entries_of",
    "event_as_json",
    "event_from_json",
    "fill_rems_form",
    "fold",
    "iso",
    "micrograms",
    "next_action",
    "note_of",
    "read_event",
    "read_order",
    "refusals_of",
    "rems_due_on",
    "rounded",
    "rules_as_json",
    "state_as_json",
    "unfit_order",
]
