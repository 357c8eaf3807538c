"""Fold a session log into the state at one moment. Pure: the order of arrival does not change the result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from regrow.knowledge import SessionRules

from .alarms import Alarm, alarms_of, vitals_due_at
from .checklists import ChecklistItem, discharge_list, due_measurements, pre_dose_checklist, window_of
from .containers import ContainerLine, container_lines, unwitnessed
from .events import BadEvent, EffectiveEvent, Kind, LogEvent, read_event
from .log import deduplicate, entries_of
from .order import SessionOrder
from .projection import SessionProjection
from .pump import Run, minutes
from .refusals import Refusal, refusals
from .symptom_course import SymptomCourse, symptom_courses

ACTS = (Kind.HANDOVER, Kind.CLOSE)


@dataclass(frozen=True)
class Clock:
    """A counted time span, such as one of the two-hour clocks. Minutes are exact."""

    id: str
    text: str
    started_at: datetime | None
    stopped_at: datetime | None
    elapsed_min: Fraction
    at_least_min: int | None
    done_at: datetime | None


@dataclass(frozen=True)
class Due:
    """A task with its time. `late_min` is above 0 when it is overdue."""

    id: str
    text: str
    at: datetime
    late_min: int


@dataclass(frozen=True)
class Breach:
    """An entry recorded against a rule, because it came late or from another tablet."""

    event_id: str
    rule: str
    text: str


@dataclass(frozen=True)
class SessionState:
    """Everything the screens show; derived, never stored.

    `phase`: preparing, infusing, paused, administering, observing, discharged, left_against_advice, closed.
    """

    phase: str
    at: datetime
    rules: SessionRules
    order: SessionOrder | None
    started_at: datetime | None
    infusion_ends_at: datetime | None
    ended_at: datetime | None
    left_at: datetime | None
    delivered_ml: Fraction
    delivered_mg: Fraction
    left_ml: Fraction
    in_line_mg: Fraction
    running: timedelta
    runs: Sequence[Run]
    devices: Sequence[EffectiveEvent]
    devices_ordered: int
    next_device_at: datetime | None
    before: Sequence[ChecklistItem]
    discharge: Sequence[ChecklistItem]
    clocks: Sequence[Clock]
    due: Sequence[Due]
    alarms: Sequence[Alarm]
    courses: Sequence[SymptomCourse]
    open_symptoms: Sequence[EffectiveEvent]
    containers: Sequence[ContainerLine]
    unwitnessed: Sequence[EffectiveEvent]
    unsigned_vitals: int
    vitals_due_at: datetime | None
    prescriber_here: bool | None
    consent_withdrawn: bool
    impaired: bool
    ready_at: datetime | None
    breaches: Sequence[Breach]
    entries: Sequence[EffectiveEvent]

    def of(self, kind: Kind) -> Sequence[EffectiveEvent]:
        return [entry for entry in self.entries if entry.kind is kind]

    @property
    def vitals(self) -> Sequence[EffectiveEvent]:
        """Readings that count, oldest first; those marked as artefacts stay in `entries`."""
        return [e for e in self.of(Kind.VITAL) if not e.data.get("artefact")]

    @property
    def partial_fraction(self) -> Fraction | None:
        """Share of the prepared dose delivered, once it has ended; None before."""
        if self.order is None or self.ended_at is None:
            return None
        return self.delivered_mg / Fraction(self.order.prepared_mg)

    @property
    def delivered_percent(self) -> Decimal:
        """Share of the prepared dose delivered, to 0.1%."""
        if self.order is None:
            return Decimal("0.0")
        return rounded(self.delivered_mg * 100 / Fraction(self.order.prepared_mg), "0.1")

    @property
    def delivered_mg_shown(self) -> Decimal:
        return rounded(self.delivered_mg, "0.1")

    @property
    def partial(self) -> bool:
        """Whether less than the signed share of the dose was delivered, so that it does not count as given."""
        least = self.order.limit("counts_as_given_percent") if self.order else None
        share = self.partial_fraction
        return share is not None and (share < 1 if least is None else share * 100 < Fraction(least))

    @property
    def open_before(self) -> Sequence[ChecklistItem]:
        return [line for line in self.before if line.open]

    @property
    def open_criteria(self) -> Sequence[ChecklistItem]:
        return [line for line in self.discharge if line.open]

    @property
    def ride(self) -> str | None:
        rides = self.of(Kind.RIDE)
        return str(rides[-1].data["name"]) if rides else None


def fold(rules: SessionRules, events: Iterable[LogEvent], *, at: datetime) -> SessionState:
    """The state of a session at `at`. Events after `at` are not looked at."""
    seen, breaches, entries = _run(rules, deduplicate(events), at)
    return _state(seen, breaches, entries, at)


def refusals_of(rules: SessionRules, events: Iterable[LogEvent], event: LogEvent) -> Sequence[Refusal]:
    """Every rule that refuses a new event at the time it happened. Empty when it may be recorded."""
    log = deduplicate(events)
    if event.kind is Kind.CORRECTION:
        return _correction(rules, log, event)
    log = _without_other_readings(log, event)
    entry = next(e for e in entries_of([*log, event]) if e.id == event.id)
    seen, _, _ = _run(rules, log, entry.at)
    return refusals(seen, entry)


def _without_other_readings(log: Sequence[LogEvent], event: LogEvent) -> Sequence[LogEvent]:
    """The log without other readings, which never decide whether a reading may be recorded.

    Until the patient has left or the session is closed they are left out, so that a reading late in a session
    costs no more than the first.
    """
    if event.kind is not Kind.VITAL or any(e.kind in (Kind.LEFT, *ACTS) for e in log):
        return log
    return [e for e in log if e.kind is not Kind.VITAL]


def _correction(rules: SessionRules, log: Sequence[LogEvent], event: LogEvent) -> Sequence[Refusal]:
    target = next((e for e in log if e.id == event.data["corrects"]), None)
    if target is None:
        return [Refusal("corrects_unknown", "hard", "That entry is not in this session's log.")]
    data = event.data.get("data")
    if data is not None and target.kind is not Kind.CORRECTION:
        try:
            read_event(
                LogEvent(
                    target.id,
                    target.kind,
                    target.device_time,
                    target.server_time,
                    target.author,
                    {**target.data, **data},
                ),
                rules,
            )
        except BadEvent as mistake:
            return [Refusal("corrects_badly", "hard", str(mistake))]
    if target.kind is Kind.ORDER:
        return [
            Refusal("corrects_order", "hard", "An order is not corrected; the prescriber signs a new one.")
        ]
    return []


def _run(
    rules: SessionRules,
    events: Sequence[LogEvent],
    at: datetime,
    verdicts: dict[str, bool] | None = None,
) -> tuple[SessionProjection, Sequence[Breach], Sequence[EffectiveEvent]]:
    """The log up to and at `at`. `verdicts` caches which departures were allowed when they were entered."""
    verdicts = {} if verdicts is None else verdicts
    entries = [entry for entry in entries_of(events) if entry.at <= at]
    seen = SessionProjection(rules)
    breaches: list[Breach] = []
    for entry in entries:
        found = [r for r in refusals(seen, entry) if r.force != "warn"]
        breaches += [Breach(entry.id, refusal.rule, refusal.text) for refusal in found]
        if not found or _in_effect(rules, events, entry, found, verdicts):
            seen.apply(entry)
    seen.advance_to(at)
    return seen, breaches, entries


def _in_effect(
    rules: SessionRules,
    events: Sequence[LogEvent],
    entry: EffectiveEvent,
    against: Sequence[Refusal],
    verdicts: dict[str, bool],
) -> bool:
    """Whether an entry counts although a rule refuses it.

    What happened to the patient counts. After the patient has left, an entry is saved and shown but changes
    nothing. Discharge and closing are acts of the clinic and count only if no rule refused them when entered.
    """
    if {"left", "closed", "nothing_given"} & {refusal.rule for refusal in against}:
        return False
    return entry.kind not in ACTS or _was_in_order(rules, events, entry, verdicts)


def _was_in_order(
    rules: SessionRules, events: Sequence[LogEvent], entry: EffectiveEvent, verdicts: dict[str, bool]
) -> bool:
    """Whether leaving or closing was allowed by what was known when it was entered.

    A patient discharged correctly has left, whatever a later correction shows; the breach is shown too.
    """
    if entry.id not in verdicts:
        verdicts[entry.id] = False  # its own verdict cannot rest on itself
        made = entry.event.server_time
        known = [e for e in events if e.server_time <= made and e.id != entry.id]
        if len(known) < len(events) - 1:
            seen, _, _ = _run(rules, known, entry.at, verdicts)
            verdicts[entry.id] = not [r for r in refusals(seen, entry) if r.force != "warn"]
    return verdicts[entry.id]


def _state(
    seen: SessionProjection, breaches: Sequence[Breach], entries: Sequence[EffectiveEvent], at: datetime
) -> SessionState:
    pump = seen.pump
    left_at = seen.departed.at if seen.departed else None
    judged_at = left_at or at
    home = discharge_list(seen, judged_at)
    zero = Fraction(0)
    last_device = seen.given_doses[-1].at if seen.rules.devices and seen.given_doses else None
    rest = timedelta(minutes=seen.rules.devices.apart_min) if seen.rules.devices else timedelta(0)
    return SessionState(
        phase=seen.phase,
        at=at,
        rules=seen.rules,
        order=seen.order,
        started_at=seen.first_dose_at,
        infusion_ends_at=pump.ends_at() if pump else None,
        ended_at=seen.ended_at,
        left_at=left_at,
        delivered_ml=pump.delivered_ml if pump else zero,
        delivered_mg=seen.delivered_mg,
        left_ml=pump.left_ml if pump else zero,
        in_line_mg=min(pump.in_line_ml - pump.flushed_ml, pump.left_ml) * pump.mg_per_ml
        if pump and pump.started_at
        else zero,
        running=sum((run.ended_at - run.started_at for run in pump.runs), timedelta(0))
        if pump
        else timedelta(0),
        runs=tuple(pump.runs) if pump else (),
        devices=tuple(seen.given_doses),
        devices_ordered=seen.devices_ordered,
        next_device_at=last_device + rest if last_device and seen.ended_at is None else None,
        before=pre_dose_checklist(seen),
        discharge=home,
        clocks=_clocks(seen, at),
        due=_due(seen, at),
        alarms=alarms_of(seen, at),
        courses=symptom_courses(seen),
        open_symptoms=seen.open_symptoms,
        containers=container_lines(seen),
        unwitnessed=unwitnessed(seen),
        unsigned_vitals=len(seen.unsigned_vitals),
        vitals_due_at=vitals_due_at(seen),
        prescriber_here=seen.prescriber_here,
        consent_withdrawn=seen.consent_withdrawn,
        impaired=seen.dosed and not seen.departed and any(c.open and c.id != "ride" for c in home),
        ready_at=_ready_at(seen, home),
        breaches=breaches,
        entries=entries,
    )


def _clocks(seen: SessionProjection, at: datetime) -> Sequence[Clock]:
    found = []
    for rule in seen.rules.clocks:
        anchor = seen.anchor(rule.anchor)
        stopped = seen.departed.at if seen.departed else None
        until = stopped or at
        started = anchor if anchor and anchor <= until else None
        elapsed = minutes(until - started) if started else Fraction(0)
        done = started + timedelta(minutes=rule.at_least_min) if started and rule.at_least_min else None
        found.append(Clock(rule.id, rule.text, started, stopped, elapsed, rule.at_least_min, done))
    return found


def _due(seen: SessionProjection, at: datetime) -> Sequence[Due]:
    """Open tasks, the earliest first."""
    if seen.departed:
        return ()
    found: list[tuple[str, str, datetime]] = []
    vitals = vitals_due_at(seen)
    if vitals:
        found.append(("vitals", "Vital signs", vitals))
    for capture in seen.rules.captures:
        window = window_of(seen, capture)
        if window and due_measurements(seen, capture) is None:
            found.append((capture.id, capture.text, window[1]))
    if seen.rules.devices and seen.given_doses and seen.ended_at is None:
        rest = timedelta(minutes=seen.rules.devices.apart_min)
        found.append(("device", f"Device {len(seen.given_doses) + 1}", seen.given_doses[-1].at + rest))
    for clock in _clocks(seen, at):
        if clock.done_at and clock.done_at > at:
            found.append((clock.id, clock.text, clock.done_at))
    return [
        Due(id, text, when, max(0, int(minutes(at - when))))
        for id, text, when in sorted(found, key=lambda due: (due[2], due[0]))
    ]


def _ready_at(seen: SessionProjection, home: Sequence[ChecklistItem]) -> datetime | None:
    """When every criterion but the clocks was met: readiness without the two-hour observation."""
    judged = [
        (line, rule)
        for line, rule in zip(home, seen.rules.discharge, strict=True)
        if rule.kind not in ("clock", "observation", "capture", "ride")
    ]
    if not judged or any(line.open or line.since is None for line, _ in judged):
        return None
    return max(line.since for line, _ in judged if line.since)


def rounded(value: Fraction, step: str) -> Decimal:
    """A fraction as a decimal with the places of `step`, half up."""
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal(step), ROUND_HALF_UP)


def changes(before: SessionState, after: SessionState) -> Mapping[str, tuple[str, str]]:
    """What a correction changed, by name: (before, after). Only what a reader would act on."""

    def summarize(state: SessionState) -> dict[str, str]:
        facts = {
            "phase": state.phase,
            "given": f"{state.delivered_mg_shown} mg",
            "end": state.ended_at.isoformat() if state.ended_at else "–",
            "alarms": "; ".join(alarm.text for alarm in state.alarms) or "none",
        }
        facts |= {
            line.determination.text.split(":")[0]: line.determination.state.value for line in state.discharge
        }
        facts |= {clock.text: f"{rounded(clock.elapsed_min, '1')} min" for clock in state.clocks}
        return facts

    was, now = summarize(before), summarize(after)
    return {name: (was.get(name, "–"), now[name]) for name in now if was.get(name) != now[name]}
