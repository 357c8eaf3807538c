"""What monitors say in HL7 v2 and FHIR, read and acknowledged; an independent library checks what we write."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.interop import BadMessage, acknowledgement, outcome, read_observations, read_oru
from regrow.interop.simulated_monitor import message_of, values_at
from tests.content import knowledge

RULES = knowledge.monitor()
NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
# As bedside gateways send it: local time with its offset, codes of IEEE 11073, a pulse and a waveform we do not keep.
ORU = "\r".join(
    [
        "MSH|^~\\&|PatientMonitor|Ward|EMR|Clinic|20261124120000.000-0500||ORU^R01^ORU_R01|MSG00001|P|2.6",
        "PID|||100042^^^Clinic^MR||Ortiz^Maya",
        "PV1||E|Chair 2",
        "OBR|1|A|A|182777000^monitoring of patient^SCT|||20261124120000-0500",
        "OBX|1|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.1.9.1|128|mm[Hg]^mm[Hg]^UCUM|||||F|||20261124115958-0500||||MON-7",
        "OBX|2|NM|150022^MDC_PRESS_BLD_NONINV_DIA^MDC|1.1.9.2|80.4|266016^MDC_DIM_MMHG^MDC|||||F|||20261124115958-0500",
        "OBX|3|NM|8867-4^Heart rate^LN|1.2.1|71|/min|||||R",
        "OBX|4|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1||%^%^UCUM|||||X",
        "OBX|5|NA|131328^MDC_ECG_ELEC_POTL^MDC|1.4.1|1^2^3|mV|||||F",
        "",
    ]
)


def refused(text: str) -> BadMessage:
    with pytest.raises(BadMessage) as caught:
        read_oru(text, RULES, NEW_YORK)
    return caught.value


def test_a_gateways_message_becomes_readings_by_moment() -> None:
    message = read_oru(ORU, RULES, NEW_YORK)
    first, second = message.readings

    assert (message.id, message.device, message.patient, message.sent_at) == (
        "MSG00001",
        "MON-7",
        "100042",
        NOON,
    )
    assert (first.taken_at, dict(first.values)) == (
        NOON - timedelta(seconds=2),
        {"systolic_mmhg": 128, "diastolic_mmhg": 80},
    )
    assert (second.taken_at, dict(second.values)) == (NOON, {"pulse_per_min": 71})
    assert message.skipped == (
        "MDC_PULS_OXIM_SAT_O2",
        "MDC_ECG_ELEC_POTL",
    )  # a value that is missing is no value


def test_a_time_without_a_zone_is_the_clinics() -> None:
    text = ORU.replace("-0500", "").replace("20261124120000.000", "20261124120000")

    assert read_oru(text, RULES, NEW_YORK).sent_at == NOON


def test_kilopascal_are_read_as_mmhg() -> None:
    text = ORU.replace("|128|mm[Hg]^mm[Hg]^UCUM", "|17.1|kPa")

    assert read_oru(text, RULES, NEW_YORK).readings[0].values["systolic_mmhg"] == 128


@pytest.mark.parametrize(
    ("was", "becomes", "code", "rejected", "words"),
    [
        ("ORU^R01^ORU_R01", "ADT^A01", 200, True, "ADT^A01 is not taken here; send ORU^R01."),
        ("|P|2.6", "|P|3.0", 203, True, "not HL7 version 2"),
        ("|P|2.6", "|T|2.6", 202, True, "MSH-11 is P"),
        ("MSG00001", "", 101, False, "a control id of its own"),
        ("mm[Hg]^mm[Hg]^UCUM", "inHg", 103, False, "is given in inHg; send it in one of: mm[Hg]"),
        ("mm[Hg]^mm[Hg]^UCUM", "", 103, False, "is given in no unit"),
        ("|128|", "|>128|", 102, False, "'>128' is not a number"),
        ("|128|", "|1e400|", 102, False, "is not a number"),
        (
            "OBR|1|A|A|182777000^monitoring of patient^SCT|||20261124120000-0500",
            "OBR|1|A|A|182777000",
            101,
            False,
            "pulse_per_min has no time: send OBX-14 or OBR-7.",
        ),
        ("20261124115958-0500||||MON-7", "yesterday||||MON-7", 102, False, "'yesterday' is not a time"),
    ],
)
def test_a_rejected_message_names_the_fix(was, becomes, code, rejected, words: str) -> None:
    mistake = refused(ORU.replace(was, becomes))

    assert (mistake.code, mistake.rejected) == (code, rejected)
    assert words in str(mistake)


def test_a_message_that_names_no_device_is_refused() -> None:
    mistake = refused(ORU.replace("||||MON-7", "").replace("|PatientMonitor|", "||"))

    assert (mistake.code, str(mistake)) == (101, "The message names no device: send OBX-18 or MSH-3.")


@pytest.mark.parametrize(
    "text", ["", "hello", "MSH", "MSH|^~\\&", "MSH|", "\x0b\x1c", "MSH|^~\\&|" + "A" * 70_000]
)
def test_noise_is_answered_too(text: str) -> None:
    mistake = refused(text)

    assert mistake.rejected
    assert "\rMSA|AR|" in acknowledgement(text, now=NOON, mistake=mistake)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for sent in (text, "MSH|^~\\&|" + text, ORU + text, ORU.replace("128", text)):
        refused = None
        try:
            read_oru(sent, RULES, NEW_YORK)
        except BadMessage as mistake:
            refused = mistake
        assert acknowledgement(sent, now=NOON, mistake=refused).startswith("MSH|")


def test_the_acknowledgement_names_the_message_and_the_mistake() -> None:
    assert "\rMSA|AA|MSG00001\r" in acknowledgement(ORU, now=NOON)
    answer = acknowledgement(ORU, now=NOON, mistake=BadMessage("Chair 2 | nobody", code=204))

    assert "\rMSA|AE|MSG00001\rERR|||204^Chair 2 \\F\\ nobody^HL70357|E||||" in answer
    assert answer.startswith(
        "MSH|^~\\&|REGROW|CLINIC|PatientMonitor|Ward|20261124170000.000+0000||ACK^R01^ACK|"
    )


def test_another_library_finds_nothing_wrong_with_what_we_write() -> None:
    from hl7apy.parser import parse_message
    from hl7apy.validation import Validator

    curve = knowledge.curve("calm-infusion")
    sent = message_of(RULES, curve, 5, "SIM-1", "100042", id="S1", now=NOON, cuff=True)
    for text in (
        sent,
        acknowledgement(sent, now=NOON),
        acknowledgement(sent, now=NOON, mistake=BadMessage("no", code=204)),
    ):
        assert Validator.validate(parse_message(text, find_groups=True))


def test_the_simulated_monitor_replays_the_curve() -> None:
    curve = knowledge.curve("calm-infusion")
    for minute in (0, 7.5, 200):
        text = message_of(RULES, curve, minute, "SIM-1", "", id="S1", now=NOON, cuff=True)
        (reading,) = read_oru(text, RULES, NEW_YORK).readings
        assert dict(reading.values) == values_at(curve, minute)
    assert values_at(curve, 200) == values_at(curve, 90)
    no_cuff = message_of(RULES, curve, 1, "SIM-1", "", id="S2", now=NOON, cuff=False)
    assert "systolic_mmhg" not in read_oru(no_cuff, RULES, NEW_YORK).readings[0].values


PRESSURE = {
    "resourceType": "Observation",
    "id": "bp-1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
    "subject": {"identifier": {"value": "100042"}},
    "device": {"identifier": {"value": "MON-7"}},
    "effectiveDateTime": "2026-11-24T12:00:00-05:00",
    "component": [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg", "code": "mm[Hg]"},
        }
        for code, value in (("8480-6", 128), ("8462-4", 80))
    ],
}
PULSE = {
    **{name: PRESSURE[name] for name in ("resourceType", "status", "subject", "device", "effectiveDateTime")},
    "id": "hr-1",
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    "valueQuantity": {"value": 71, "code": "/min"},
}


def bundle(*resources: dict) -> dict:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def test_observations_of_one_moment_are_one_reading() -> None:
    message = read_observations(bundle(PRESSURE, PULSE), RULES)
    (reading,) = message.readings

    assert (message.device, message.patient, reading.taken_at) == ("MON-7", "100042", NOON)
    assert dict(reading.values) == {"systolic_mmhg": 128, "diastolic_mmhg": 80, "pulse_per_min": 71}


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ({}, "Send an Observation, or a Bundle"),
        ({"resourceType": "Bundle", "entry": []}, "Send an Observation, or a Bundle"),
        ({"resourceType": "Bundle", "entry": ["x"]}, "Send an Observation, or a Bundle"),
        ({"resourceType": "Patient"}, "Send an Observation, or a Bundle"),
        ({**PULSE, "status": None}, "Observation"),
        ({**PULSE, "device": None}, "Name one device"),
        ({**PULSE, "id": None}, "an id or an identifier of its own"),
        ({**PULSE, "effectiveDateTime": None}, "send effectiveDateTime"),
        (
            {**PULSE, "effectiveDateTime": "2026-11-24"},
            "'2026-11-24' is not a moment; write it like 2026-11-24T15:00:00Z.",
        ),
        ({**PULSE, "effectiveDateTime": "2026-11"}, "'2026-11' is not a moment"),
        ({**PULSE, "valueQuantity": {"value": 71, "code": "Hz"}}, "is given in Hz"),
        (bundle(PULSE, {**PULSE, "device": {"identifier": {"value": "MON-8"}}}), "Name one device"),
        (bundle(PULSE, {**PULSE, "subject": {"identifier": {"value": "1"}}}), "several patients"),
    ],
)
def test_rejected_observations_name_the_fix(resource: dict, words: str) -> None:
    given = {name: value for name, value in resource.items() if value is not None}
    with pytest.raises(BadMessage, match=re.escape(words)) as caught:
        read_observations(given, RULES)

    assert outcome(caught.value)["issue"][0]["diagnostics"] == str(caught.value)


def test_an_observation_entered_in_error_is_ignored() -> None:
    message = read_observations({**PULSE, "status": "entered-in-error"}, RULES)

    assert (message.readings, message.skipped) == ([], ("8867-4",))


def test_a_component_without_a_value_is_skipped_and_references_name_device_and_patient() -> None:
    diastolic = {name: value for name, value in PRESSURE["component"][1].items() if name != "valueQuantity"}
    given = {
        **PRESSURE,
        "component": [PRESSURE["component"][0], diastolic],
        "subject": {"reference": "https://ehr.example/fhir/Patient/100042"},
        "device": {"reference": "Device/MON-7"},
    }
    message = read_observations(given, RULES)

    assert (message.device, message.patient, message.skipped) == ("MON-7", "100042", ("8462-4",))
    assert [dict(reading.values) for reading in message.readings] == [{"systolic_mmhg": 128}]
