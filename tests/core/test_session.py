"""The session log: delivered mg, the end that moves, clocks, alarms, containers, the lists, order of arrival."""

import os
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from regrow.chart import CriterionStatus
from regrow.knowledge import schema
from regrow.session import BadEvent, Kind, LogEvent, administered_dose, changes, fold, read_event
from tests.content import knowledge
from tests.run_seed import first_seed
from tests.session_logs import IM, IV, SPRAVATO, START, VITALS, Log, at, iv, spravato, storms

# New logs in each run; REGROW_TEST_SEQUENCES=100000 is the long run (docs/contributing/testing.md).
SEQUENCES = int(os.environ.get("REGROW_TEST_SEQUENCES", "1000"))
PARTS = 2


# The pump


def test_a_pause_moves_the_end_of_the_infusion_by_its_length() -> None:
    log = iv().add(18, Kind.PAUSE).add(25, Kind.RESUME)

    assert log.state(20).delivered_mg == Fraction(18)
    assert log.state(20).phase == "paused"
    assert log.state(20).infusion_ends_at is None
    assert log.state(26).infusion_ends_at == at(47)


def test_resumed_at_half_the_rate_it_takes_twice_as_long() -> None:
    log = iv().add(18, Kind.PAUSE).add(25, Kind.RESUME, rate_ml_per_h="75.6")

    assert log.state(26).infusion_ends_at == at(69)


def test_stopped_at_27_minutes_with_a_7_minute_pause_half_was_given() -> None:
    stopped = iv().add(18, Kind.PAUSE).add(25, Kind.RESUME).add(27, Kind.STOP).state(60)

    assert (Fraction(20), "observing", at(27)) == (stopped.delivered_mg, stopped.phase, stopped.ended_at)
    assert stopped.partial_fraction == Fraction(1, 2)
    assert stopped.partial


def test_the_bag_runs_empty_by_itself_and_gives_no_more_than_it_holds() -> None:
    done = iv().state(300)

    assert (Fraction(40), Fraction(0), at(40)) == (done.delivered_mg, done.left_ml, done.ended_at)
    assert not done.partial


@pytest.mark.parametrize(("tubing_ml", "left_mg"), [("10", "3.968"), ("15", "5.952"), ("20", "7.937")])
def test_what_stays_in_the_line_is_not_given_until_it_is_flushed(tubing_ml: str, left_mg: str) -> None:
    log = Log(tubing_ml=tubing_ml).ready().add(0, Kind.START)
    unflushed = log.state(60)
    flushed = log.add(61, Kind.FLUSH, ml="30").state(62)

    assert f"{float(unflushed.in_line_mg):.3f}" == left_mg
    assert unflushed.delivered_mg + unflushed.in_line_mg == 40
    assert (flushed.delivered_mg, flushed.in_line_mg) == (40, 0)


def test_an_overfilled_bag_runs_longer_and_has_given_less_at_forty_minutes() -> None:
    log = Log(total_ml="107.8").ready().add(0, Kind.START)

    assert f"{float(log.state(40).delivered_mg):.1f}" == "37.4"
    ends = log.state(40).infusion_ends_at
    assert ends is not None and f"{(ends - START) / timedelta(minutes=1):.1f}" == "42.8"


# Leaving


def test_leaving_against_advice_counts_as_not_tolerated() -> None:
    """Without a handover tolerability is not assessed, so the next step up stays blocked."""
    log = iv().add(120, Kind.LEFT, reason="has to collect a child", told="Dr. Lin")
    found = administered_dose("d0", log.state(121))

    assert found is not None
    assert found.tolerated is False
    assert administered_dose("d0", iv().state(121)) is None  # the patient is still here


# Other routes


def test_devices_are_counted_in_order_and_the_dose_ends_with_the_last() -> None:
    log = spravato()

    assert log.state(7).phase == "administering"
    assert log.state(7).delivered_mg == 56
    assert log.state(7).next_device_at == at(10)
    assert (log.state(11).phase, log.state(11).ended_at) == ("observing", at(10))


