"""The sharpest edges of a session, one test each, numbered as the clinic counts them."""

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from regrow.session import Kind, changes, fill_rems_form, rems_due_on
from tests.content import knowledge
from tests.session_logs import IV, SPRAVATO, VITALS, Log, at, iv, spravato

NEW_YORK = ZoneInfo("America/New_York")
FORM = knowledge.rems_form("esketamine", date(2026, 11, 24))


def test_edge_01_pause_slow_resume_and_stop_are_derived_from_the_log() -> None:
    log = iv().add(10, Kind.PAUSE).add(15, Kind.RATE, rate_ml_per_h="75.6")
    log.add(15, Kind.RESUME, rate_ml_per_h="75.6").add(25, Kind.STOP)
    state = log.state(30)

    assert (state.delivered_mg, state.ended_at, state.partial) == (Fraction(15), at(25), True)
    assert state.infusion_ends_at == at(25)


def test_edge_02_what_stays_in_the_line_was_prepared_and_not_given() -> None:
    state = Log(tubing_ml="15").ready().add(0, Kind.START).state(60)

    assert state.order is not None
    assert state.delivered_mg + state.in_line_mg == Fraction(state.order.prepared_mg)
    assert state.in_line_mg > 5


def test_edge_12_the_form_counts_from_the_first_device_and_going_home_from_the_last() -> None:
    clocks = {clock.id: clock for clock in spravato(third_at=17).state(60).clocks}
    started = {id: clock.started_at for id, clock in clocks.items()}

    assert started["rems_total"] == at(0)
    assert at(17) in started.values()
    assert clocks["rems_total"].elapsed_min == 60


@pytest.mark.parametrize(("minute", "may_go"), [(129, False), (131, True)])
def test_edge_13_neither_time_nor_symptoms_alone_allow_discharge(minute, may_go) -> None:
    """Over at 60 minutes: still two hours. Two hours over and still dissociated: stays."""
    log = spravato().add(45, Kind.VITAL, **VITALS).add(60, Kind.SYMPTOM, symptom="nausea", severity=2)
    well = log.add(61, Kind.SYMPTOM, symptom="nausea", resolved=True).well(minute)

    assert (well.refused(minute, Kind.HANDOVER, name="Ana, sister") == "") is may_go
    if may_go:
        dissociation = next(c for c in SPRAVATO.discharge if "issociat" in c.text)
        well.add(minute, Kind.FINDING, criterion=dissociation.id, holds=False)
        assert "issociat" in well.refused(minute + 1, Kind.HANDOVER, name="Ana, sister")


@pytest.mark.parametrize(
    ("first_dose", "due"),
    [
        (datetime(2026, 10, 30, 14, tzinfo=UTC), date(2026, 11, 6)),  # daylight-saving time ends between
        (datetime(2026, 10, 31, 3, 59, tzinfo=UTC), date(2026, 11, 6)),  # 23:59 of the 30th in New York
        (datetime(2026, 10, 31, 4, 1, tzinfo=UTC), date(2026, 11, 7)),  # a minute after midnight
        (datetime(2026, 12, 24, 17, tzinfo=UTC), date(2026, 12, 31)),  # a holiday between
        (datetime(2027, 3, 13, 15, tzinfo=UTC), date(2027, 3, 20)),
    ],
)
def test_edge_14_the_form_is_due_by_the_clinics_calendar(first_dose: datetime, due: date) -> None:
    assert FORM is not None
    assert rems_due_on(first_dose, FORM, NEW_YORK) == due


def test_edge_15_nothing_more_is_given_while_no_prescriber_is_in_the_clinic() -> None:
    log = Log(SPRAVATO).ready().add(0, Kind.DEVICE, n=1, lot="24JG511", container="device-1")
    log.add(3, Kind.PRESENCE, author="lin", who="lin", here=False)

    assert log.state(4).prescriber_here is False
    assert "No prescriber on site" in log.refused(6, Kind.DEVICE, n=2, lot="x", container="device-2")
    back = log.add(7, Kind.PRESENCE, author="lin", who="lin", here=True)
    assert back.refused(8, Kind.DEVICE, n=2, lot="x", container="device-2") == ""


def test_edge_16_stopped_after_the_first_device_is_28_mg_and_still_two_hours() -> None:
    log = Log(SPRAVATO).ready().add(0, Kind.DEVICE, n=1, lot="24JG511", container="device-1")
    log.add(4, Kind.STOP, reason="asked")
    state = log.state(60)

    assert (state.delivered_mg, state.partial) == (Fraction(28), True)
    assert FORM is not None
    assert fill_rems_form(FORM, state, {}, NEW_YORK).answer("dose") == "Other: 28 mg"
    assert [line.left_ug for line in state.containers if line.open] == [56_000]  # two devices to waste
    assert "of 120 min" in log.well(110).refused(110, Kind.HANDOVER, name="Ana, sister")


