"""Clinic roles. Each view names the roles that may open it."""

from django.db.models import TextChoices


class Role(TextChoices):
    FRONT_DESK = "front_desk", "Front desk"
    COORDINATOR = "coordinator", "Coordinator"
    NURSE = "nurse", "Nurse"
    PRESCRIBER = "prescriber", "Prescriber"
    DIRECTOR = "director", "Medical director"


CLINICAL = (Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR)
DECIDES = (Role.PRESCRIBER, Role.DIRECTOR)
DESK = (Role.FRONT_DESK, Role.COORDINATOR)
EVERYONE = tuple(Role)
