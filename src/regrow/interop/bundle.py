"""Import one FHIR R4 Bundle about one patient.

Lenient about the bundle, strict about each resource: an invalid or entered-in-error resource is skipped and listed, and
the rest is imported. Numbers keep their digits.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Resource = Mapping[str, Any]


class BadBundle(ValueError):
    """The document cannot be imported. The text names the fix."""


@dataclass(frozen=True)
class ImportedPatient:
    """The patient of a bundle. `key` is the sender's identifier; an equal key is the same patient."""

    key: str
    name: str
    born: str | None
    sex: str
    phone: str
    email: str


@dataclass(frozen=True)
class ImportedFact:
    """One imported fact: `kind` as in the chart, `key` the sender's id, `data` ready to store."""

    kind: str
    key: str
    resource: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Left:
    resource: str
    count: int
    why: str


@dataclass(frozen=True)
class BundleImport:
    patient: ImportedPatient
    facts: Sequence[ImportedFact]
    taken: Mapping[str, int]
    left: Sequence[Left]
    entries: int


class _Leave(Exception):
    """Raised internally with the reason a resource is skipped."""


NOT_USED = {
    "Claim": "billing of another clinic",
    "ExplanationOfBenefit": "billing of another clinic",
    "Organization": "describes another organization, not the patient",
    "Practitioner": "describes another clinician, not the patient",
    "PractitionerRole": "describes another clinician, not the patient",
    "Encounter": "encounters at other clinics are not imported",
    "CarePlan": "care plans of other clinics are not imported",
    "CareTeam": "care teams of other clinics are not imported",
    "Goal": "goals of other clinics are not imported",
    "Procedure": "no rule uses procedures yet",
    "DiagnosticReport": "its observations are imported one by one",
    "ImagingStudy": "images are not imported",
    "Immunization": "no rule uses immunizations yet",
    "Provenance": "the import records provenance itself",
}
NOT_USED_DEFAULT = "no rule uses this resource type yet"


def read_bundle(raw: Any) -> BundleImport:
    """Read the patient and facts of a bundle. Raises `BadBundle`."""
    entries = _entries(raw)
    resources = [(str(entry.get("fullUrl", "")), entry["resource"]) for entry in entries]
    patients = [(url, r) for url, r in resources if r["resourceType"] == "Patient"]
    if len(patients) != 1:
        found = "none" if not patients else f"{len(patients)}"
        raise BadBundle(f"the bundle must hold exactly one Patient; this one holds {found}")
    patient_url, patient_raw = patients[0]
    patient = _patient(patient_url, patient_raw)
    own = {patient_url, f"Patient/{patient_raw.get('id')}", f"urn:uuid:{patient_raw.get('id')}"}
    medications = {
        ref: r
        for url, r in resources
        if r["resourceType"] == "Medication"
        for ref in (url, f"Medication/{r.get('id')}", f"#{r.get('id')}")
    }
    facts: dict[tuple[str, str], ImportedFact] = {}
    taken: Counter[str] = Counter({"Patient": 1})
    left: Counter[tuple[str, str]] = Counter()
    for url, resource in resources:
        kind = resource["resourceType"]
        if kind == "Patient":
            continue
        try:
            reader = _READERS.get(kind)
            if reader is None:
                raise _Leave(NOT_USED.get(kind, NOT_USED_DEFAULT))
            _validate(kind, resource)
            _about(resource, own)
            key = str(resource.get("id") or url)
            if not key:
                raise _Leave("it has neither an id nor a fullUrl, so a second import could not recognize it")
            if (kind, key) in facts:
                raise _Leave("duplicate id in this bundle")
            fact_kind, data = reader(resource, medications)
            facts[kind, key] = ImportedFact(fact_kind, f"{kind}/{key}", kind, data)
            taken[kind] += 1
        except _Leave as reason:
            left[kind, str(reason)] += 1
    return BundleImport(
        patient=patient,
        facts=tuple(facts.values()),
        taken=dict(sorted(taken.items())),
        left=[Left(kind, count, why) for (kind, why), count in sorted(left.items())],
        entries=len(entries),
    )


def _entries(raw: Any) -> Sequence[Resource]:
    if not isinstance(raw, dict) or raw.get("resourceType") != "Bundle":
        found = f"resourceType is {raw.get('resourceType')!r}" if isinstance(raw, dict) else "no JSON object"
        raise BadBundle(f"this is not a FHIR Bundle ({found}); export the whole record as a Bundle")
    entries = raw.get("entry") or []
    if not isinstance(entries, list):
        raise BadBundle("Bundle.entry must be a list")
    for index, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise BadBundle(f"Bundle.entry[{index}] has no resource with a resourceType")
    return entries


def _validate(kind: str, resource: Resource) -> None:
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    try:
        get_fhir_model_class(kind).model_validate(_without_null(resource))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _Leave(f"not a valid FHIR R4 {kind}: {where}: {first['msg']}") from error


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return value


def _about(resource: Resource, own: set[str]) -> None:
    subject = resource.get("subject") or resource.get("patient") or {}
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if reference and reference not in own:
        raise _Leave(f"it is about another patient ({reference})")


def _patient(url: str, raw: Resource) -> ImportedPatient:
    try:
        _validate("Patient", raw)
    except _Leave as reason:
        raise BadBundle(f"the Patient cannot be read: {reason}") from reason
    key = str(raw.get("id") or url)
    if not key:
        raise BadBundle(
            "the Patient has neither an id nor a fullUrl, so a second import could not find it again"
        )
    names = raw.get("name") or []
    chosen = next((n for n in names if n.get("use") == "official"), names[0] if names else {})
    name = chosen.get("text") or " ".join([*chosen.get("given", []), *filter(None, [chosen.get("family")])])
    telecom = {t.get("system"): t.get("value", "") for t in reversed(raw.get("telecom") or [])}
    sex = raw.get("gender") if raw.get("gender") in ("female", "male", "other") else "unknown"
    born = raw.get("birthDate")
    return ImportedPatient(
        key=key,
        name=name or "Name not given",
        born=born if isinstance(born, str) and len(born) == 10 else None,
        sex=str(sex),
        phone=telecom.get("phone", ""),
        email=telecom.get("email", ""),
    )


