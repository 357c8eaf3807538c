"""What other desks may ask of the front desk."""

from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.chart.models import Patient
from regrow.clinic.site import clock

from .models import Inquiry, Message


def owner_of_new() -> User:
    """Who gets the next inquiry: the coordinator with the fewest open ones, else the front desk, else anybody."""
    active = User.objects.filter(is_active=True)
    staff = active.filter(role=Role.COORDINATOR) or active.filter(role=Role.FRONT_DESK) or active
    return min(staff, key=lambda user: (user.inquiries.filter(patient__isnull=True).count(), user.id))


def inquiry_of(patient: Patient) -> Inquiry | None:
    return patient.inquiries.order_by("received_at").first()


def send(patient: Patient, text: str, link: str = "") -> Message:
    """Puts a message into the outbox, in the transaction of whatever caused it."""
    return Message.objects.create(
        patient=patient,
        to=patient.phone or patient.email or "no number",
        text=text,
        link=link,
        created_at=clock.now(),
    )
