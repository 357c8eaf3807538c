"""Owners of patients and inquiries."""

from regrow.web.accounts.api import Role, User
from regrow.web.patients.api import Milestone, Patient
from regrow.web.platform import clock
from regrow.web.platform.database import writing

from .models import Inquiry

REASSIGN_EVERY_S = 300


def default_owner() -> User:
    """Return the owner of the next inquiry: the coordinator with the fewest open ones, else front desk, else any staff."""
    active = User.objects.filter(is_active=True)
    staff = active.filter(role=Role.COORDINATOR) or active.filter(role=Role.FRONT_DESK) or active
    return min(
        staff,
        key=lambda user: (
            user.inquiries.filter(patient__isnull=True, closed_at__isnull=True).count(),
            user.id,
        ),
    )


def reassign_orphaned() -> None:
    """Assign a new owner to patients whose owner has left, with a milestone."""
    with writing():
        for patient in Patient.objects.filter(owner__is_active=False).select_related("owner"):
            text = f"{patient.owner.shown_name} has left → "
            patient.owner = default_owner()
            patient.save(update_fields=["owner"])
            Milestone.objects.create(
                patient=patient, kind="owner", text=text + patient.owner.shown_name, at=clock.now()
            )
        for inquiry in Inquiry.objects.filter(owner__is_active=False, patient=None, closed_at=None):
            inquiry.owner = default_owner()
            inquiry.save(update_fields=["owner"])
