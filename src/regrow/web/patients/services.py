"""Charts and their facts: create, append, mark as entered in error, read."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Max, QuerySet
from django.db.models.functions import Cast

from regrow.chart import (
    Attestation,
    Chart,
    Condition,
    Diagnosis,
    Measurement,
    Medicine,
    Outcome,
    Score,
    Treatment,
    Trial,
    read_time,
)
from regrow.web.accounts.api import User
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.formats import short_day

from .models import ClinicalFact, Patient

TREATMENTS = {
    "ect": "ECT",
    "rtms": "Magnetic stimulation (TMS)",
    "vns": "Vagus nerve stimulation",
    "dbs": "Deep brain stimulation",
    "psychotherapy": "Psychotherapy",
}


FIRST_MRN = 10401
MRN_ATTEMPTS = 20  # another request may take the number first


def new_patient(*, name: str, owner: User, **details: Any) -> Patient:
    """Create the chart of a patient with the next MRN; two created at once get two numbers."""
    for _ in range(MRN_ATTEMPTS):
        try:
            with transaction.atomic():
                return Patient.objects.create(
                    name=name, owner=owner, mrn=str(_next_mrn()), created_at=clock.now(), **details
                )
        except IntegrityError:
            if (
                "mrn" in details
                or Patient.objects.filter(import_key=details.get("import_key") or "").exists()
            ):
                raise
    raise ActionRefused("No MRN could be assigned. Try again.")


def _next_mrn() -> int:
    numbers = Patient.objects.filter(mrn__regex=r"^[0-9]+$").annotate(number=Cast("mrn", BigIntegerField()))
    last = numbers.aggregate(last=Max("number"))["last"]
    return int(last) + 1 if last else FIRST_MRN


def is_closed(patient: Patient) -> bool:
    """Whether the patient's chart was closed and not reopened since."""
    last = patient.milestones.filter(kind__in=["closed", "reopened"]).order_by("at", "id").last()
    return last is not None and last.kind == "closed"


def record(
    patient: Patient, kind: str, data: Mapping[str, Any], *, author: str, once: str | None = None
) -> ClinicalFact:
    """Append a fact; idempotent by `once`."""
    id = uuid.UUID(once) if once else uuid.uuid4()
    fact, _ = ClinicalFact.objects.get_or_create(
        id=id,
        defaults={
            "patient": patient,
            "kind": kind,
            "data": dict(data),
            "author": author,
            "recorded_at": clock.now(),
        },
    )
    return fact


def current_facts(patient: Patient, at: datetime | None = None) -> QuerySet[ClinicalFact]:
    """Return current facts, now or at a moment: not superseded and not entered in error."""
    known = ClinicalFact.objects.filter(patient=patient)
    if at is None:
        known = known.filter(later__isnull=True)
    else:
        known = known.filter(recorded_at__lte=at).exclude(later__recorded_at__lte=at)
    return known.exclude(kind="struck").order_by("recorded_at", "id")


def mark_entered_in_error(patient: Patient, fact_id: str, *, author: str) -> None:
    """Mark a fact as entered in error: it stays on record and is used no more."""
    wrong = current_facts(patient).filter(id=fact_id).first()
    if wrong is not None:
        ClinicalFact.objects.create(
            patient=patient, kind="struck", data={}, supersedes=wrong, author=author, recorded_at=clock.now()
        )


def chart_of(patient: Patient, scores: Sequence[Score] = (), *, at: datetime | None = None) -> Chart:
    """Build the chart, now or as of a moment. `scores` come from the assessments app."""
    facts: dict[str, list[ClinicalFact]] = {kind: [] for kind in ClinicalFact.KINDS}
    for fact in current_facts(patient, at):
        facts[fact.kind].append(fact)
    return Chart(
        patient_id=str(patient.id),
        name=patient.name,
        born=patient.birth_date,
        sex=patient.sex,
        diagnoses=[
            Diagnosis(str(f.id), f.data["icd10"], f.data.get("text", ""), _day(f.data.get("episode_start")))
            for f in facts["diagnosis"]
        ],
        trials=[_trial(f) for f in facts["trial"]],
        conditions=[
            Condition(
                str(f.id),
                f.data["text"],
                f.data.get("icd10", ""),
                f.data.get("snomed", ""),
                f.data.get("active", True),
            )
            for f in facts["condition"]
        ],
        medicines=[
            Medicine(
                id=str(f.id),
                text=f.data["text"],
                rxnorm=f.data.get("rxnorm", ""),
                active=f.data.get("active", True),
                dose_mg_per_day=_decimal(f.data.get("dose_mg_per_day")),
            )
            for f in facts["medicine"]
        ],
        measurements=[_measurement(f) for f in facts["measurement"]],
        scores=scores,
        treatments=[
            Treatment(str(f.id), f.data["kind"], f.data.get("text", ""), f.data.get("current", False))
            for f in facts["treatment"]
        ],
        attestations=[
            Attestation(str(f.id), f.data["criterion"], f.data["holds"], f.data.get("text", ""))
            for f in facts["attestation"]
        ],
    )


