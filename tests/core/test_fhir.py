"""A bundle as hospitals write it: what is taken, what is left, and why."""

from decimal import Decimal
from typing import Any

import pytest

from regrow.interop import BadBundle, read_bundle

ME = {"reference": "urn:uuid:p1"}
LOINC = "http://loinc.org"


def patient(**changes: Any) -> dict[str, Any]:
    usual = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"use": "official", "family": "Ortiz", "given": ["Maya", "Ana"]}],
        "gender": "female",
        "birthDate": "1985-03-14",
    }
    return usual | changes


def observation(id: str, code: str, value: Any, unit: str, **changes: Any) -> dict[str, Any]:
    usual = {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}], "text": code},
        "subject": ME,
        "effectiveDateTime": "2026-01-02T10:00:00Z",
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
    }
    return usual | changes


def about_me(kind: str, **changes: Any) -> dict[str, Any]:
    usual = {"resourceType": kind, "id": "r", "subject": ME} | changes
    left_out = "subject" if kind == "AllergyIntolerance" else ""
    return {name: value for name, value in usual.items() if name != left_out and value is not None}


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"fullUrl": f"urn:uuid:{r['id']}" if r.get("id") else "", "resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def test_weight_height_and_pressure_arrive_in_the_charts_units() -> None:
    pressure = observation("o3", "85354-9", 0, "mmHg")
    del pressure["valueQuantity"]
    pressure["component"] = [
        {"code": {"coding": [{"system": LOINC, "code": "8480-6"}]}, "valueQuantity": {"value": 128}},
        {"code": {"coding": [{"system": LOINC, "code": "8462-4"}]}, "valueQuantity": {"value": 82}},
    ]
    read = read_bundle(
        bundle(
            patient(),
            observation("o1", "29463-7", Decimal("176.37"), "[lb_av]"),
            observation("o2", "8302-2", Decimal("1.7"), "m"),
            pressure,
        )
    )

    by_kind = {f.data["kind"]: f.data for f in read.facts}
    assert by_kind["weight"]["unit"] == "kg"
    assert Decimal(by_kind["weight"]["value"]).quantize(Decimal("0.01")) == Decimal("80.00")
    assert (Decimal("170"), "cm") == (Decimal(by_kind["height"]["value"]), by_kind["height"]["unit"])
    assert (by_kind["blood_pressure"]["value"], by_kind["blood_pressure"]["second_value"]) == ("128", "82")
    assert read.patient.name == "Maya Ana Ortiz"


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (observation("o", "1", 1, "x", status="entered-in-error"), "its status is entered-in-error"),
        (observation("o", "29463-7", 80, "stone"), "its unit 'stone' is not one of"),
        (
            observation("o", "1", 1, "x", subject={"reference": "Patient/other"}),
            "it is about another patient",
        ),
        (observation("o", "1", 1, "x", effectiveDateTime="2026-13-01"), "not a valid FHIR R4 Observation"),
        ({"resourceType": "Claim", "id": "c"}, "billing of another clinic"),
        ({"resourceType": "Spaceship", "id": "s"}, "no rule uses this resource type yet"),
        ({"resourceType": "Condition", "id": "c", "subject": ME}, "it names no condition"),
        (
            about_me("Condition", verificationStatus=status("refuted"), code={"text": "Asthma"}),
            "its verification status is refuted",
        ),
        (
            about_me("AllergyIntolerance", patient=ME, verificationStatus=status("entered-in-error")),
            "its verification status is entered-in-error",
        ),
        (about_me("AllergyIntolerance", patient=ME), "it names no substance"),
        (
            about_me(
                "MedicationRequest", status="draft", intent="order", medicationCodeableConcept={"text": "x"}
            ),
            "its status is draft",
        ),
        (
            about_me(
                "MedicationRequest",
                status="active",
                intent="order",
                medicationReference={"reference": "Medication/gone"},
            ),
            "it names no medicine",
        ),
        (observation("o", "85354-9", 1, "x", component=[]), "it has no figure"),
        (observation("o", "1", 1, "x", effectiveDateTime=None), "it has no time"),
        (
            {k: v for k, v in observation("o", "1", 1, "x").items() if k != "valueQuantity"},
            "its value is not a figure (answers in words are not used here yet)",
        ),
        (
            about_me("Condition", id=None, code={"text": "Asthma"}),
            "it has neither an id nor a fullUrl, so a second import could not recognize it",
        ),
    ],
)
def test_a_skipped_resource_is_listed_with_its_reason(resource: dict[str, Any], why: str) -> None:
    read = read_bundle(bundle(patient(), resource))

    assert list(read.facts) == []
    assert why in read.left[0].why


def test_imported_and_skipped_resources_sum_to_the_bundle() -> None:
    read = read_bundle(
        bundle(
            patient(),
            observation("o1", "1", 1, "x"),
            observation("o1", "1", 1, "x"),
            {"resourceType": "Claim"},
        )
    )

    assert sum(read.taken.values()) + sum(item.count for item in read.left) == read.entries == 4


def test_a_medicine_may_be_named_by_reference() -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "Sertraline 100 MG"}}
    request = {
        "resourceType": "MedicationRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "subject": ME,
        "medicationReference": {"reference": "Medication/m"},
    }

    assert read_bundle(bundle(patient(), medication, request)).facts[0].data["text"] == "Sertraline 100 MG"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"resourceType": "Patient"}, "not a FHIR Bundle"),
        ([], "not a FHIR Bundle"),
        (bundle(), "exactly one Patient; this one holds none"),
        (bundle(patient(), patient(id="p2")), "this one holds 2"),
        ({"resourceType": "Bundle", "entry": [{"fullUrl": "x"}]}, r"Bundle.entry\[0\] has no resource"),
        ({"resourceType": "Bundle", "entry": {"resource": patient()}}, "Bundle.entry must be a list"),
        (
            {"resourceType": "Bundle", "entry": [{"resource": patient(id=None)}]},
            "the Patient has neither an id nor a fullUrl, so a second import could not find it again",
        ),
        (bundle(patient(birthDate="yesterday")), "the Patient cannot be read"),
    ],
)
def test_an_unusable_bundle_names_the_fix(raw: Any, words: str) -> None:
    with pytest.raises(BadBundle, match=words):
        read_bundle(raw)


def test_an_allergy_becomes_a_condition_named_after_its_substance() -> None:
    allergy = about_me(
        "AllergyIntolerance", patient=ME, code={"text": "Ketamine"}, clinicalStatus=status("inactive")
    )
    fact = read_bundle(bundle(patient(), allergy)).facts[0]

    assert (fact.kind, fact.data["text"], fact.data["active"]) == ("condition", "Allergy to Ketamine", False)
