"""Alarms: a limit crossed by the newest reading, a rise from baseline, a repeated reading, or an emergency.

Priorities are those of IEC 60601-1-8. A limit that is not signed raises no alarm.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from regrow.knowledge import AlarmRule

from .events import EffectiveEvent, Kind
from .projection import PRESSURE, SessionProjection
from .pump import minutes

ORDER = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True)
class Alarm:
    """An active alarm. `call_due`: it has been active too long and no prescriber has been called."""

    id: str
    priority: str
    text: str
    since: datetime
    event_id: str
    do: str = ""
    acknowledged_by: str = ""
    call_due: bool = False


def alarms_of(seen: SessionProjection, at: datetime) -> Sequence[Alarm]:
    """Active alarms at `at`, the highest priority first; none after the patient has left.

    Before the first dose only an at-home session raises emergencies: no clinician is in the room.
    """
    return () if seen.departed else active_alarms(seen, at)


def active_alarms(seen: SessionProjection, at: datetime) -> Sequence[Alarm]:
    """Active alarms, also after the patient has left: those never recorded as resolved."""
    if seen.order is None or (seen.first_dose_at is None and not seen.rules.at_home):
        return ()
    rules = [
        rule for rule in seen.rules.alarms if seen.first_dose_at is not None or rule.on == "symptom:emergency"
    ]
    found = [alarm for rule in rules for alarm in _alarms(seen, rule, at)]
    return sorted((_answered(seen, alarm, at) for alarm in found), key=lambda a: (ORDER[a.priority], a.since))


def vitals_due_at(seen: SessionProjection) -> datetime | None:
    """When the next set of vital signs is due; None before the first dose and after leaving."""
    every = seen.order.limit("vitals_every_min") if seen.order else None
    if seen.first_dose_at is None or every is None or seen.departed:
        return None
    last = max([seen.first_dose_at, *(e.at for e in seen.vitals(*PRESSURE))])
    return last + timedelta(minutes=float(every))


def _alarms(seen: SessionProjection, rule: AlarmRule, at: datetime) -> Iterator[Alarm]:
    assert seen.order is not None
    if rule.on == "symptom:emergency":
        for entry in seen.open_symptoms:
            term = seen.rules.symptoms.get(entry.data["symptom"])
            if term and term.emergency:
                yield Alarm(
                    f"{rule.id}:{term.id}", rule.priority, term.text, entry.at, entry.id, term.emergency
                )
    elif rule.on == "overdue:vitals":
        due = vitals_due_at(seen)
        every = seen.order.limit("vitals_every_min")
        late = int(minutes(at - due)) if due else 0
        if due and every and late >= 1:
            higher = late >= every and rule.priority == "low"  # a whole interval was missed
            yield Alarm(
                rule.id,
                "medium" if higher else rule.priority,
                f"{rule.text} by {late} min",
                due,
                seen.order.id,
            )
    elif rule.on.startswith("scale:"):
        below = seen.order.limit(rule.below)
        scores = seen.scores(rule.on.removeprefix("scale:"))
        if below is not None and scores and scores[-1].data["total"] < below:
            since = _run(scores, lambda e: e.data["total"] < below)[0]
            yield Alarm(
                rule.id, rule.priority, f"{rule.text} {scores[-1].data['total']}", since.at, scores[-1].id
            )
    else:
        yield from _vital(seen, rule)


def _vital(seen: SessionProjection, rule: AlarmRule) -> Iterator[Alarm]:
    assert seen.order is not None and seen.first_dose_at is not None
    readings = list(seen.vitals(rule.on))
    before = [e for e in readings if e.at <= seen.first_dose_at]
    after = [e for e in readings if e.at > seen.first_dose_at]
    if not after:
        return
    unit = {"spo2_percent": "%", "pulse_per_min": " /min"}.get(rule.on, " mmHg")
    at_least, below = seen.order.limit(rule.at_least), seen.order.limit(rule.below)
    rise = seen.order.limit(rule.rise_at_least)
    baseline = before[-1].data[rule.on] if before else None

    def beyond(entry: EffectiveEvent) -> bool:
        value = entry.data[rule.on]
        return (
            (at_least is not None and value >= at_least)
            or (below is not None and value < below)
            or (rise is not None and baseline is not None and value - baseline >= rise)
        )

    if not beyond(after[-1]):
        return
    run = _run(after, beyond)
    limit: Decimal | None = at_least if at_least is not None else below
    bound = f"limit {limit:f}" if limit is not None else f"{rise:f} above {baseline} allowed"
    text = f"{rule.text}: {run[-1].data[rule.on]}{unit}, {bound}"
    if rule.readings == 1:
        yield Alarm(rule.id, rule.priority, text, run[0].at, run[-1].id)
        return
    apart = timedelta(minutes=float(seen.order.limit(rule.apart) or 0))
    if run[-1].at - run[0].at >= apart and len(run) > 1:
        yield Alarm(rule.id, rule.priority, text, run[0].at, run[-1].id)
    else:
        again = f"measure again {minutes(apart)} min after the first"
        yield Alarm(rule.id, "low", f"{text}; {again}", run[0].at, run[-1].id)


def _run(
    entries: Sequence[EffectiveEvent], beyond: Callable[[EffectiveEvent], bool]
) -> Sequence[EffectiveEvent]:
    """The unbroken run of entries beyond the limit that ends with the last one."""
    run: list[EffectiveEvent] = []
    for entry in reversed(entries):
        if not beyond(entry):
            break
        run.insert(0, entry)
    return run


def _answered(seen: SessionProjection, alarm: Alarm, at: datetime) -> Alarm:
    """The alarm with who acknowledged it, and whether the prescriber must be called."""
    seen_by = [
        e.event.author
        for e in seen.of(Kind.ACKNOWLEDGE)
        if e.data["alarm"] == alarm.id and e.at >= alarm.since
    ]
    after = seen.order.limit("escalate_after_min") if seen.order else None
    called = any(e.at >= alarm.since for e in seen.of(Kind.CALL))
    waited = after is not None and at - alarm.since >= timedelta(minutes=float(after))
    due = not called and alarm.priority != "low" and (waited or alarm.id.startswith("emergency"))
    return replace(alarm, acknowledged_by=seen_by[-1] if seen_by else "", call_due=due)
