"""Kinds of session events. An event is immutable; a correction is a new event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from regrow.knowledge import SessionRules


class BadEvent(ValueError):
    """The event lacks a field or holds an impossible value. The text says what to enter."""


class Kind(StrEnum):
    ORDER = "order"
    IDENTITY = "identity"
    CHECK = "check"
    DRAW = "draw"
    DOUBLE_CHECK = "double_check"
    WASTE = "waste"
    WITNESS = "witness"
    START = "start"
    RATE = "rate"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    COMPLETE = "complete"
    FLUSH = "flush"
    DEVICE = "device"
    ADMINISTER = "administer"
    VITAL = "vital"
    SIGN = "sign"
    SCALE = "scale"
    SYMPTOM = "symptom"
    MEDICINE = "medicine"
    CALL = "call"
    PRESENCE = "presence"
    ACKNOWLEDGE = "acknowledge"
    OVERRIDE = "override"
    CONSENT = "consent"
    FINDING = "finding"
    RIDE = "ride"
    HANDOVER = "handover"
    LEFT = "left"
    CLOSE = "close"
    CORRECTION = "correction"


# Kinds that give drug to the patient, or let more flow.
DOSING = frozenset({Kind.START, Kind.RESUME, Kind.DEVICE, Kind.ADMINISTER})

# An event that reached the server this long after it happened is labelled late. A label, not a clinical limit.
LATE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class LogEvent:
    """An entry of the session log, as recorded.

    `device_time` is the clock of the device it was typed on, `server_time` when it arrived. `happened_at` is
    set only for a late entry: the time the author gives, by the same device's clock. `skew_ms` is how far the
    server's clock was ahead of the device's. `seq` counts the entries of one device.
    """

    id: str
    kind: Kind
    device_time: datetime
    server_time: datetime
    author: str
    data: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    role: str = ""
    device: str = ""
    seq: int = 0
    happened_at: datetime | None = None
    skew_ms: int = 0

    @property
    def at(self) -> datetime:
        """When it happened, by the server's clock."""
        return (self.happened_at or self.device_time) + timedelta(milliseconds=self.skew_ms)

    @property
    def late(self) -> bool:
        """Entered after the fact, or kept on a tablet without network."""
        return self.happened_at is not None or self.server_time - self.at > LATE_AFTER


@dataclass(frozen=True)
class EffectiveEvent:
    """A log event at its effective time, with corrections applied."""

    event: LogEvent
    at: datetime
    data: Mapping[str, Any]
    corrected: str = ""

    @property
    def id(self) -> str:
        return self.event.id

    @property
    def kind(self) -> Kind:
        return self.event.kind


# What a reading can be at all. These catch a slip of the finger; they are not clinical limits.
POSSIBLE = {
    "systolic_mmhg": (40, 300),
    "diastolic_mmhg": (20, 200),
    "pulse_per_min": (20, 250),
    "spo2_percent": (50, 100),
    "resp_per_min": (0, 80),
}
_WORDS = {
    "systolic_mmhg": "Systolic pressure",
    "diastolic_mmhg": "Diastolic pressure",
    "pulse_per_min": "Pulse",
    "spo2_percent": "SpO₂",
    "resp_per_min": "Respiratory rate",
    "name": "The name of the ride home",
    "by": "The identifiers that were checked",
    "told": "Who was informed",
}
_NEEDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDER: ("protocol", "version", "prepared_mg", "limits"),
    Kind.IDENTITY: ("by",),
    Kind.CHECK: ("check",),
    Kind.DRAW: ("container", "drawn_mg"),
    Kind.WASTE: ("container", "mg"),
    Kind.WITNESS: ("waste",),
    Kind.RATE: ("rate_ml_per_h",),
    Kind.FLUSH: ("ml",),
    Kind.DEVICE: ("n",),
    Kind.ADMINISTER: ("mg",),
    Kind.SCALE: ("scale", "total"),
    Kind.SYMPTOM: ("symptom",),
    Kind.MEDICINE: ("medicine", "dose"),
    Kind.CALL: ("who",),
    Kind.PRESENCE: ("who", "here"),
    Kind.ACKNOWLEDGE: ("alarm",),
    Kind.OVERRIDE: ("rule", "reason"),
    Kind.CONSENT: ("text",),
    Kind.FINDING: ("criterion", "holds"),
    Kind.RIDE: ("name",),
    Kind.HANDOVER: ("name",),
    Kind.LEFT: ("reason", "told"),
    Kind.CORRECTION: ("corrects", "reason"),
}


