"""A regimen: its sessions, its dose, how a session is run, and the limits to sign."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, Where

from .limit import unknown_limits
from .scale import Scale
from .symptoms import SymptomTerm
from .titration import read as read_titration


@dataclass(frozen=True)
class Limits:
    """The signed limits that a dose decision reads; None where nothing was signed for it.

    `score_fresh_days`: no older score decides. `score_before_dose_days`: at most so many of the days that a score
    looks back on may lie before the last dose.
    """

    counts_as_given_percent: Decimal | None
    absolute_dose_mg: Decimal | None
    score_fresh_days: Decimal | None
    score_before_dose_days: Decimal | None
    weight_change_percent: Decimal | None

    @classmethod
    def names(cls) -> Sequence[str]:
        return [field.name for field in fields(cls)]

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Limits":
        return cls(**{name: Decimal(values[name]) if name in values else None for name in cls.names()})


@dataclass(frozen=True)
class PreDoseItem:
    """Item required before the first dose. `force` is hard, gate or warn."""

    id: str
    kind: str
    force: str
    text: str


@dataclass(frozen=True)
class DischargeCriterion:
    """Criterion required before discharge. `kind` decides which fields are set."""

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
    With `readings` 2 the limit must be crossed again after the minutes of the limit `apart`.
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
    """A counted time span. Anchors: first_dose, last_dose, dose_end; it stops when the patient leaves.

    `at_least_min` is None where the span is only recorded.
    """

    id: str
    text: str
    anchor: str
    at_least_min: int | None


@dataclass(frozen=True)
class TimedMeasurement:
    """A measurement due a number of minutes after an anchor, within a window set by the clinic's limits."""

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


@dataclass(frozen=True)
class StopRule:
    """When a session at home does not begin or goes no further: for the nurse, and for the person by language."""

    id: str
    text: str
    plain: Mapping[str, str]


@dataclass(frozen=True)
class HomeRules:
    """How a session at home is held. `signs` are what the person measures; `lost` what is done, in order, when they
    cannot be reached.
    """

    signs: Sequence[str]
    stop: Sequence[StopRule]
    lost: Sequence[str]


@dataclass(frozen=True)
class Protocol:
    """How a course is run, by any route. Safety limits are not here: they are signed apart.

    `unset_limits` must be signed before a session opens; `optional_limits` may stay empty. `titration` is the id and
    the version of the rule that moves the dose, None where the regimen is fixed. `home` is None in the clinic.
    """

    id: str
    version: int
    effective: date
    title: str
    route: str
    source: str
    sessions: int
    session: SessionRules
    regimen: str
    unset_limits: Sequence[str]
    optional_limits: Sequence[str]
    titration: tuple[str, int] | None
    home: HomeRules | None


@dataclass(frozen=True)
class InfusionProtocol(Protocol):
    """A protocol whose dose is given by a pump. `minutes` grow where the rule's rate cap asks for it."""

    every_days: int
    minutes: int
    vial_mg_per_ml: Decimal
    bag_ml: Decimal
    bag_policy: str
    syringe_step_ml: Decimal
    weight_basis: str


def read(raw: Raw) -> Protocol:
    common: dict[str, Any] = {
        "id": raw["id"],
        "version": raw["version"],
        "effective": date.fromisoformat(raw["effective"]),
        "title": raw["title"],
        "route": raw["route"],
        "source": raw["source"],
        "sessions": raw["sessions"]["count"],
        "session": session_rules_of(raw),
        "regimen": raw.get("dose", {}).get("text", ""),
        "unset_limits": tuple(name for name, value in raw["limits"].items() if value == "unset"),
        "optional_limits": tuple(name for name, value in raw["limits"].items() if value == "optional"),
        "titration": (raw["titration"]["rule"], raw["titration"]["version"]) if "titration" in raw else None,
        "home": _home_of(raw["home"]) if "home" in raw else None,
    }
    if raw["route"] != "iv-racemic":
        return Protocol(**common)
    return InfusionProtocol(
        **common,
        every_days=raw["sessions"]["every_days"],
        minutes=raw["minutes"]["value"],
        vial_mg_per_ml=Decimal(raw["preparation"]["vial_mg_per_ml"]),
        bag_ml=Decimal(raw["preparation"]["bag_ml"]),
        bag_policy=raw["preparation"]["bag_policy"],
        syringe_step_ml=Decimal(raw["preparation"]["syringe_step_ml"]),
        weight_basis=raw["weight_basis"],
    )


def _home_of(raw: Raw) -> HomeRules:
    return HomeRules(
        tuple(raw["signs"]),
        tuple(StopRule(s["id"], s["text"], {"en": s["en"], "es": s["es"]}) for s in raw["stop"]),
        tuple(raw["lost"]),
    )


def session_rules_of(raw: Raw) -> SessionRules:
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
        discharge=tuple(_discharge_criterion(d) for d in raw["discharge"]),
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


def _discharge_criterion(raw: Raw) -> DischargeCriterion:
    names = ("id", "kind", "text", "force", "scale", "at_least", "at_most", "clock", "capture")
    return DischargeCriterion(**{name: raw[name] for name in names if name in raw})


def _alarm(raw: Raw) -> AlarmRule:
    names = ("id", "on", "text", "priority", "at_least", "below", "rise_at_least", "readings", "apart")
    return AlarmRule(**{name: raw[name] for name in names if name in raw})


def _capture(raw: Raw) -> TimedMeasurement:
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


def check(files: Files, document: KnowledgeFile, made: Protocol) -> Iterator[Problem]:
    scales, rules = files.ids("scale"), made.session
    yield from unknown_limits(files, rules.limits)
    if made.titration:
        id, version = made.titration
        known = {d.version for d in files.history("titration", id)} if id in files.ids("titration") else set()
        if version not in known:
            yield ["titration"], f"there is no version {version} of the titration rule {id!r}."
        elif isinstance(made, InfusionProtocol):
            rule = read_titration(files.document("titration", id, version).contents)
            if rule.unit != "mg/kg":
                yield ["titration"], f"{id} doses in {rule.unit}; a rule for an infusion doses in mg/kg."
    clocks, captures = {clock.id for clock in rules.clocks}, {capture.id for capture in rules.captures}
    for index, criterion in enumerate(rules.discharge):
        where: Where = ["discharge", index]
        if criterion.kind == "scale" and criterion.scale not in scales:
            yield where, f"there is no scale {criterion.scale!r}."
        if criterion.kind == "clock" and criterion.clock not in clocks:
            yield where, f"there is no clock {criterion.clock!r} under `session`."
        if criterion.kind == "capture" and criterion.capture not in captures:
            yield where, f"there is no capture {criterion.capture!r} under `session`."
    for index, capture in enumerate(rules.captures):
        if capture.what != "pressure" and capture.what not in scales:
            yield ["session", "captures", index], f"there is no scale {capture.what!r}."
    for index, course in enumerate(rules.courses):
        if course.scale not in scales:
            yield ["session", "courses", index], f"there is no scale {course.scale!r}."
    for index, alarm in enumerate(rules.alarms):
        for name in (alarm.at_least, alarm.below, alarm.rise_at_least, alarm.apart):
            if name and name not in rules.limits:
                yield (
                    ["session", "alarms", index],
                    f"{name!r} is not among this protocol's limits. Add it there.",
                )
    if rules.way == "devices" and rules.devices is None:
        yield ["session"], "a product of single devices needs `devices`: mg, apart_min and doses_mg."


KIND = Kind(id="protocol", folder="protocols", label="Protocol", read=read, check=check)
