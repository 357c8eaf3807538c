"""The narrative note of a session says what the log holds, and names what it does not hold."""

from zoneinfo import ZoneInfo

from regrow.session import Kind, fold, note_of
from tests.session_logs import HOME, IV, VITALS, Log, at, iv, spravato

NEW_YORK = ZoneInfo("America/New_York")


def note(log: Log, minute: float) -> str:
    return note_of(log.state(minute), NEW_YORK)


def test_note_of_a_whole_infusion_states_order_checks_dose_and_discharge() -> None:
    text = note(iv().add(40, Kind.COMPLETE).well(75).add(76, Kind.HANDOVER, name="Ana, sister"), 80)
    assert text.startswith("Session of November 1, 2026 under IV racemic ketamine")
    assert "Ordered: ketamine 40 mg (0.5 mg/kg of 80 kg) in 100.8 mL at 151.2 mL/h." in text
    assert "Identity checked by name and date of birth at 00:11. All pre-dose checks were met." in text
    assert "Blood pressure before: 128/80." in text
    assert "Infusion started at 00:30. Complete at 01:10. Given: 40 mg (100.0% of the prepared dose)." in text
    assert "Discharged to Ana, sister at 01:46." in text
    assert "partial dose" not in text and "Open:" not in text


def test_note_of_a_stopped_infusion_states_delivered_and_wasted_dose() -> None:
    log = iv().add(18, Kind.PAUSE, reason="nausea").add(22, Kind.RESUME, rate_ml_per_h="75.6")
    log.add(25, Kind.RATE, rate_ml_per_h="100").add(30, Kind.STOP, reason="patient_request")
    log.add(31, Kind.CALL, who="lin").add(32, Kind.MEDICINE, medicine="ondansetron", dose="4 mg IV")
    log.add(33, Kind.FLUSH, ml="5").add(41, Kind.WASTE, id="w", container="vial-1", mg="460")
    before = note(log, 50)
    assert "Paused at 00:48 (nausea). Resumed at 00:52 at 75.6 mL/h. Rate 100 mL/h from 00:55." in before
    assert (
        "Stopped at 01:00: patient request. lin was called at 01:01. ondansetron 4 mg IV at 01:02." in before
    )
    assert "Given: 22.807 mg (57.0% of the prepared dose)." in before
    assert "This is a partial dose and does not count as given." in before
    assert "Wasted 460 mg from vial-1 by nina, without a witness." in before
    after = note(log.add(42, Kind.WITNESS, author="noel", waste="w"), 50)
    assert "Wasted 460 mg from vial-1 by nina, witnessed by noel." in after


def test_note_of_a_patient_who_left_during_the_infusion_does_not_claim_an_empty_bag() -> None:
    text = note(iv().add(20, Kind.LEFT, reason="has to collect a child", told="Dr Lin"), 25)
    assert "The infusion ended at 00:50 without a recorded stop. Given: 20 mg (50.0% of" in text
    assert "The bag was empty" not in text
    assert "Left AMA at 00:50: has to collect a child. Informed: Dr Lin." in text
    assert "Criteria open at departure, by the current record:" in text
    assert "Recorded against a rule: The dose is still running." in text


def test_note_of_an_infusion_without_a_recorded_end_states_when_the_bag_was_empty() -> None:
    assert "The bag was empty at 01:10. Given: 40 mg (100.0% of" in note(iv(), 60)


def test_note_of_a_spravato_session_names_each_device_and_what_is_open() -> None:
    text = note(spravato(), 60)
    assert "Device 1 at 00:30, lot 24JG511. Device 2 at 00:35, lot 24JG511. Device 3 at 00:40" in text
    assert "Given: 84 mg (100.0% of the prepared dose)." in text
    assert "Still in the clinic. Open:" in text


def test_note_of_a_session_without_a_dose_says_so() -> None:
    assert "No dose was given." in note(Log(), 0)
    assert note_of(fold(IV, [], at=at(0)), NEW_YORK).startswith("No order is in this log.")


def test_note_states_missing_checks_overrides_and_artifacts() -> None:
    log = Log().drawn().add(-5, Kind.VITAL, id="spike", **VITALS | {"systolic_mmhg": 190})
    log.add(-4, Kind.OVERRIDE, author="lin", rule="identity", reason="known for years")
    log.add(0, Kind.START, id="start").add(5, Kind.VITAL, **VITALS, artefact=True)
    text = note(log, 10)
    assert "Not documented before the dose:" in text and "All pre-dose checks" not in text
    assert "overridden by lin: known for years." in text
    assert "1 reading is marked as artifact and not used." in text
    assert "Recorded against a rule:" in text


def test_note_states_symptoms_effects_corrections_and_late_entries() -> None:
    log = iv().add(10, Kind.VITAL, id="high", **VITALS | {"systolic_mmhg": 150})
    log.add(15, Kind.SYMPTOM, symptom="nausea", severity=2).add(
        40, Kind.SYMPTOM, symptom="nausea", resolved=True
    )
    log.add(16, Kind.SCALE, scale="moaas", total=3).add(45, Kind.SCALE, scale="moaas", total=5)
    log.add(46, Kind.CORRECTION, corrects="high", reason="typing error", data=VITALS | {"systolic_mmhg": 140})
    log.add(60, Kind.VITAL, happened=20, **VITALS)
    text = note(log, 70)
    assert "Highest blood pressure 140/80 at 00:40" in text
    assert "Nausea at 00:45: 2 of 5. Nausea at 01:10: over." in text
    assert "Sedation from 16 min, over at 45 min." in text
    assert "Dissociation: not documented." in text
    assert "1 entry was corrected. 1 entry was made late." in text


def test_note_states_withdrawn_consent() -> None:
    text = note(iv().add(11, Kind.STOP, reason="consent_withdrawn"), 20)
    assert "The patient withdrew consent." in text


def test_note_of_a_dose_at_home_states_each_dose_given() -> None:
    text = note(Log(HOME).ready().add(0, Kind.ADMINISTER, mg="40"), 20)
    assert "40 mg given at 00:30." in text
