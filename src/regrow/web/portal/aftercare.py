"""The patient's aftercare plan."""

from typing import Any

from regrow.web.patients.api import Patient


def aftercare_plan(patient: Patient) -> dict[str, Any]:
    """Return the patient's latest plan; empty without one."""
    last = patient.aftercare_plans.last()
    return dict(last.data) if last else {}