def test_a_single_dose_is_given_at_once_and_never_more_than_ordered() -> None:
    log = Log(IM).ready().add(0, Kind.ADMINISTER, mg="30", place="deltoid")

    assert log.state(1).phase == "observing"
    assert "leaves 10 mg to give" in log.refused(2, Kind.ADMINISTER, mg="10.001")
    assert log.refused(2, Kind.ADMINISTER, mg="10") == ""


# Corrections and order of arrival


def test_a_correction_strikes_out_and_all_that_followed_is_computed_again() -> None:
    log = iv().add(10, Kind.PAUSE, id="p")
    before = log.state(31)
    after = log.add(30, Kind.CORRECTION, corrects="p", reason="pressed by mistake", data=None).state(31)

    assert (before.delivered_mg, after.delivered_mg) == (Fraction(10), Fraction(31))
    assert changes(before, after)["given"] == ("10.0 mg", "31.0 mg")


def test_a_correction_that_was_itself_struck_out_changes_nothing() -> None:
    log = (
        iv().add(10, Kind.PAUSE, id="p").add(30, Kind.CORRECTION, id="c", corrects="p", reason="x", data=None)
    )
    log.add(31, Kind.CORRECTION, corrects="c", reason="it was right", data=None)

    assert log.state(32).delivered_mg == Fraction(10)


def test_a_correction_may_move_an_entry_in_time() -> None:
    log = iv().add(10, Kind.PAUSE, id="p")
    log.add(30, Kind.CORRECTION, corrects="p", reason="noted late", at=at(8).isoformat(), data={})

    assert log.state(31).delivered_mg == Fraction(8)


def test_a_correction_that_cannot_be_is_refused_with_what_to_enter() -> None:
    log = iv().add(5, Kind.VITAL, id="v", **VITALS)

    refused = log.refused(6, Kind.CORRECTION, corrects="v", reason="x", data={"systolic_mmhg": 15})
    assert "enter a value from 40 to 300" in refused
    assert "not in this session's log" in log.refused(6, Kind.CORRECTION, corrects="nothing", reason="x")
    assert "signs a new one" in log.refused(6, Kind.CORRECTION, corrects="order", reason="x")


@pytest.mark.no_cover
@pytest.mark.parametrize("part", range(PARTS))
def test_no_stormy_sequence_breaks_an_invariant(part: int) -> None:
    """Out of order, twice, late, skewed, corrected, from two tablets: mass, clocks, discharge, replay all hold."""
    count = SEQUENCES // PARTS

    assert storms(first_seed() + part * count, count) == []


