"""What the nurse does next: one action for each phase, with the event that records it."""

from regrow.session import Kind, NextAction, fold, next_action, rules_as_json, state_as_json
from tests.content import knowledge
from tests.session_logs import HOME, IM, IV, SPRAVATO, VITALS, Log, at, iv, spravato


def action(log: Log, minute: float) -> NextAction:
    return next_action(log.state(minute))


def ids(log: Log, *minutes: float) -> list[str]:
    return [action(log, minute).id for minute in minutes]


def test_preparing_goes_through_order_identity_checks_drug_and_readings() -> None:
    log = Log()
    assert next_action(fold(IV, [], at=at(-40))).id == "wait_for_order"
    assert action(log, -25) == NextAction("identity", "Verify identity", "two identifiers", Kind.IDENTITY)
    log.add(-19, Kind.IDENTITY, by=["name", "born"])
    assert action(log, -18).id == "checklist"
    assert action(log, -18).detail == "8 open"
    for item in IV.before:
        if item.kind == "check":
            log.add(-18, Kind.CHECK, check=item.id)
    assert action(log, -17) == NextAction("prepare", "Prepare dose", "40 mg", Kind.DRAW)
    log.drawn()
    assert action(log, -6) == NextAction("vitals", "Take vital signs", "before the dose", Kind.VITAL)
    log.add(-5, Kind.VITAL, **VITALS)
    assert action(log, -4).detail == "40 mg at 151.2 mL/h · double check open"
    log.add(-3, Kind.DOUBLE_CHECK, author="noel")
    assert action(log, -2) == NextAction("start", "Start infusion", "40 mg at 151.2 mL/h", Kind.START)


def test_a_pressure_above_the_signed_limit_is_taken_again_before_the_dose() -> None:
    log = Log().ready().add(-2, Kind.VITAL, **VITALS | {"systolic_mmhg": 210})

    assert action(log, -1).id == "vitals"
    assert action(log, -1).detail == "BP above the signed limit · last BP 210/80, HR 70"


def test_each_device_is_prepared_then_given_in_turn() -> None:
    log = Log(SPRAVATO)
    log.add(-19, Kind.IDENTITY, by=["name", "born"])
    for item in SPRAVATO.before:
        if item.kind == "check":
            log.add(-18, Kind.CHECK, check=item.id)
    for n in (1, 2, 3):
        assert action(log, -13).text == f"Prepare device {n}"
        log.add(-14, Kind.DRAW, container=f"device-{n}", size_mg="28", drawn_mg="28")
    log.add(-5, Kind.VITAL, **VITALS)
    assert action(log, -4) == NextAction(
        "device", "Device 1", "one spray in each nostril", Kind.DEVICE, {"n": 1}
    )
    log.add(0, Kind.DEVICE, n=1)
    assert action(log, 1) == NextAction("device", "Device 2", "", Kind.DEVICE, {"n": 2}, at(5))


def test_a_single_dose_is_given_at_once_and_nothing_is_drawn_at_home() -> None:
    ready = Log(IM).ready()
    assert action(ready, -1).id == "administer"
    assert action(ready, -1).data == {"mg": "40"}
    assert "prepare" not in ids(Log(HOME).add(-19, Kind.IDENTITY, by=["name", "born"]), -18, -10)


def test_infusing_the_next_reading_is_due_with_its_time_and_the_last_values() -> None:
    soon = action(iv(), 5)

    every = int(knowledge.demo_limits("iv-weekly-6")["vitals_every_min"])
    assert (soon.id, soon.detail, soon.due_at) == ("vitals", "last BP 128/80, HR 70", at(every))


def test_a_question_that_is_due_first_comes_first_but_an_overdue_reading_precedes_it() -> None:
    log = Log(limits={"comfort_at_min": "5", "vitals_every_min": "10"}).ready().add(0, Kind.START)

    assert action(log, 6).data == {"scale": "comfort"}
    assert action(log, 10).id == "vitals"


def test_without_a_signed_interval_readings_are_taken_when_the_nurse_checks_the_patient() -> None:
    unset = {"vitals_every_min": "", "comfort_at_min": "", "dissociation_at_min": ""}
    soon = action(Log(limits=unset).ready().add(0, Kind.START), 5)

    assert (soon.id, soon.due_at) == ("vitals", None)
    assert soon.detail.startswith("when you check the patient")


def test_paused_is_resumed() -> None:
    assert action(iv().add(18, Kind.PAUSE), 20) == NextAction(
        "resume", "Resume infusion", "same rate", Kind.RESUME
    )


def test_observing_ends_with_the_discharge_to_the_named_escort() -> None:
    log = iv().well(130)

    assert action(log, 60).id == "vitals"
    assert action(log, 180) == NextAction(
        "handover",
        "Discharge with Ana, sister",
        "all criteria met",
        Kind.HANDOVER,
        {"name": "Ana, sister"},
    )


def test_after_leaving_waste_witness_signature_and_closing_follow_each_other() -> None:
    log = iv().add(20, Kind.VITAL, **VITALS, source="monitor-1").well(130)
    log.add(135, Kind.HANDOVER, name="Ana, sister")
    waste = action(log, 136)
    assert (waste.text, waste.detail) == ("Waste 460 mg", "from vial-1")
    assert waste.data == {"container": "vial-1", "mg": "460"}
    log.add(137, Kind.WASTE, id="w", **waste.data)
    assert (action(log, 138).id, action(log, 138).kind) == ("witness", None)
    log.add(139, Kind.WITNESS, waste="w", author="noel")
    assert action(log, 140) == NextAction("sign", "Sign monitor readings", "1 reading", Kind.SIGN)
    log.add(141, Kind.SIGN)
    assert action(log, 142).id == "close"
    assert action(log.add(143, Kind.CLOSE), 144) == NextAction("none", "Session closed")


def test_left_ama_is_cleaned_up_alike() -> None:
    log = iv().add(10, Kind.STOP, reason="asked").add(12, Kind.LEFT, reason="wants to go", told="lin")

    assert action(log, 13).id == "waste"


def test_the_state_as_json_carries_the_action() -> None:
    assert state_as_json(spravato(third_at=10).state(7))["next"] == {
        "id": "device",
        "text": "Device 3",
        "detail": "",
        "kind": "device",
        "data": {"n": 3},
        "due_at": "2026-11-01T04:40:00Z",
    }


def test_the_rules_as_json_carry_what_the_tablet_must_not_repeat() -> None:
    constants = rules_as_json(IV)["constants"]

    assert constants["implausible_change"] == [1, 3]
    assert constants["possible"]["systolic_mmhg"] == [40, 300]
    assert constants["kinds"]["dosing"] == ["administer", "device", "resume", "start"]
    assert constants["readings"].keys() <= constants["possible"].keys()
    assert "consent_withdrawn" in constants["stop_reasons"]
