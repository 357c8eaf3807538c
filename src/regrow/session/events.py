"""What can happen in a session. An event is immutable; a correction is a new event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any


class BadEvent(ValueError):
    """The event lacks something or holds something that cannot be. The text says what to enter."""


class Kind(StrEnum):
    CHECK = "check"
    START = "start"
    VITAL = "vital"
    PAUSE = "pause"
    RESUME = "resume"
    RATE = "rate"
    STOP = "stop"
    COMPLETE = "complete"
    SEDATION = "sedation"
    FINDING = "finding"
    SYMPTOM = "symptom"
    RIDE = "ride"
    OVERRIDE = "override"
    DISCHARGE = "discharge"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Event:
    """`device_time` is when it happened by the device at the chair, `server_time` when it arrived."""

    id: str
    kind: Kind
    device_time: datetime
    server_time: datetime
    author: str
    data: Mapping[str, Any] = field(default_factory=dict)


# What a reading can be at all. These catch a slip of the finger; they are not clinical limits.
POSSIBLE = {
    "systolic_mmhg": (40, 300),
    "diastolic_mmhg": (20, 200),
    "pulse_per_min": (20, 250),
    "spo2_percent": (50, 100),
}
NEEDS: Mapping[Kind, Sequence[str]] = {
    Kind.CHECK: ("check",),
    Kind.VITAL: ("systolic_mmhg", "diastolic_mmhg", "pulse_per_min", "spo2_percent"),
    Kind.RATE: ("rate_ml_per_h",),
    Kind.STOP: (),
    Kind.SEDATION: ("moaas",),
    Kind.FINDING: ("criterion", "holds"),
    Kind.SYMPTOM: ("symptom", "severity"),
    Kind.RIDE: ("name",),
    Kind.OVERRIDE: ("rule", "reason"),
    Kind.CORRECTION: ("corrects",),
}


def read_event(event: Event) -> Event:
    """The event with its figures checked. Raises `BadEvent` with what to enter instead."""
    data = dict(event.data)
    for name in NEEDS.get(event.kind, ()):
        if data.get(name) in (None, ""):
            raise BadEvent(f"{_words(name)} is missing: enter it to save this {event.kind.value}")
    if event.kind is Kind.VITAL:
        for name, (low, high) in POSSIBLE.items():
            data[name] = _whole(name, data[name], low, high)
        if data["diastolic_mmhg"] >= data["systolic_mmhg"]:
            raise BadEvent(
                f"{data['systolic_mmhg']}/{data['diastolic_mmhg']}: the upper value must be above the lower one"
            )
    if event.kind is Kind.SEDATION:
        data["moaas"] = _whole("moaas", data["moaas"], 0, 5)
    if event.kind is Kind.SYMPTOM:
        data["severity"] = _whole("severity", data["severity"], 1, 5)
    if event.kind is Kind.RATE:
        try:
            rate = Decimal(str(data["rate_ml_per_h"]))
        except InvalidOperation as error:
            raise BadEvent(f"{data['rate_ml_per_h']!r} is not a rate; enter mL/h, such as 75.6") from error
        if not rate.is_finite() or rate <= 0:
            raise BadEvent("a rate must be above 0 mL/h; use pause to stop the flow")
        data["rate_ml_per_h"] = str(rate)
    return replace(event, data=data)


def _whole(name: str, value: Any, low: int, high: int) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise BadEvent(f"{_words(name)}: {value!r} is not a whole number") from error
    if not low <= number <= high:
        raise BadEvent(f"{_words(name)} of {number} cannot be; enter a value from {low} to {high}")
    return number


def _words(name: str) -> str:
    return {
        "systolic_mmhg": "Upper blood pressure",
        "diastolic_mmhg": "Lower blood pressure",
        "pulse_per_min": "Pulse",
        "spo2_percent": "SpO₂",
        "moaas": "MOAA/S",
        "name": "The name of the person who takes the patient home",
    }.get(name, name.replace("_", " ").capitalize())
