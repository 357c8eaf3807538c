"""The session log: delivered mg, the end that moves, the discharge list, and order of arrival."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow import knowledge
from regrow.knowledge import Limits
from regrow.session import BadEvent, Event, Kind, fold, read_event, refusal
from tests.strategies import START, event, order, pump_logs

PROTOCOL = knowledge.protocol("iv-weekly-6")
LIMITS = Limits.of(knowledge.demo_limits("iv-weekly-6"))
VITALS = {"systolic_mmhg": 128, "diastolic_mmhg": 80, "pulse_per_min": 70, "spo2_percent": 98}


def at(minute: float):
    return START + timedelta(minutes=minute)


def state(events: list[Event], minute: float):
    return fold(PROTOCOL, LIMITS, order(), events, at=at(minute))


def test_a_pause_moves_the_end_of_the_infusion_by_its_length() -> None:
    log = [event("s", Kind.START, 0), event("p", Kind.PAUSE, 18), event("r", Kind.RESUME, 25)]

    assert state(log, 20).delivered_mg == Fraction(18)
    assert state(log, 20).phase == "paused"
    assert state(log, 20).infusion_ends_at is None
    assert state(log, 26).infusion_ends_at == at(47)


def test_resumed_at_half_the_rate_it_takes_twice_as_long() -> None:
    log = [
        event("s", Kind.START, 0),
        event("p", Kind.PAUSE, 18),
        event("r", Kind.RESUME, 25, rate_ml_per_h="75.6"),
    ]

    assert state(log, 26).infusion_ends_at == at(69)


def test_stopped_at_27_minutes_with_a_7_minute_pause_half_was_given() -> None:
    log = [
        event("s", Kind.START, 0),
        event("p", Kind.PAUSE, 18),
        event("r", Kind.RESUME, 25),
        event("x", Kind.STOP, 27),
    ]

    stopped = state(log, 60)

    assert (Fraction(20), "observing", at(27)) == (stopped.delivered_mg, stopped.phase, stopped.ended_at)


def test_the_bag_runs_empty_by_itself_and_gives_no_more_than_it_holds() -> None:
    done = state([event("s", Kind.START, 0)], 300)

    assert (Fraction(40), Fraction(0), at(40)) == (done.delivered_mg, done.left_ml, done.ended_at)


def test_the_end_of_daylight_saving_time_during_a_session_changes_nothing() -> None:
    """The log starts at 00:30 in New York on the night the clocks go back; 01:10 is forty minutes later."""
    from zoneinfo import ZoneInfo

    log = [event("s", Kind.START, 60)]  # 01:30 EDT, before the clocks go back at 02:00
    ends = state(log, 61).infusion_ends_at

    assert ends is not None
    assert ends - at(60) == timedelta(minutes=40)
    assert ends.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M") == "01:10"


@settings(max_examples=300)
@given(pump_logs(), st.randoms(use_true_random=False), st.integers(0, 180))
def test_any_order_of_arrival_gives_the_same_state(log, chance, minute) -> None:
    shuffled = list(log)
    chance.shuffle(shuffled)

    assert state(log, minute) == state(shuffled, minute)


@settings(max_examples=300)
@given(pump_logs(), st.integers(0, 179))
def test_what_was_delivered_never_falls_and_never_passes_the_bag(log, minute) -> None:
    now, later = state(log, minute), state(log, minute + 1)

    assert 0 <= now.delivered_ml <= later.delivered_ml <= Fraction("100.8")
    assert now.delivered_ml + now.left_ml == Fraction("100.8")


def test_a_correction_strikes_out_and_all_that_followed_is_computed_again() -> None:
    log = [event("s", Kind.START, 0), event("p", Kind.PAUSE, 10)]
    fixed = [*log, event("c", Kind.CORRECTION, 30, corrects="p", data=None)]

    assert state(log, 31).delivered_mg == Fraction(10)
    assert state(fixed, 31).delivered_mg == Fraction(31)


def full_log() -> list[Event]:
    log = [event(f"c{n}", Kind.CHECK, -10, check=id) for n, (id, _) in enumerate(PROTOCOL.before)]
    log += [event("v0", Kind.VITAL, -5, **VITALS), event("s", Kind.START, 0), event("x", Kind.COMPLETE, 40)]
    log += [event("v1", Kind.VITAL, 55, **VITALS), event("m", Kind.SEDATION, 60, moaas=5)]
    findings = [c.id for c in PROTOCOL.discharge if c.kind == "finding"]
    log += [event(f"f{id}", Kind.FINDING, 61, criterion=id, holds=True) for id in findings]
    return [*log, event("r", Kind.RIDE, 62, name="Ana, sister")]


def test_with_every_criterion_met_the_patient_may_go() -> None:
    log = full_log()
    discharge = event("d", Kind.DISCHARGE, 71)

    assert refusal(PROTOCOL, LIMITS, state(log, 71), discharge) is None
    assert state([*log, discharge], 72).phase == "discharged"


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("v1", "a reading under 160/95 after the end"),
        ("m", "MOAA/S after the end"),
        ("r", "the name of the person who takes them home"),
        ("fgait", "walks unaided"),
    ],
)
def test_an_open_criterion_keeps_the_patient_and_says_what_will_do(without: str, words: str) -> None:
    log = [e for e in full_log() if e.id != without]

    assert words in (refusal(PROTOCOL, LIMITS, state(log, 75), event("d", Kind.DISCHARGE, 75)) or "").replace(
        "Walks", "walks"
    )


def test_nobody_goes_home_before_the_signed_observation_is_over() -> None:
    refused = refusal(PROTOCOL, LIMITS, state(full_log(), 65), event("d", Kind.DISCHARGE, 65))

    assert refused is not None and "25 of 30 min" in refused


def test_a_reading_before_the_end_does_not_count_for_going_home() -> None:
    log = [e for e in full_log() if e.id != "v1"] + [event("early", Kind.VITAL, 39, **VITALS)]

    assert any(d.id == "pressure" for d in state(log, 75).open_criteria)


def test_a_high_pressure_holds_the_start_until_measured_lower_or_overridden() -> None:
    log = [e for e in full_log() if e.kind is Kind.CHECK]
    log.append(event("v", Kind.VITAL, -5, **(VITALS | {"systolic_mmhg": 168})))
    start = event("s", Kind.START, 0)

    assert "168/80" in (refusal(PROTOCOL, LIMITS, state(log, 0), start) or "")
    overridden = [*log, event("o", Kind.OVERRIDE, -1, rule="start_hold", reason="white coat")]
    assert refusal(PROTOCOL, LIMITS, state(overridden, 0), start) is None


def test_an_alarm_is_raised_at_the_signed_limit_and_not_a_point_below() -> None:
    below = [event("s", Kind.START, 0), event("v", Kind.VITAL, 9, **(VITALS | {"systolic_mmhg": 179}))]
    reached = [event("s", Kind.START, 0), event("v", Kind.VITAL, 9, **(VITALS | {"systolic_mmhg": 180}))]

    assert state(below, 10).alarms == ()
    assert [a.priority for a in state(reached, 10).alarms] == ["medium"]


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (Kind.VITAL, VITALS | {"systolic_mmhg": 15}, "enter a value from 40 to 300"),
        (Kind.VITAL, VITALS | {"diastolic_mmhg": 130}, "the upper value must be above the lower one"),
        (Kind.VITAL, {"systolic_mmhg": 120}, "is missing"),
        (Kind.RATE, {"rate_ml_per_h": "-1"}, "use pause to stop the flow"),
        (Kind.RATE, {"rate_ml_per_h": "fast"}, "enter mL/h"),
        (Kind.RIDE, {"name": ""}, "takes the patient home is missing"),
    ],
)
def test_an_event_that_cannot_be_says_what_to_enter(kind: Kind, data: dict, words: str) -> None:
    with pytest.raises(BadEvent, match=words):
        read_event(event("e", kind, 0, **data))


def test_every_kind_of_event_is_told_apart_in_the_schema_of_the_log() -> None:
    known = set(knowledge.schema("session-event")["properties"]["kind"]["enum"])

    assert {kind.value for kind in Kind} == known
