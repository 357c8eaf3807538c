"""Every signed limit and alarm of the shipped protocols, just below, at and just above its value, in both engines.

The expected answers are written here from what the words of a limit mean (below, at least, or less), not read from
the code of an engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from regrow.knowledge import AlarmRule, SessionRules
from regrow.session import Kind, rules_as_json, state_as_json
from regrow.web.platform.content import knowledge
from tests.client_engine import case, fold_on_tablet
from tests.session_logs import ORDERS, SIGNED_AS, VITALS, Log, at

PROTOCOLS = {id: knowledge.session_rules(id) for id in knowledge.ids("protocol")}
SIDES = {"below": -1, "at": 0, "above": 1}


@dataclass(frozen=True)
class Case:
    """A log whose reading lies on one side of a limit, and whether the rule must then apply."""

    name: str
    log: Log
    minute: float
    applies: bool
    found: Callable[[Mapping[str, Any]], bool]


def signed(rules: SessionRules) -> dict[str, str]:
    """The demo director's limits, and a value for each optional limit that was left empty."""
    values = dict(knowledge.demo_limits(SIGNED_AS.get(rules.protocol, rules.protocol)))
    mine = {n: str(v) for n, v in values.items() if n in rules.limits and v not in (None, "")}
    missing = {
        "during_systolic_rise_mmhg": "30",
        "during_pulse_above_per_min": "120",
        "during_pulse_below_per_min": "50",
        "sustained_systolic_mmhg": "150",
        "sustained_apart_min": "5",
        "during_moaas_below": "3",
        "during_diastolic_mmhg": "100",
        "during_systolic_mmhg": "160",
    }
    return {n: v for n, v in missing.items() if n in rules.limits} | mine


def started(rules: SessionRules, limits: Mapping[str, str]) -> Log:
    """A session whose dose is under way, with 128/80 before it."""
    ORDERS.setdefault(
        rules.protocol, {"prepared_mg": "40"} if rules.way == "single" else ORDERS["iv-weekly-6"]
    )
    log = Log(rules, limits=dict(limits)).ready()
    match rules.way:
        case "infusion":
            return log.add(0, Kind.START)
        case "devices":
            return log.add(0, Kind.DEVICE, n=1)
        case _:
            return log.add(0, Kind.ADMINISTER, mg="40")


def finished(rules: SessionRules, limits: Mapping[str, str]) -> tuple[Log, float]:
    """A session whose dose has ended, and the minute of its end."""
    log = started(rules, limits)
    for n in range(2, 4 if rules.way == "devices" else 0):
        log.add(5 * n - 5, Kind.DEVICE, n=n)
    return log, {"infusion": 40, "devices": 10}.get(rules.way, 0)


def alarm(id: str, priority: str = "") -> Callable[[Mapping[str, Any]], bool]:
    return lambda state: any(a["id"] == id and priority in ("", a["priority"]) for a in state["alarms"])


