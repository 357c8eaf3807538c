"""What the script of the intake visit is opened with: addresses and sentences."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from regrow.web.patients.api import Patient

from .models import IntakeVisit

TEXTS = {
    "saving": "Saving…",
    "saved": "All saved",
    "recorded": "recorded",
    "conflict": "Conflict: choose a version",
    "signed_out": "You are signed out. Sign in on another tab; your text is saved in this browser.",
    "not_saved": "Not saved to the chart; your text is saved in this browser. Reload the page.",
    "offline": "No network. Your text is saved in this browser and uploads when the network is back.",
    "form_signed_out": "You are signed out. Sign in on another tab, then submit again.",
    "form_offline": "No network. Your entry is still here. Submit again when the network is back.",
}


def page_frame(patient: Patient, visit: IntakeVisit | None) -> Mapping[str, Any]:
    return {
        "patient": str(patient.id),
        "visit": str(visit.id) if visit else None,
        "narrative_address": reverse("save-narrative", args=[patient.id]),
        "sign_in_path": reverse("login"),
        "texts": TEXTS,
    }