def _coded(concept: Any, system: str) -> str:
    codings = concept.get("coding") or [] if isinstance(concept, dict) else []
    return next((str(c.get("code", "")) for c in codings if system in str(c.get("system", ""))), "")


def _text(concept: Any) -> str:
    if not isinstance(concept, dict):
        return ""
    display = next((c["display"] for c in concept.get("coding") or [] if c.get("display")), "")
    return str(concept.get("text") or display)


def _status(concept: Any) -> str:
    codings = (concept or {}).get("coding") or [{}]
    return str(codings[0].get("code", ""))


Read = tuple[str, Mapping[str, Any]]


def _condition(r: Resource, _: Mapping[str, Resource]) -> Read:
    if _status(r.get("verificationStatus")) in ("entered-in-error", "refuted"):
        raise _Leave(f"its verification status is {_status(r.get('verificationStatus'))}")
    text = _text(r.get("code"))
    if not text:
        raise _Leave("it names no condition")
    onset = r.get("onsetDateTime")
    return "condition", {
        "text": text,
        "icd10": _coded(r.get("code"), "icd-10"),
        "snomed": _coded(r.get("code"), "snomed"),
        "active": _status(r.get("clinicalStatus")) in ("active", "recurrence", "relapse", ""),
        "onset": str(onset)[:10] if onset and len(str(onset)) >= 10 else None,
    }


def _allergy(r: Resource, _: Mapping[str, Resource]) -> Read:
    if _status(r.get("verificationStatus")) in ("entered-in-error", "refuted"):
        raise _Leave(f"its verification status is {_status(r.get('verificationStatus'))}")
    text = _text(r.get("code"))
    if not text:
        raise _Leave("it names no substance")
    return "condition", {
        "text": f"Allergy to {text}",
        "icd10": "",
        "snomed": _coded(r.get("code"), "snomed"),
        "active": _status(r.get("clinicalStatus")) in ("active", ""),
        "onset": None,
    }


def _medicine(r: Resource, medications: Mapping[str, Resource]) -> Read:
    if r.get("status") in ("entered-in-error", "draft", "cancelled"):
        raise _Leave(f"its status is {r.get('status')}")
    concept = r.get("medicationCodeableConcept")
    if concept is None:
        reference = (r.get("medicationReference") or {}).get("reference", "")
        concept = medications.get(reference, {}).get("code")
    text = _text(concept)
    if not text:
        raise _Leave("it names no medicine")
    return "medicine", {
        "text": text,
        "rxnorm": _coded(concept, "rxnorm"),
        "active": r.get("status") in ("active", "on-hold"),
    }


# LOINC codes of what the engines look for; every other figure is kept under its own name.
WEIGHT, HEIGHT, PRESSURE, SYSTOLIC, DIASTOLIC = (
    "29463-7",
    "8302-2",
    ("55284-4", "85354-9"),
    "8480-6",
    "8462-4",
)
TO_KG = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "[lb_av]": Decimal("0.45359237"),
    "lb": Decimal("0.45359237"),
}
TO_CM = {"cm": Decimal(1), "m": Decimal(100), "[in_i]": Decimal("2.54"), "in": Decimal("2.54")}


def _quantity(q: Any) -> tuple[Decimal, str]:
    if not isinstance(q, dict) or q.get("value") is None:
        raise _Leave("it has no figure")
    return Decimal(str(q["value"])), str(q.get("code") or q.get("unit") or "")


def _observation(r: Resource, _: Mapping[str, Resource]) -> Read:
    if r.get("status") not in ("final", "amended", "corrected"):
        raise _Leave(f"its status is {r.get('status')}")
    at = r.get("effectiveDateTime") or (r.get("effectivePeriod") or {}).get("start")
    if not at:
        raise _Leave("it has no time")
    loinc = _coded(r.get("code"), "loinc")
    common = {"at": str(at), "loinc": loinc, "text": _text(r.get("code"))}
    if loinc in PRESSURE:
        parts = {_coded(c.get("code"), "loinc"): c.get("valueQuantity") for c in r.get("component") or []}
        upper, _unit = _quantity(parts.get(SYSTOLIC))
        lower, _unit = _quantity(parts.get(DIASTOLIC))
        data = {"kind": "blood_pressure", "value": str(upper), "second_value": str(lower), "unit": "mmHg"}
        return "measurement", {**common, **data}
    if "valueQuantity" not in r:
        raise _Leave("its value is not a figure (answers in words are not used here yet)")
    value, unit = _quantity(r["valueQuantity"])
    for code, kind, factors, to in ((WEIGHT, "weight", TO_KG, "kg"), (HEIGHT, "height", TO_CM, "cm")):
        if loinc == code:
            if unit not in factors:
                raise _Leave(f"its unit {unit!r} is not one of {', '.join(factors)}")
            return "measurement", {**common, "kind": kind, "value": str(value * factors[unit]), "unit": to}
    return "measurement", {**common, "kind": "other", "value": str(value), "unit": unit}


_READERS: Mapping[str, Callable[[Resource, Mapping[str, Resource]], Read]] = {
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
    "MedicationRequest": _medicine,
    "MedicationStatement": _medicine,
    "Observation": _observation,
}