class Bedside(RuleBasedStateMachine):
    """Two tablets, one of which may be without network, entering what a screen would let them."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log().ready()
        self.minute = 0.0
        self.kept: list[tuple[float, Kind, dict]] = []
        self.refused_discharges = 0

    @rule(minutes=st.integers(0, 40))
    def time_passes(self, minutes: int) -> None:
        self.minute += minutes

    @rule(
        what=st.sampled_from([
            (Kind.START, {}), (Kind.PAUSE, {}), (Kind.RESUME, {}), (Kind.RATE, {"rate_ml_per_h": "75.6"}),
            (Kind.STOP, {"reason": "asked"}), (Kind.COMPLETE, {}), (Kind.FLUSH, {"ml": "20"}),
            (Kind.VITAL, VITALS), (Kind.VITAL, VITALS | {"systolic_mmhg": 190}),
            (Kind.SCALE, {"scale": "moaas", "total": 5}), (Kind.SCALE, {"scale": "moaas", "total": 2}),
            (Kind.SYMPTOM, {"symptom": "chest-pain", "severity": 4}),
            (Kind.SYMPTOM, {"symptom": "chest-pain", "resolved": True}),
            (Kind.RIDE, {"name": "Ana, sister"}), (Kind.CLOSE, {}),
            (Kind.PRESENCE, {"who": "lin", "here": False}), (Kind.PRESENCE, {"who": "lin", "here": True}),
        ]),
        offline=st.booleans(),
    )  # fmt: skip
    def enter(self, what: tuple[Kind, dict], offline: bool) -> None:
        kind, data = what
        if offline:
            self.kept.append((self.minute, kind, data))
        else:
            self.log.try_add(self.minute, kind, device="a", seq=len(self.log.events), **data)

    @rule()
    def everything_is_well(self) -> None:
        self.log.well(self.minute)

    @rule()
    def network_returns(self) -> None:
        for n, (minute, kind, data) in enumerate(self.kept):
            id = f"k{len(self.log.events)}-{n}"
            self.log.add(minute, kind, id=id, device="b", seq=n + 1, arrived=self.minute, **data)
        self.kept.clear()

    @rule()
    def hand_over(self) -> None:
        state = self.log.state(self.minute)
        refused = self.log.try_add(self.minute, Kind.HANDOVER, name="Ana, sister")
        if state.left_at is None and state.started_at:
            open_lines = bool(state.open_criteria) or any(a.priority != "low" for a in state.alarms)
            assert bool(refused) == open_lines

    @rule(n=st.integers(0, 30))
    def correct(self, n: int) -> None:
        target = self.log.events[n % len(self.log.events)]
        if target.kind is not Kind.ORDER:
            self.log.try_add(self.minute, Kind.CORRECTION, corrects=target.id, reason="wrong", data=None)

    @invariant()
    def the_bag_adds_up_and_the_same_log_gives_the_same_state(self) -> None:
        state = self.log.state(self.minute)
        later = self.log.state(self.minute + 7)
        assert state.delivered_ml + state.left_ml == Fraction("100.8")
        assert state.delivered_mg <= later.delivered_mg
        assert fold(IV, reversed(self.log.events), at=at(self.minute)) == state


Bedside.TestCase.settings = settings(
    max_examples=int(os.environ.get("REGROW_TEST_MACHINES", "60")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestBedside = Bedside.TestCase


# Going home


def test_with_every_criterion_met_the_patient_may_go() -> None:
    log = iv().well(71)

    assert log.refused(72, Kind.HANDOVER, name="Ana, sister") == ""
    assert log.add(72, Kind.HANDOVER, name="Ana, sister").state(73).phase == "discharged"


@pytest.mark.parametrize(
    ("without", "words"),
    [
        (Kind.VITAL, "a reading under 160/95 after the end"),
        (Kind.SCALE, "MOAA/S after the end"),
        (Kind.RIDE, "the name of the ride home"),
        (Kind.FINDING, "Ambulates independently"),
    ],
)
def test_an_open_criterion_blocks_discharge_and_names_the_fix(without: Kind, words: str) -> None:
    log = iv().well(71)
    log.events = [e for e in log.events if e.kind is not without or e.at < at(40)]

    assert words in log.refused(75, Kind.HANDOVER, name="Ana, sister")


def test_no_discharge_before_the_signed_observation_ends() -> None:
    assert "25 of 30 min" in iv().well(64).refused(65, Kind.HANDOVER, name="Ana, sister")


def test_a_reading_before_the_end_does_not_count_for_going_home() -> None:
    log = iv().add(39, Kind.VITAL, **VITALS)

    assert any(line.id == "pressure" for line in log.state(75).open_criteria)


def test_a_pressure_that_stays_up_goes_home_only_with_the_prescribers_override() -> None:
    log = iv().well(71).add(72, Kind.VITAL, **VITALS | {"systolic_mmhg": 168})
    refused = log.refused(73, Kind.HANDOVER, name="Ana, sister")

    assert "168/80 (a reading under 160/95); or the prescriber's override" in refused
    assert "Only a prescriber can override" in log.refused(
        73, Kind.OVERRIDE, rule="pressure", reason="white coat"
    )
    log.add(73, Kind.OVERRIDE, author="lin", rule="pressure", reason="usual for him")
    assert log.refused(74, Kind.HANDOVER, name="Ana, sister") == ""


# Before the dose


def test_the_start_is_refused_until_every_check_is_done_and_names_the_missing_ones() -> None:
    log = Log()

    refused = log.refused(0, Kind.START)
    for item in IV.before:
        assert item.text in refused
    assert log.ready().refused(0, Kind.START) == ""


def test_a_high_pressure_holds_the_start_until_measured_lower_or_overridden() -> None:
    log = Log().ready().add(-4, Kind.VITAL, **VITALS | {"systolic_mmhg": 168})

    assert "168/80 (a reading of 160/100 or less)" in log.refused(0, Kind.START)
    log.add(-1, Kind.OVERRIDE, author="lin", rule="pressure", reason="white coat")
    assert log.refused(0, Kind.START) == ""


def test_a_hard_rule_cannot_be_overridden() -> None:
    log = Log().ready()
    log.events = [e for e in log.events if e.kind is not Kind.IDENTITY]
    log.add(-1, Kind.OVERRIDE, author="lin", rule="identity", reason="known for years")

    assert "Two patient identifiers" in log.refused(0, Kind.START)


def test_an_order_without_a_signed_limit_cannot_be_used() -> None:
    log = Log(limits={"observation_min": ""})

    assert "no signed limit for: observation min" in log.refused(-29, Kind.ORDER, **log.events[0].data)


def test_a_warning_is_shown_once_and_taken_when_acknowledged() -> None:
    warn = replace(IV, before=tuple(replace(b, force="warn") if b.id == "fasting" else b for b in IV.before))
    log = Log(warn).ready()
    log.events = [e for e in log.events if e.data.get("check") != "fasting"]

    assert "Fasting" in log.refused(0, Kind.START)
    assert log.refused(0, Kind.START, acknowledged=["fasting"]) == ""


# Alarms


def test_an_alarm_is_raised_at_the_signed_limit_and_not_a_point_below() -> None:
    below = iv().add(9, Kind.VITAL, **VITALS | {"systolic_mmhg": 179})
    reached = iv().add(9, Kind.VITAL, **VITALS | {"systolic_mmhg": 180})

    assert [a.id for a in below.state(10).alarms if a.id == "systolic-high"] == []
    assert [a.priority for a in reached.state(10).alarms if a.id == "systolic-high"] == ["medium"]


def test_a_rise_from_the_baseline_alarms_by_itself() -> None:
    log = iv().add(9, Kind.VITAL, **VITALS | {"systolic_mmhg": 128 + 60})

    assert "systolic-rise" in [a.id for a in log.state(10).alarms]


def test_an_empty_limit_raises_no_alarm() -> None:
    log = Log(limits={"during_systolic_rise_mmhg": ""}).ready().add(0, Kind.START)
    log.add(9, Kind.VITAL, **VITALS | {"systolic_mmhg": 188})

    assert "systolic-rise" not in [a.id for a in log.state(10).alarms]


def test_a_lasting_alarm_asks_to_call_the_prescriber_until_done() -> None:
    log = iv().add(9, Kind.VITAL, **VITALS | {"spo2_percent": 88})

    assert not log.state(13).alarms[0].call_due
    assert log.state(14).alarms[0].call_due
    assert not log.add(15, Kind.CALL, who="lin").state(16).alarms[0].call_due


def test_chest_pain_is_an_emergency_whatever_the_numbers_are() -> None:
    log = iv().add(12, Kind.VITAL, **VITALS).add(13, Kind.PAUSE)
    log.add(13, Kind.SYMPTOM, symptom="chest-pain", severity=2)
    alarm = log.state(13).alarms[0]

    assert (alarm.priority, alarm.call_due) == ("high", True)
    assert alarm.do.startswith("Stop the pump")
    assert "Chest pain is not resolved" in log.refused(15, Kind.RESUME)
    assert log.add(16, Kind.SYMPTOM, symptom="chest-pain", resolved=True).refused(17, Kind.RESUME) == ""


# Closing


def finished() -> Log:
    return iv().well(71).add(72, Kind.HANDOVER, name="Ana, sister")


def test_a_session_closes_only_without_open_waste() -> None:
    log = finished()

    assert "left 460 mg. Waste the remainder" in log.refused(75, Kind.CLOSE)
    log.add(75, Kind.WASTE, id="w", container="vial-1", mg="460")
    assert "has no witness" in log.refused(76, Kind.CLOSE)
    log.add(76, Kind.WITNESS, author="noel", waste="w")
    assert log.refused(77, Kind.CLOSE) == ""
    assert log.add(77, Kind.CLOSE).state(78).phase == "closed"


def test_readings_of_a_monitor_are_signed_before_closing() -> None:
    log = finished().add(75, Kind.WASTE, id="w", container="vial-1", mg="460")
    log.add(76, Kind.WITNESS, author="noel", waste="w").add(50, Kind.VITAL, source="monitor:M1", **VITALS)

    assert "sign the monitor readings (1 unsigned)" in log.refused(77, Kind.CLOSE)
    assert log.add(76.5, Kind.SIGN).refused(77, Kind.CLOSE) == ""


def test_the_preparation_is_reconciled_to_the_microgram() -> None:
    log = iv().add(27, Kind.STOP, reason="asked")
    line = log.state(28).containers[-1]
    assert (line.out_ug, line.left_ug, line.open) == (27000, 13000, True)

    assert "13 mg left" in log.refused(29, Kind.WASTE, container="preparation", mg="13.001")
    log.add(29, Kind.WASTE, container="preparation", mg="13")
    assert not log.state(30).containers[-1].open


# What cannot be entered


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (Kind.VITAL, VITALS | {"systolic_mmhg": 15}, "enter a value from 40 to 300"),
        (Kind.VITAL, VITALS | {"diastolic_mmhg": 130}, "the upper value must be above the lower one"),
        (Kind.VITAL, {"systolic_mmhg": 120}, "needs both values"),
        (Kind.VITAL, {}, "No reading is given"),
        (Kind.RATE, {"rate_ml_per_h": "-1"}, "use pause to stop the flow"),
        (Kind.RATE, {"rate_ml_per_h": "fast"}, "enter mL/h"),
        (Kind.RIDE, {"name": ""}, "The name of the ride home is missing"),
        (Kind.SCALE, {"scale": "moaas", "total": 6}, "enter a value from 0 to 5"),
        (Kind.SCALE, {"scale": "phq-9", "total": 6}, "not a scale of this session"),
        (Kind.SYMPTOM, {"symptom": "nausia", "severity": 2}, "not in the list of symptoms"),
        (Kind.SYMPTOM, {"symptom": "nausea"}, "Severity is missing"),
        (Kind.DRAW, {"container": "v", "drawn_mg": "NaN"}, "enter a number of 0 or more"),
    ],
)
def test_an_impossible_event_names_what_to_enter(kind: Kind, data: dict, words: str) -> None:
    with pytest.raises(BadEvent, match=words):
        read_event(LogEvent("e", kind, START, START, "nina", data), IV)


def test_the_log_schema_distinguishes_every_event_kind() -> None:
    known = schema("session-event")

    assert {kind.value for kind in Kind} == set(known["properties"]["kind"]["enum"])
    assert {rule["if"]["properties"]["kind"]["const"] for rule in known["allOf"]} == {k.value for k in Kind}


def test_the_handbook_sessions_fit_the_schema_and_end_as_described() -> None:
    import json
    from pathlib import Path

    import jsonschema

    from regrow.session import event_from_json

    folder = Path(__file__).parents[2] / "docs/sessions"
    validator = jsonschema.Draft202012Validator(schema("session-event"))
    ends = {}
    for path in sorted(folder.glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [problem.message for line in lines for problem in validator.iter_errors(line)] == []
        events = [event_from_json(line) for line in lines]
        order = lines[0]["data"]
        rules = knowledge.session_rules(order["protocol"], order["version"])
        state = fold(rules, events, at=max(e.at for e in events))
        assert state.breaches == []
        ends[path.stem] = (state.phase, float(state.delivered_mg))
    assert ends == {"iv-pause": ("closed", 40.0), "spravato-84": ("closed", 84.0)}


def test_the_state_at_a_moment_does_not_look_ahead() -> None:
    log = spravato().well(131).add(132, Kind.HANDOVER, name="Ana, sister")

    assert log.state(20).phase == "observing"
    assert all(line.determination.state is not CriterionStatus.MET for line in log.state(20).discharge[:1])
    assert SPRAVATO.devices is not None