def test_edge_19_waste_needs_another_witness_on_another_device() -> None:
    log = iv().add(50, Kind.WASTE, id="waste", container="vial-1", mg="460", device="tablet-a")

    assert "You can't witness your own waste" in log.refused(51, Kind.WITNESS, waste="waste")
    same = log.refused(51, Kind.WITNESS, waste="waste", author="noel", device="tablet-a")
    assert "Witness on a different device" in same
    assert log.refused(51, Kind.WITNESS, waste="waste", author="noel", device="tablet-b") == ""


def test_edge_20_a_name_alert_requires_more_than_two_stated_identifiers() -> None:
    log = Log(name_alike=True).add(-19, Kind.IDENTITY, by=["name", "born"])

    assert "Verify photo or MRN" in log.refused(-18, Kind.CHECK, check="consent")
    assert log.add(-18, Kind.IDENTITY, by=["name", "photo"]).refused(-17, Kind.VITAL, **VITALS) == ""


def test_edge_21_an_infusion_across_the_end_of_daylight_saving_time_runs_forty_minutes() -> None:
    """It begins at 01:45 and ends at 01:25 by the wall clock of New York."""
    log = Log().ready().add(75, Kind.START)
    state = log.state(115)

    assert state.ended_at == at(115)
    assert at(75).astimezone(NEW_YORK).strftime("%H:%M") == "01:45"
    assert at(115).astimezone(NEW_YORK).strftime("%H:%M") == "01:25"
    assert state.delivered_mg == 40


def test_edge_22_a_wrong_clock_and_a_late_arrival_change_no_order() -> None:
    """The tablet is three minutes slow and was offline: pause and resume stay where they happened."""
    straight = iv().add(18, Kind.PAUSE).add(25, Kind.RESUME).state(60)
    skewed = iv()
    skewed.add(22, Kind.RESUME, device="a", seq=2, skew_ms=180_000, arrived=40)
    skewed.add(15, Kind.PAUSE, device="a", seq=1, skew_ms=180_000, arrived=40)
    state = skewed.state(60)

    assert (state.ended_at, state.delivered_mg) == (straight.ended_at, straight.delivered_mg)
    assert [e.kind.value for e in state.entries if e.event.late] == ["pause", "resume"]


def test_edge_23_a_spike_is_remeasured_and_no_reading_is_not_normal() -> None:
    log = iv().add(10, Kind.VITAL, id="spike", **VITALS | {"systolic_mmhg": 190})
    once = [alarm for alarm in log.state(11).alarms if "190" in alarm.text]

    assert once
    marked = log.add(12, Kind.CORRECTION, corrects="spike", reason="cuff", data={"artefact": True}).state(13)
    assert not [alarm for alarm in marked.alarms if "190" in alarm.text]
    assert next(e for e in marked.entries if e.id == "spike").data["systolic_mmhg"] == 190
    late = iv().state(39).alarms
    assert [alarm.priority for alarm in late if "overdue" in alarm.text] == ["medium"]


def test_edge_24_a_correction_after_discharge_changes_the_form() -> None:
    log = spravato().add(50, Kind.VITAL, id="wrong", **VITALS | {"systolic_mmhg": 150}).well(131)
    log.add(132, Kind.HANDOVER, name="Ana, sister")
    before = log.state(140)
    log.add(200, Kind.CORRECTION, corrects="wrong", reason="another patient", data=None)
    after = log.state(201)

    assert before.left_at == after.left_at == at(132)
    assert FORM is not None
    forms = [fill_rems_form(FORM, state, {}, NEW_YORK) for state in (before, after)]
    answers = [{f.id: f.answer for _, fields in form.blocks for f in fields} for form in forms]
    assert "150/80" in answers[0].values()
    assert "150/80" not in answers[1].values()
    assert "phase" not in changes(before, after)


def test_edge_32_withdrawn_consent_ends_the_dose_and_impaired_patients_do_not_sign() -> None:
    log = iv().add(10, Kind.STOP, reason="consent_withdrawn")

    assert log.state(11).consent_withdrawn
    assert log.state(11).partial
    assert "No consent, signature or payment" in log.refused(12, Kind.CONSENT, text="payment by card")


def test_edge_33_leaving_against_advice_is_recorded_and_the_form_stays_due() -> None:
    log = spravato().add(60, Kind.LEFT, reason="has to collect a child", told="Dr Lin")
    state = log.state(61)

    assert (state.phase, state.left_at) == ("left_against_advice", at(60))
    assert any(line.open for line in state.discharge)
    assert FORM is not None
    assert fill_rems_form(FORM, state, {}, NEW_YORK).due_on is not None


def test_edge_38_newly_signed_limits_do_not_change_an_open_session() -> None:
    """The order carries the version and the limits that it was signed with; the next order carries the new ones."""
    reading = VITALS | {"systolic_mmhg": 158}
    under_way = iv().add(10, Kind.VITAL, **reading).state(11)
    stricter = Log(limits={"during_systolic_mmhg": "150"}).ready().add(0, Kind.START)
    next_session = stricter.add(10, Kind.VITAL, **reading).state(11)

    assert under_way.order is not None
    assert (under_way.order.protocol, under_way.order.version) == (IV.protocol, IV.version)
    assert not [alarm for alarm in under_way.alarms if alarm.id == "systolic-high"]
    assert [alarm for alarm in next_session.alarms if alarm.id == "systolic-high"]
