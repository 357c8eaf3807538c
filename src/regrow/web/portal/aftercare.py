"""What other desks may ask of the patient's side."""

from typing import Any

from regrow.web.patients.api import Patient


def aftercare_plan(patient: Patient) -> dict[str, Any]:
    """What somebody chose for themselves last; empty when nothing yet."""
    last = patient.aftercare_plans.last()
    return dict(last.data) if last else {}