def read_event(event: LogEvent, rules: SessionRules | None = None) -> LogEvent:
    """The event with its figures checked and in one form. Raises `BadEvent` with what to enter instead."""
    data = {name: value for name, value in event.data.items() if value is not None or name == "data"}
    for name in _NEEDS.get(event.kind, ()):
        if data.get(name) in (None, "", [], ()):
            raise BadEvent(f"{_label(name)} is missing: enter it to save this {event.kind.value}")
    reader = _READERS.get(event.kind)
    if reader:
        reader(data, rules)
    return replace(event, data=data)


def _vital(data: dict[str, Any], rules: SessionRules | None) -> None:
    given = [name for name in POSSIBLE if data.get(name) not in (None, "")]
    if not given:
        raise BadEvent("No reading is given: enter blood pressure, pulse or SpO₂ to save this vital")
    for name in given:
        data[name] = _whole(name, data[name], *POSSIBLE[name])
    if ("systolic_mmhg" in data) != ("diastolic_mmhg" in data):
        raise BadEvent("Blood pressure needs both values: the upper one and the lower one, or one is missing")
    if "systolic_mmhg" in data and data["diastolic_mmhg"] >= data["systolic_mmhg"]:
        raise BadEvent(
            f"{data['systolic_mmhg']}/{data['diastolic_mmhg']}: the upper value must be above the lower one"
        )


def _scale(data: dict[str, Any], rules: SessionRules | None) -> None:
    known = rules.scales.get(data["scale"]) if rules else None
    if rules and known is None:
        raise BadEvent(
            f"{data['scale']!r} is not a scale of this session; there are: {', '.join(rules.scales)}"
        )
    low, high = (known.minimum, known.maximum) if known else (0, 100)
    data["total"] = _whole(known.title if known else "total", data["total"], low, high)


def _symptom(data: dict[str, Any], rules: SessionRules | None) -> None:
    if rules and rules.symptoms and data["symptom"] not in rules.symptoms:
        raise BadEvent(
            f"{data['symptom']!r} is not in the list of symptoms; take “other” and write it in the note"
        )
    if not data.get("resolved"):
        if data.get("severity") in (None, ""):
            raise BadEvent("Severity is missing: enter it to save this symptom")
        data["severity"] = _whole("severity", data["severity"], 1, 5)


def _device(data: dict[str, Any], rules: SessionRules | None) -> None:
    data["n"] = _whole("device number", data["n"], 1, 3)


def _decimals(*names: str) -> Callable[[dict[str, Any], SessionRules | None], None]:
    def read(data: dict[str, Any], rules: SessionRules | None) -> None:
        for name in names:
            if data.get(name) not in (None, ""):
                data[name] = str(_decimal(name, data[name]))

    return read


def _rate(data: dict[str, Any], rules: SessionRules | None) -> None:
    if data.get("rate_ml_per_h") in (None, ""):
        data.pop("rate_ml_per_h", None)
        return
    try:
        rate = Decimal(str(data["rate_ml_per_h"]))
    except InvalidOperation as error:
        raise BadEvent(f"{data['rate_ml_per_h']!r} is not a rate; enter mL/h, such as 75.6") from error
    if not rate.is_finite() or not 0 < rate < 10_000:
        raise BadEvent("a rate must be above 0 mL/h and below 10,000; use pause to stop the flow")
    data["rate_ml_per_h"] = str(rate)


