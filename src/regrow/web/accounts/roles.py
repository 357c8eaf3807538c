"""The roles of a clinic. What each may do is said at each view, by name."""

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
