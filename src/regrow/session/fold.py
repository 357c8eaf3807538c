"""The log folded into the state at one moment. Pure: the same log gives the same state in any order of arrival."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from regrow.chart import Determination, State
from regrow.knowledge import DischargeCriterion, Limits, Protocol

from .events import Event, Kind


@dataclass(frozen=True)
class SessionOrder:
    """The signed order a session runs under."""

    id: str
    mg_per_kg: Decimal
    dose_mg: Decimal
    prepared_mg: Decimal
    total_ml: Decimal
    rate_ml_per_h: Decimal
    minutes: int
    weight_kg: Decimal


@dataclass(frozen=True)
class Alarm:
    """A limit passed. `priority` is high, medium or low, as IEC 60601-1-8 names them."""

    priority: str
    text: str
    event_id: str


@dataclass(frozen=True)
class Run:
    """The pump at one rate. `ended_at` is None while it runs."""

    started_at: datetime
    ended_at: datetime
    ml_per_h: Fraction


@dataclass(frozen=True)
class SessionState:
    """Everything the screens show, derived and never stored. `phase`: preparing, infusing, paused, observing, discharged."""

    phase: str
    at: datetime
    started_at: datetime | None
    infusion_ends_at: datetime | None
    ended_at: datetime | None
    delivered_ml: Fraction
    delivered_mg: Fraction
    left_ml: Fraction
    running_ms: int
    checks: frozenset[str]
    overrides: frozenset[str]
    runs: Sequence[Run]
    vitals: Sequence[Event]
    symptoms: Sequence[Event]
    sedation: Event | None
    ride: str | None
    vitals_due_at: datetime | None
    alarms: Sequence[Alarm]
    discharge: Sequence[Determination]
    discharged_at: datetime | None

    def delivered_percent(self, order: SessionOrder) -> Decimal:
        """Share of the prepared dose that went in, to 0.1 %."""
        share = self.delivered_mg * 100 / Fraction(order.prepared_mg)
        return (Decimal(share.numerator) / share.denominator).quantize(Decimal("0.1"), ROUND_HALF_UP)

    def delivered_mg_shown(self) -> Decimal:
        mg = self.delivered_mg
        return (Decimal(mg.numerator) / mg.denominator).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def open_criteria(self) -> Sequence[Determination]:
        return [d for d in self.discharge if d.state is not State.MET]


def unfit_order(order: SessionOrder, limits: Limits) -> str | None:
    """Why an order may not run under the signed limits, or None."""
    if order.prepared_mg > limits.absolute_dose_mg:
        return f"{order.prepared_mg:f} mg is above the signed limit of {limits.absolute_dose_mg:f} mg for one session"
    return None


def in_force(events: Iterable[Event]) -> Sequence[Event]:
    """The events by time of the chair, corrections applied: replaced data stands, a struck-out event is gone."""
    ordered = sorted(events, key=lambda e: (e.device_time, e.server_time, e.id))
    corrections = {e.data["corrects"]: e for e in ordered if e.kind is Kind.CORRECTION}
    result = []
    for event in ordered:
        if event.kind is Kind.CORRECTION:
            continue
        correction = corrections.get(event.id)
        if correction is None:
            result.append(event)
        elif correction.data.get("data") is not None:
            result.append(replace(event, data={**event.data, **correction.data["data"]}))
    return result


def fold(
    protocol: Protocol, limits: Limits, order: SessionOrder, events: Iterable[Event], *, at: datetime
) -> SessionState:
    """The state of a session at `at`. Events after `at` are not looked at."""
    log = [event for event in in_force(events) if event.device_time <= at]
    pump = _Pump(Fraction(order.total_ml), Fraction(order.rate_ml_per_h))
    facts: dict[Kind, list[Event]] = {kind: [] for kind in Kind}
    for event in log:
        facts[event.kind].append(event)
        pump.take(event)
    pump.settle(at)
    ended_at = pump.ended_at
    discharged = facts[Kind.DISCHARGE][0].device_time if facts[Kind.DISCHARGE] else None
    vitals = facts[Kind.VITAL]
    rides = [str(e.data["name"]) for e in facts[Kind.RIDE]]
    return SessionState(
        phase="discharged" if discharged else pump.phase,
        at=at,
        started_at=pump.started_at,
        infusion_ends_at=pump.ends_at(),
        ended_at=ended_at,
        delivered_ml=pump.delivered_ml,
        delivered_mg=pump.delivered_ml * Fraction(order.prepared_mg) / Fraction(order.total_ml),
        left_ml=pump.total_ml - pump.delivered_ml,
        running_ms=sum(_ms(run.ended_at - run.started_at) for run in pump.runs),
        checks=frozenset(str(e.data["check"]) for e in facts[Kind.CHECK]),
        overrides=frozenset(str(e.data["rule"]) for e in facts[Kind.OVERRIDE]),
        runs=tuple(pump.runs),
        vitals=tuple(vitals),
        symptoms=tuple(facts[Kind.SYMPTOM]),
        sedation=facts[Kind.SEDATION][-1] if facts[Kind.SEDATION] else None,
        ride=rides[-1] if rides else None,
        vitals_due_at=None if discharged else _vitals_due(limits, pump.started_at, vitals),
        alarms=_alarms(limits, pump.started_at, vitals),
        discharge=tuple(_criterion(c, limits, facts, ended_at, at) for c in protocol.discharge),
        discharged_at=discharged,
    )


class _Pump:
    """The pump's course through the log: runs at constant rate between starts, pauses and rate changes."""

    def __init__(self, total_ml: Fraction, ml_per_h: Fraction) -> None:
        self.total_ml = total_ml
        self.rate = ml_per_h
        self.runs: list[Run] = []
        self.delivered_ml = Fraction(0)
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.running_since: datetime | None = None
        self.now: datetime | None = None

    @property
    def phase(self) -> str:
        if self.started_at is None:
            return "preparing"
        if self.ended_at is not None:
            return "observing"
        return "infusing" if self.running_since else "paused"

    def take(self, event: Event) -> None:
        self.now = event.device_time
        self._run_to(event.device_time)
        if self.ended_at is not None:
            return
        match event.kind:
            case Kind.START if self.started_at is None:
                self.started_at = self.running_since = event.device_time
            case Kind.PAUSE:
                self.running_since = None
            case Kind.RESUME if self.started_at and self.running_since is None:
                self.running_since = event.device_time
                if event.data.get("rate_ml_per_h"):
                    self.rate = Fraction(str(event.data["rate_ml_per_h"]))
            case Kind.RATE:
                self.rate = Fraction(str(event.data["rate_ml_per_h"]))
            case Kind.STOP | Kind.COMPLETE if self.started_at:
                self.running_since = None
                self.ended_at = event.device_time

    def settle(self, at: datetime) -> None:
        self.now = at
        self._run_to(at)

    def ends_at(self) -> datetime | None:
        """When the bag will be, or was, empty or stopped; None before the start and while paused."""
        if self.ended_at is not None or self.running_since is None:
            return self.ended_at
        return self.running_since + _duration((self.total_ml - self.delivered_ml) / self.rate)

    def _run_to(self, moment: datetime) -> None:
        if self.running_since is None or moment <= self.running_since:
            return
        empty_at = self.running_since + _duration((self.total_ml - self.delivered_ml) / self.rate)
        until = min(moment, empty_at)
        last = self.runs[-1] if self.runs else None
        if last and last.ended_at == self.running_since and last.ml_per_h == self.rate:
            self.runs[-1] = replace(last, ended_at=until)
        else:
            self.runs.append(Run(self.running_since, until, self.rate))
        if empty_at <= moment:
            self.delivered_ml = self.total_ml
            self.ended_at = empty_at
            self.running_since = None
        else:
            self.delivered_ml += self.rate * Fraction(_us(until - self.running_since), 3_600_000_000)
            self.running_since = moment