def _correction(data: dict[str, Any], rules: SessionRules | None) -> None:
    if "at" in data:
        data["at"] = _time("at", data["at"]).isoformat()
    if data.get("data") is not None and not isinstance(data["data"], Mapping):
        raise BadEvent("the corrected values must be given by name, or left out to strike the entry")


_READERS: Mapping[Kind, Callable[[dict[str, Any], SessionRules | None], None]] = {
    Kind.VITAL: _vital,
    Kind.SCALE: _scale,
    Kind.SYMPTOM: _symptom,
    Kind.DEVICE: _device,
    Kind.START: _rate,
    Kind.RATE: _rate,
    Kind.RESUME: _rate,
    Kind.DRAW: _decimals("drawn_mg", "size_mg", "drawn_ml"),
    Kind.WASTE: _decimals("mg"),
    Kind.FLUSH: _decimals("ml"),
    Kind.ADMINISTER: _decimals("mg"),
    Kind.CORRECTION: _correction,
}


_LARGEST = 10**15


def event_from_json(line: Mapping[str, Any]) -> LogEvent:
    """One line of a log, as `regrow schema session-event` documents it. Raises `BadEvent`."""
    try:
        kind = Kind(line["kind"])
    except KeyError as error:
        raise BadEvent("`kind` is missing") from error
    except ValueError as error:
        raise BadEvent(
            f"{line['kind']!r} is not a kind of event; there are: {', '.join(k.value for k in Kind)}"
        ) from error
    for name in ("id", "device_time", "author"):
        if not line.get(name):
            raise BadEvent(f"`{name}` is missing")
    device_time = _time("device_time", line["device_time"])
    return LogEvent(
        id=str(line["id"]),
        kind=kind,
        device_time=device_time,
        server_time=_time("server_time", line["server_time"]) if line.get("server_time") else device_time,
        author=str(line["author"]),
        data=dict(line.get("data") or {}),
        licence=str(line.get("licence", "")),
        role=str(line.get("role", "")),
        device=str(line.get("device", "")),
        seq=_whole("seq", line.get("seq", 0), 0, _LARGEST),
        happened_at=_time("happened_at", line["happened_at"]) if line.get("happened_at") else None,
        skew_ms=_whole("skew_ms", line.get("skew_ms", 0), -_LARGEST, _LARGEST),
    )


def event_as_json(event: LogEvent) -> dict[str, Any]:
    """The line of a log that `event_from_json` reads back."""
    found: dict[str, Any] = {
        "id": event.id,
        "kind": event.kind.value,
        "device_time": iso(event.device_time),
        "server_time": iso(event.server_time),
        "author": event.author,
        "licence": event.licence,
        "role": event.role,
        "device": event.device,
        "seq": event.seq,
        "skew_ms": event.skew_ms,
        "happened_at": iso(event.happened_at) if event.happened_at else None,
        "data": dict(event.data),
    }
    return {name: value for name, value in found.items() if value not in (None, "", 0) or name == "data"}


def iso(moment: datetime) -> str:
    """UTC with a Z, to the microsecond where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time(name: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadEvent(f"`{name}`: {value!r} is not a time; write it like 2026-11-24T15:00:00Z") from error
    if moment.tzinfo is None:
        raise BadEvent(f"`{name}`: {value!r} has no zone; write it like 2026-11-24T15:00:00Z")
    return moment.astimezone(UTC)


def _decimal(name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise BadEvent(f"{_label(name)}: {value!r} is not a number") from error
    if not number.is_finite() or not 0 <= number < 1_000_000:
        raise BadEvent(f"{_label(name)} of {value} cannot be; enter a number of 0 or more")
    return number


def _whole(name: str, value: Any, low: int, high: int) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise BadEvent(f"{_label(name)}: {value!r} is not a whole number") from error
    if not low <= number <= high:
        raise BadEvent(f"{_label(name)} of {number} cannot be; enter a value from {low} to {high}")
    return number


def _label(name: str) -> str:
    return _WORDS.get(name, name.replace("_", " ").capitalize())