def line(list_name: str, id: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda state: any(row["criterion"] == id and row["state"] == "met" for row in state[list_name])


def alarm_cases(rules: SessionRules, rule: AlarmRule) -> list[Case]:
    limits = signed(rules)
    name = f"{rules.protocol}: {rule.id}"
    if rule.on == "symptom:emergency":
        return []
    if rule.on == "overdue:vitals":
        every = int(limits["vitals_every_min"])
        return [
            Case(f"{name} {late} min late", started(rules, limits), every + late, late >= 1, alarm(rule.id))
            for late in (0, 59 / 60, 1, 2)
        ] + [
            Case(
                f"{name} {late} min late is medium",
                started(rules, limits),
                every + late,
                late >= every,
                alarm(rule.id, "medium"),
            )
            for late in (every - 1, every, every + 1)
            if rule.priority == "low"  # a rule that begins higher stays where it is
        ]
    limit = rule.at_least or rule.below or rule.rise_at_least
    bound = int(limits[limit])
    found = []
    for side, step in SIDES.items():
        value = bound + step
        log = started(rules, limits)
        if rule.on.startswith("scale:"):
            log.add(3, Kind.SCALE, scale=rule.on.removeprefix("scale:"), total=value)
        else:
            shown = VITALS[rule.on] + value if rule.rise_at_least else value
            log.add(3, Kind.VITAL, **reading(rule.on, shown))
        applies = value < bound if rule.below else value >= bound
        wanted = alarm(rule.id) if rule.readings == 1 else alarm(rule.id, "low")
        found.append(Case(f"{name} {side} {limit} {bound}", log, 4, applies, wanted))
    if rule.readings > 1:
        apart = int(limits[rule.apart])
        for minutes in (apart - 1, apart, apart + 1):
            log = started(rules, limits).add(3, Kind.VITAL, **reading(rule.on, bound))
            log.add(3 + minutes, Kind.VITAL, **reading(rule.on, bound))
            high = alarm(rule.id, rule.priority)
            found.append(Case(f"{name} again after {minutes} min", log, 3 + minutes, minutes >= apart, high))
    return found


def reading(name: str, value: int) -> dict[str, int]:
    """A set of vital signs with one value; the other pressure stays on its own side of it."""
    data = VITALS | {name: value}
    if name == "systolic_mmhg":
        data["diastolic_mmhg"] = min(80, value - 20)
    if name == "diastolic_mmhg":
        data["systolic_mmhg"] = max(128, value + 20)
    return data


def start_cases(rules: SessionRules) -> list[Case]:
    limits = signed(rules)
    found = []
    for item in rules.before:
        for name in ("systolic_mmhg", "diastolic_mmhg"):
            limit = f"start_hold_{name}"
            if item.kind != "pressure" or limit not in limits:
                continue
            bound = int(limits[limit])
            for side, step in SIDES.items():
                log = started(rules, limits)
                log.events = [
                    e for e in log.events if e.kind not in (Kind.START, Kind.DEVICE, Kind.ADMINISTER)
                ]
                log.add(-3, Kind.VITAL, **reading(name, bound + step))
                met = line("before", item.id)
                found.append(Case(f"{rules.protocol}: {limit} {bound} {side}", log, -1, step <= 0, met))
    return found


def discharge_cases(rules: SessionRules) -> list[Case]:
    limits = signed(rules)
    found = []
    for item in rules.discharge:
        name = f"{rules.protocol}: discharge {item.id}"
        met = line("discharge", item.id)
        if item.kind == "pressure":
            for value in ("systolic_mmhg", "diastolic_mmhg"):
                bound = int(limits[f"discharge_{value}"])
                for side, step in SIDES.items():
                    log, end = finished(rules, limits)
                    log.add(end + 5, Kind.VITAL, **reading(value, bound + step))
                    found.append(Case(f"{name} {value} {bound} {side}", log, end + 6, step < 0, met))
        if item.kind == "spo2":
            bound = int(limits["discharge_spo2_percent"])
            for side, step in SIDES.items():
                log, end = finished(rules, limits)
                log.add(end + 5, Kind.VITAL, **reading("spo2_percent", bound + step))
                found.append(Case(f"{name} {bound} {side}", log, end + 6, step >= 0, met))
        if item.kind == "scale":
            scale = rules.scales[item.scale]
            for total in range(scale.minimum, scale.maximum + 1):
                log, end = finished(rules, limits)
                log.add(end + 5, Kind.SCALE, scale=item.scale, total=total)
                good = (
                    (item.at_least or 0) <= total <= (scale.maximum if item.at_most is None else item.at_most)
                )
                found.append(Case(f"{name} {total}", log, end + 6, good, met))
        if item.kind in ("observation", "clock"):
            log, end = finished(rules, limits)
            since, need = end, Decimal(limits.get("observation_min", "0"))
            if item.kind == "clock":
                clock = next(c for c in rules.clocks if c.id == item.clock)
                since, need = 0 if clock.anchor == "first_dose" else end, Decimal(clock.at_least_min or 0)
            for side, step in (("a second below", -1 / 60), ("at", 0), ("a second above", 1 / 60)):
                minute = since + float(need) + step
                if minute < end:
                    continue
                found.append(Case(f"{name} {need} min {side}", log, minute, step >= 0, met))
    return found


def escalation_cases(rules: SessionRules) -> list[Case]:
    """The prescriber is due to be called when an alarm has stood for the signed minutes."""
    limits = signed(rules)
    bound = int(limits["escalate_after_min"])
    rule = next(r for r in rules.alarms if r.at_least == "during_systolic_mmhg")

    def call_due(state: Mapping[str, Any]) -> bool:
        return any(a["id"] == rule.id and a["call_due"] for a in state["alarms"])

    high = reading("systolic_mmhg", int(limits["during_systolic_mmhg"]))
    return [
        Case(
            f"{rules.protocol}: escalate_after_min {bound} {side}",
            started(rules, limits).add(3, Kind.VITAL, **high),
            3 + bound + step / 60,
            step >= 0,
            call_due,
        )
        for side, step in SIDES.items()
    ]


@cache
def cases() -> tuple[list[Case], list[dict[str, Any]]]:
    """Every case with the tablet's answer to it: one call of Node for all."""
    found = []
    for rules in PROTOCOLS.values():
        found += [c for rule in rules.alarms for c in alarm_cases(rules, rule)]
        found += start_cases(rules) + discharge_cases(rules) + escalation_cases(rules)
    sent = [case(c.log.rules, c.log.events, at(c.minute)) for c in found]
    return found, fold_on_tablet(list(PROTOCOLS.values()), sent)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_limit_decides_at_its_own_value(protocol: str) -> None:
    checked = [(c, t) for c, t in zip(*cases(), strict=True) if c.log.rules.protocol == protocol]
    assert checked
    server = [c.name for c, _ in checked if c.found(state_as_json(c.log.state(c.minute))) != c.applies]
    tablet = [c.name for c, answer in checked if c.found(answer) != c.applies]

    assert server == []
    assert tablet == []


def test_every_limit_of_every_alarm_is_in_the_table() -> None:
    names = " ".join(c.name for c in cases()[0])
    for rules in PROTOCOLS.values():
        for rule in rules.alarms:
            if rule.on != "symptom:emergency":
                assert f"{rules.protocol}: {rule.id} " in names
        assert f"{rules.protocol}: start_hold_systolic_mmhg" in names
    assert len(cases()[0]) > 300


def test_a_reading_at_the_signed_spo2_limit_raises_no_alarm() -> None:
    rules = PROTOCOLS["iv-weekly-6"]
    raised = []
    for spo2 in (93, 94, 95):
        limits = {**signed(rules), "during_spo2_below_percent": "94"}
        log = started(rules, limits).add(3, Kind.VITAL, **reading("spo2_percent", spo2))
        (answer,) = fold_on_tablet([rules], [case(rules, log.events, at(4))])
        assert alarm("spo2-low")(answer) == alarm("spo2-low")(state_as_json(log.state(4)))
        raised.append(alarm("spo2-low")(answer))

    assert raised == [True, False, False]


@pytest.mark.parametrize(("seconds", "refused"), [(-1, True), (0, False), (1, False)])
def test_devices_rest_for_the_minutes_of_the_label(seconds: int, refused: bool) -> None:
    rules = PROTOCOLS["spravato-label"]
    apart = rules_as_json(rules)["devices"]["apart_min"]
    log = started(rules, signed(rules))
    minute = apart + seconds / 60
    next_device = log.make(minute, Kind.DEVICE, id="asked", n=2)
    (answer,) = fold_on_tablet([rules], [case(rules, log.events, at(minute), [next_device])])

    assert (log.refused(minute, Kind.DEVICE, n=2) != "") == refused
    assert ("device_rest" in [r["rule"] for r in answer["refused"][0]]) == refused
