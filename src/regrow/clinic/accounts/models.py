"""A member of staff. Patients have no account; they hold links."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.http import HttpRequest

from .roles import Role


class User(AbstractUser):
    role = models.CharField(max_length=20, choices=Role.choices)
    licence = models.CharField(max_length=40, blank=True)

    @property
    def works_as(self) -> Role:
        return Role(self.role)

    @property
    def shown_name(self) -> str:
        return self.get_full_name() or self.username

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known"),
        ]


class ChartRequest(HttpRequest):
    """A request about a person; a view says about whom where the address does not."""

    about: str


class StaffRequest(ChartRequest):
    """A request to a view that `allowed` opened: somebody has signed in and has one of its roles."""

    user: User