def _trial(fact: ClinicalFact) -> Trial:
    data = fact.data
    return Trial(
        id=str(fact.id),
        drug=data["drug"],
        dose_mg_per_day=_decimal(data.get("dose_mg_per_day")),
        weeks=data.get("weeks"),
        outcome=Outcome(data["outcome"]) if data.get("outcome") else None,
        improvement_percent=_decimal(data.get("improvement_percent")),
        current_episode=data.get("current_episode"),
        rxnorm=data.get("rxnorm", ""),
        adherent=data.get("adherent"),
        augments=data.get("augments", ""),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _measurement(fact: ClinicalFact) -> Measurement:
    data = fact.data
    return Measurement(
        id=str(fact.id),
        kind=data["kind"],
        value=Decimal(str(data["value"])),
        unit=data["unit"],
        at=_instant(data["at"]),
        second_value=_decimal(data.get("second_value")),
        loinc=data.get("loinc", ""),
        text=data.get("text", ""),
    )


def _instant(text: str) -> datetime:
    """Parse a FHIR date or year as the start of that day in UTC."""
    parts = text.split("T")
    if len(parts) == 1:
        text = "-".join([*parts[0].split("-"), "01", "01"][:3]) + "T00:00:00+00:00"
    return read_time(text)


def _decimal(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def recorded_labels(patient: Patient) -> dict[str, list[tuple[str, str]]]:
    """Return recorded facts by kind as (id, label); of measurements the newest of each sort."""
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in ClinicalFact.KINDS}
    newest: dict[str, tuple[str, str]] = {}
    for fact in current_facts(patient):
        data = fact.data
        if fact.kind == "measurement":
            if data["kind"] != "other":
                second = f"/{data['second_value']}" if data.get("second_value") else ""
                words = f"{data['kind'].replace('_', ' ')} {data['value']}{second} {data['unit']}"
                newest[data["kind"]] = (str(fact.id), words)
            continue
        if fact.kind == "attestation":
            said = data.get("text") or data["criterion"].replace("-", " ")
            found["attestation"].append((str(fact.id), f"{said} {_attestation_text(data)}"))
            continue
        kind = TREATMENTS.get(data.get("kind", "")) if fact.kind == "treatment" else None
        parts = [data.get("drug") or data.get("icd10") or kind, data.get("text")]
        parts += ["added to another medicine"] if data.get("augments") else []
        parts += [f"since {data['episode_start']}"] if data.get("episode_start") else []
        parts += [f"{data['dose_mg_per_day']} mg a day"] if data.get("dose_mg_per_day") else []
        parts += [f"{data['weeks']} weeks"] if data.get("weeks") is not None else []
        parts += [data["outcome"].replace("_", " ")] if data.get("outcome") else []
        found[fact.kind].append((str(fact.id), ", ".join(part for part in parts if part)))
    found["measurement"] = list(newest.values())
    return found


def _attestation_text(data: Mapping[str, Any]) -> str:
    """Label a statement: a safety question is denied when the criterion of its absence holds."""
    if data["criterion"].startswith("accepts-"):
        return "(go on)" if data["holds"] else "(do not treat)"
    if data["criterion"].startswith("no-") or data["criterion"] == "medicines-reviewed":
        return "– no" if data["holds"] else "– yes"
    return "– yes" if data["holds"] else "– no"


def provenance_text(patient: Patient) -> dict[str, str]:
    """Return a label of each record that a determination may cite."""
    named = {str(patient.id): "date of birth in the chart"}
    for fact in current_facts(patient):
        data = fact.data
        words = (
            data.get("text") or data.get("drug") or data.get("icd10") or TREATMENTS.get(data.get("kind", ""))
        )
        if fact.kind == "measurement" and data["kind"] != "other":
            second = f"/{data['second_value']}" if data.get("second_value") else ""
            words = f"{data['kind'].replace('_', ' ')} {data['value']}{second} {data['unit']}"
        words = words or "asked at the intake visit"
        named[str(fact.id)] = f"{words} ({fact.author}, {short_day(fact.recorded_at)})"
    return named


def time_zone_of(patient: Patient | None) -> ZoneInfo:
    return ZoneInfo((patient.time_zone if patient else "") or settings.TIME_ZONE)