def _us(span: timedelta) -> int:
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def _ms(span: timedelta) -> int:
    return _us(span) // 1000


def _duration(hours: Fraction) -> timedelta:
    return timedelta(microseconds=round(hours * 3_600_000_000))


def _vitals_due(limits: Limits, started_at: datetime | None, vitals: Sequence[Event]) -> datetime | None:
    if started_at is None:
        return None
    last = max([started_at, *(v.device_time for v in vitals)])
    return last + timedelta(minutes=float(limits.vitals_every_min))


def _alarms(limits: Limits, started_at: datetime | None, vitals: Sequence[Event]) -> Sequence[Alarm]:
    """Limits passed by the latest reading since the start."""
    if started_at is None or not vitals or vitals[-1].device_time < started_at:
        return ()
    last = vitals[-1]
    found = []
    if last.data["spo2_percent"] < limits.during_spo2_below_percent:
        text = f"SpO₂ {last.data['spo2_percent']} %, limit {limits.during_spo2_below_percent} %"
        found.append(Alarm("high", text, last.id))
    if (
        last.data["systolic_mmhg"] >= limits.during_systolic_mmhg
        or last.data["diastolic_mmhg"] >= limits.during_diastolic_mmhg
    ):
        text = f"Blood pressure {_bp(last.data)}, limit {limits.during_systolic_mmhg}/{limits.during_diastolic_mmhg}"
        found.append(Alarm("medium", text, last.id))
    return tuple(found)


