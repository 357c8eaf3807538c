"""Apply an imported FHIR bundle to a chart."""

from typing import Any

from regrow.interop import BundleImport
from regrow.web.accounts.api import Role, User
from regrow.web.platform import clock

from .models import ClinicalFact, Patient
from .services import _day, current_facts, new_patient


def apply_import(bundle: BundleImport, *, author: str) -> tuple[Patient, int]:
    """Store a bundle's facts; importing it again changes nothing. Returns the chart and the number of changes."""
    person = bundle.patient
    changed = 0
    patient = Patient.objects.filter(import_key=person.key).first()
    details: dict[str, Any] = {
        "name": person.name,
        "birth_date": _day(person.born),
        "sex": person.sex,
        "phone": person.phone,
        "email": person.email,
    }
    if patient is None:
        owner = User.objects.filter(is_active=True).order_by("id").first()
        if owner is None:
            owner, _ = User.objects.get_or_create(
                username="import", defaults={"role": Role.COORDINATOR, "is_active": False, "password": "!"}
            )
        patient = new_patient(owner=owner, import_key=person.key, **details)
        changed += 1
    else:
        before = {k: str(getattr(patient, k) or "") for k in details}
        if before != {k: str(v or "") for k, v in details.items()}:
            for name, value in details.items():
                setattr(patient, name, value)
            patient.save()
            changed += 1
    known = {fact.key: fact for fact in current_facts(patient) if fact.key}
    for fact in bundle.facts:
        earlier = known.get(fact.key)
        if earlier and earlier.data == fact.data:
            continue
        ClinicalFact.objects.create(
            patient=patient,
            kind=fact.kind,
            key=fact.key,
            data=dict(fact.data),
            supersedes=earlier,
            author=author,
            recorded_at=clock.now(),
        )
        changed += 1
    return patient, changed
