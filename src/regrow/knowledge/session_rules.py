"""How a session is run, as its protocol's file says it: checks, clocks, captures, alarms, what going home needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .scale import Scale


@dataclass(frozen=True)
class PreDoseItem:
    """Something that must stand before the first dose. `force` is hard, gate or warn."""

    id: str
    kind: str
    force: str
    text: str


@dataclass(frozen=True)
class DischargeCriterion:
    """Something that must stand before the patient goes home. Which fields are set follows from `kind`."""

    id: str
    kind: str
    text: str
    force: str = "hard"
    scale: str = ""
    at_least: int | None = None
    at_most: int | None = None
    clock: str = ""
    capture: str = ""


@dataclass(frozen=True)
class AlarmRule:
    """When a reading, a scale, a symptom or a late observation alarms.

    `at_least`, `below` and `rise_at_least` name a signed limit; one that is not signed switches the rule off.
    With `readings` 2 the reading must stand again after the minutes of the limit `apart`.
    """

    id: str
    on: str
    text: str
    priority: str
    at_least: str = ""
    below: str = ""
    rise_at_least: str = ""
    readings: int = 1
    apart: str = ""


@dataclass(frozen=True)
class ClockRule:
    """A span that is counted. Anchors: first_dose, last_dose, dose_end; it stops when the patient leaves.

    `at_least_min` is None where the span is only recorded.
    """

    id: str
    text: str
    anchor: str
    at_least_min: int | None


@dataclass(frozen=True)
class TimedMeasurement:
    """Something to be measured around a minute after an anchor. The width of the window is the clinic's limit."""

    id: str
    what: str
    text: str
    anchor: str
    at_min: Decimal | str
    early: str = ""
    late: str = ""


@dataclass(frozen=True)
class SymptomCourseRule:
    """What counts as sedation or dissociation being there, for its course, onset and end."""

    id: str
    text: str
    scale: str
    absent_at: int


@dataclass(frozen=True)
class Devices:
    """A product that is given by single devices."""

    mg: Decimal
    apart_min: int
    doses_mg: Sequence[Decimal]


@dataclass(frozen=True)
class SymptomTerm:
    """A symptom that can be tapped. `course` says which course it belongs to, `emergency` what to do at once."""

    id: str
    text: str
    course: str = ""
    emergency: str = ""


@dataclass(frozen=True)
class SessionRules:
    """Everything the session engine reads. `limits` maps each limit's name to whether it must be signed.

    `at_home`: the person is where they live and a nurse is with them by video; nothing is drawn from the cabinet.
    """

    protocol: str
    version: int
    title: str
    route: str
    way: str
    medicine: str
    before: Sequence[PreDoseItem]
    discharge: Sequence[DischargeCriterion]
    alarms: Sequence[AlarmRule]
    clocks: Sequence[ClockRule]
    captures: Sequence[TimedMeasurement]
    courses: Sequence[SymptomCourseRule]
    limits: Mapping[str, bool]
    devices: Devices | None = None
    at_home: bool = False
    symptoms: Mapping[str, SymptomTerm] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)

    @property
    def needed_limits(self) -> Sequence[str]:
        return [name for name, needed in self.limits.items() if needed]


def session_rules_of(raw: Mapping[str, Any]) -> SessionRules:
    given = raw["session"]
    devices = given.get("devices")
    return SessionRules(
        protocol=raw["id"],
        version=raw["version"],
        title=raw["title"],
        route=raw["route"],
        way=given["way"],
        medicine=given["medicine"],
        before=tuple(PreDoseItem(b["id"], b["kind"], b["force"], b["text"]) for b in raw["before"]),
        discharge=tuple(_criterion(d) for d in raw["discharge"]),
        alarms=tuple(_alarm(a) for a in given["alarms"]),
        clocks=tuple(
            ClockRule(c["id"], c["text"], c["anchor"], c.get("at_least_min")) for c in given["clocks"]
        ),
        captures=tuple(_capture(c) for c in given["captures"]),
        courses=tuple(
            SymptomCourseRule(c["id"], c["text"], c["scale"], c["absent_at"]) for c in given["courses"]
        ),
        limits={name: value == "unset" for name, value in raw["limits"].items()},
        at_home=raw.get("place") == "home",
        devices=Devices(
            Decimal(devices["mg"]), devices["apart_min"], tuple(Decimal(d) for d in devices["doses_mg"])
        )
        if devices
        else None,
    )


def _criterion(raw: Mapping[str, Any]) -> DischargeCriterion:
    names = ("id", "kind", "text", "force", "scale", "at_least", "at_most", "clock", "capture")
    return DischargeCriterion(**{name: raw[name] for name in names if name in raw})


def _alarm(raw: Mapping[str, Any]) -> AlarmRule:
    names = ("id", "on", "text", "priority", "at_least", "below", "rise_at_least", "readings", "apart")
    return AlarmRule(**{name: raw[name] for name in names if name in raw})


def _capture(raw: Mapping[str, Any]) -> TimedMeasurement:
    at = raw["at_min"]
    return TimedMeasurement(
        raw["id"],
        raw["what"],
        raw["text"],
        raw["anchor"],
        Decimal(at) if at[0].isdigit() else at,
        raw.get("early", ""),
        raw.get("late", ""),
    )


def symptoms_of(raw: Mapping[str, Any]) -> Sequence[SymptomTerm]:
    return tuple(
        SymptomTerm(s["id"], s["text"], s.get("course", ""), s.get("emergency", "")) for s in raw["symptoms"]
    )