def _bp(data: Mapping[str, Any]) -> str:
    return f"{data['systolic_mmhg']}/{data['diastolic_mmhg']}"


def _criterion(
    criterion: DischargeCriterion,
    limits: Limits,
    facts: Mapping[Kind, Sequence[Event]],
    ended_at: datetime | None,
    at: datetime,
) -> Determination:
    """One line of the discharge list. Only what was seen after the end of the infusion counts."""

    def answer(state: State, text: str, *because: str, missing: str = "") -> Determination:
        return Determination(criterion.id, state, text, because, (missing,) if missing else ())

    def after_end(kind: Kind) -> Sequence[Event]:
        return [e for e in facts[kind] if ended_at is not None and e.device_time >= ended_at]

    if criterion.kind == "ride":
        rides = facts[Kind.RIDE]
        if rides:
            return answer(State.MET, f"{criterion.text}: {rides[-1].data['name']}", rides[-1].id)
        return answer(
            State.NOT_DOCUMENTED, criterion.text, missing="the name of the person who takes them home"
        )
    if ended_at is None:
        return answer(State.NOT_DOCUMENTED, criterion.text, missing="the end of the infusion")
    if criterion.kind == "observation":
        need = timedelta(minutes=float(limits.observation_min))
        waited = int((at - ended_at).total_seconds() // 60)
        text = f"{criterion.text}: {waited} of {limits.observation_min} min"
        return answer(State.MET if at - ended_at >= need else State.NOT_MET, text)
    if criterion.kind == "scale":
        seen = after_end(Kind.SEDATION)
        if not seen:
            return answer(
                State.NOT_DOCUMENTED, criterion.text, missing="MOAA/S after the end of the infusion"
            )
        good = seen[-1].data["moaas"] >= (criterion.at_least or 0)
        return answer(
            State.MET if good else State.NOT_MET, f"{criterion.text}: {seen[-1].data['moaas']}", seen[-1].id
        )
    if criterion.kind == "pressure":
        seen = after_end(Kind.VITAL)
        bound = f"{limits.discharge_systolic_mmhg}/{limits.discharge_diastolic_mmhg}"
        if not seen:
            return answer(
                State.NOT_DOCUMENTED, criterion.text, missing=f"a reading under {bound} after the end"
            )
        last = seen[-1]
        good = (
            last.data["systolic_mmhg"] < limits.discharge_systolic_mmhg
            and last.data["diastolic_mmhg"] < limits.discharge_diastolic_mmhg
        )
        text = f"{criterion.text}: {_bp(last.data)}"
        if good:
            return answer(State.MET, text, last.id)
        return answer(State.NOT_MET, text, last.id, missing=f"a reading under {bound}")
    seen = [e for e in after_end(Kind.FINDING) if e.data["criterion"] == criterion.id]
    if not seen:
        return answer(
            State.NOT_DOCUMENTED, criterion.text, missing=criterion.text[0].lower() + criterion.text[1:]
        )
    return answer(State.MET if seen[-1].data["holds"] else State.NOT_MET, criterion.text, seen[-1].id)
