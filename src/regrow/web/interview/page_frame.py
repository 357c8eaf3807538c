"""What the script of the intake visit is opened with: addresses and sentences."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from regrow.web.patients.api import Patient

from .models import IntakeVisit

TEXTS = {
    "saving": "saving…",
    "saved": "all saved",
    "recorded": "recorded",
    "conflict": "edited in two windows: choose",
    "signed_out": "You're signed out. Sign in in another tab; your text is stored in this browser.",
    "not_saved": "Not saved. Your text is stored in this browser. Reload the page.",
    "offline": (
        "No network. Continue typing: your text is stored in this browser and is sent when you're back online."
    ),
    "form_signed_out": "You're signed out. Sign in in another tab, then submit again.",
    "form_offline": "No network. Your entries are still in this form. Submit again when you're back online.",
}


def page_frame(patient: Patient, visit: IntakeVisit | None) -> Mapping[str, Any]:
    return {
        "patient": str(patient.id),
        "visit": str(visit.id) if visit else None,
        "narrative_address": reverse("save-narrative", args=[patient.id]),
        "sign_in_path": reverse("login"),
        "texts": TEXTS,
    }
