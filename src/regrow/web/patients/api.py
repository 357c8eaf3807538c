"""What other apps may use of patients."""

from .consents import CONSENT, consent_in_force
from .imports import apply_import
from .models import ClinicalFact, Milestone, Patient, SignedConsent
from .services import (
    TREATMENTS,
    chart_of,
    current_facts,
    is_closed,
    mark_entered_in_error,
    new_patient,
    provenance_text,
    record,
    recorded_labels,
    time_zone_of,
)

__all__ = [
    "CONSENT",
    "TREATMENTS",
    "ClinicalFact",
    "Milestone",
    "Patient",
    "SignedConsent",
    "apply_import",
    "chart_of",
    "consent_in_force",
    "current_facts",
    "is_closed",
    "mark_entered_in_error",
    "new_patient",
    "provenance_text",
    "record",
    "recorded_labels",
    "time_zone_of",
]
