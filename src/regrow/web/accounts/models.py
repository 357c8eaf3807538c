"""Staff accounts and machine keys. Patients have no account; they use secure links."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from .roles import Role


class User(AbstractUser):
    role = models.CharField(max_length=20, choices=Role.choices)
    license_number = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=40, blank=True)

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


class MachineKey(models.Model):
    """A machine key: for a monitor gateway or another system. Only its hash is stored."""

    name = models.CharField(max_length=60, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
