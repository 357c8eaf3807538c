"""The state as plain JSON values, for the shell, the board and the tablet."""

from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import Any

from regrow.knowledge import SessionRules

from .checklists import ChecklistItem
from .client_constants import client_constants
from .events import EffectiveEvent, iso
from .fold import SessionState, rounded
from .next_action import next_action


def state_as_json(state: SessionState) -> dict[str, Any]:
    """Every derived quantity. mg and mL are numbers to the microgram and the microlitre; times are UTC."""
    order = state.order
    share = state.partial_fraction
    following = next_action(state)
    return {
        "phase": state.phase,
        "at": iso(state.at),
        "protocol": f"{state.rules.protocol} v{state.rules.version}",
        "ordered_mg": number(Fraction(order.prepared_mg)) if order else None,
        "started_at": when(state.started_at),
        "delivered_mg": number(state.delivered_mg),
        "delivered_ml": number(state.delivered_ml),
        "left_ml": number(state.left_ml),
        "in_line_mg": number(state.in_line_mg),
        "infusion_ends_at": when(state.infusion_ends_at),
        "ended_at": when(state.ended_at),
        "left_at": when(state.left_at),
        "partial_fraction": number(share) if share is not None else None,
        "partial": state.partial,
        "devices": {
            "given": len(state.devices),
            "ordered": state.devices_ordered,
            "next_at": when(state.next_device_at),
        }
        if state.rules.devices
        else None,
        "clocks": {
            clock.id: {
                "text": clock.text,
                "started_at": when(clock.started_at),
                "stopped_at": when(clock.stopped_at),
                "elapsed_min": number(clock.elapsed_min),
                "at_least_min": clock.at_least_min,
                "done_at": when(clock.done_at),
            }
            for clock in state.clocks
        },
        "alarms": [
            {
                "id": alarm.id,
                "priority": alarm.priority,
                "text": alarm.text,
                "since": iso(alarm.since),
                "event": alarm.event_id,
                "do": alarm.do,
                "acknowledged_by": alarm.acknowledged_by,
                "call_due": alarm.call_due,
            }
            for alarm in state.alarms
        ],
        "due": [
            {"id": due.id, "text": due.text, "at": iso(due.at), "overdue_min": due.late_min}
            for due in state.due
        ],
        "next": {
            "id": following.id,
            "text": following.text,
            "detail": following.detail,
            "kind": following.kind.value if following.kind else None,
            "data": dict(following.data),
            "due_at": when(following.due_at),
        },
        "before": [_criterion(line) for line in state.before],
        "discharge": [_criterion(line) for line in state.discharge],
        "ready_at": when(state.ready_at),
        "courses": {
            course.id: {
                "looked_for": course.looked_for,
                "onset": when(course.onset),
                "ended": when(course.ended),
                "scores": [{"at": iso(at), "total": total} for at, total in course.scores],
            }
            for course in state.courses
        },
        "containers": [
            {
                "container": line.container,
                "lot": line.lot,
                "drawn_mg" if line.container != "preparation" else "given_mg": line.out_ug / 1000,
                "wasted_mg": line.wasted_ug / 1000,
                "left_mg": None if line.left_ug is None else line.left_ug / 1000,
                "open": line.open,
            }
            for line in state.containers
        ],
        "unwitnessed": [entry.id for entry in state.unwitnessed],
        "unsigned_vitals": state.unsigned_vitals,
        "vitals": [_vital(entry) for entry in state.vitals],
        "prescriber_here": state.prescriber_here,
        "consent_withdrawn": state.consent_withdrawn,
        "impaired": state.impaired,
        "breaches": [{"event": b.event_id, "rule": b.rule, "text": b.text} for b in state.breaches],
        "late": [entry.id for entry in state.entries if entry.event.late],
    }


def when(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def number(value: Fraction) -> float:
    return float(rounded(value, "0.001"))


def _criterion(line: ChecklistItem) -> dict[str, Any]:
    found = line.determination
    return {
        "criterion": line.id,
        "state": found.state.value,
        "force": line.force,
        "overridden": line.overridden,
        "text": found.text,
        "missing": list(found.missing),
        "because": list(found.because),
    }


def _vital(entry: EffectiveEvent) -> dict[str, Any]:
    names = ("systolic_mmhg", "diastolic_mmhg", "pulse_per_min", "spo2_percent", "resp_per_min")
    return {"at": iso(entry.at), "event": entry.id} | {n: entry.data[n] for n in names if n in entry.data}


def rules_as_json(rules: SessionRules) -> dict[str, Any]:
    """Session rules as the tablet reads them, so that it works offline."""
    devices = rules.devices
    return {
        "protocol": rules.protocol,
        "version": rules.version,
        "title": rules.title,
        "way": rules.way,
        "medicine": rules.medicine,
        "at_home": rules.at_home,
        "before": [asdict(item) for item in rules.before],
        "discharge": [
            {name: value for name, value in asdict(item).items() if value not in (None, "")}
            for item in rules.discharge
        ],
        "alarms": [asdict(rule) for rule in rules.alarms],
        "clocks": [asdict(clock) for clock in rules.clocks],
        "captures": [{**asdict(capture), "at_min": f"{capture.at_min}"} for capture in rules.captures],
        "devices": {"mg": f"{devices.mg}", "apart_min": devices.apart_min} if devices else None,
        "symptoms": {term.id: asdict(term) for term in rules.symptoms.values()},
        "scales": {
            id: {"title": scale.title, "min": scale.minimum, "max": scale.maximum}
            for id, scale in rules.scales.items()
        },
        "constants": client_constants(),
    }
