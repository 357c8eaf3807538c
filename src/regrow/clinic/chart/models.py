"""A person and the facts about them. Facts are appended; one that is corrected is superseded, never changed."""

import uuid

from django.conf import settings
from django.db import models


class Patient(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mrn = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200)
    born = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=10, default="unknown")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, default="en")
    reached_by = models.CharField(
        max_length=5, default="text", choices=[("text", "Text or e-mail"), ("call", "Telephone call")]
    )
    zone = models.CharField(max_length=50, blank=True)  # where the person is; empty for the clinic's own
    emergency_name = models.CharField(max_length=200, blank=True)
    emergency_phone = models.CharField(max_length=40, blank=True)
    source_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Fact(models.Model):
    """`key` is the sender's id of an imported fact; `data` has the shape of its kind in the chart's schema.

    A fact of the kind `struck` supersedes one that was wrong and puts nothing in its place.
    """

    KINDS = (
        "diagnosis",
        "trial",
        "condition",
        "medicine",
        "measurement",
        "treatment",
        "attestation",
        "struck",
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="facts")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200, blank=True)
    data = models.JSONField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="later"
    )
    author = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "diagnosis",
                        "trial",
                        "condition",
                        "medicine",
                        "measurement",
                        "treatment",
                        "attestation",
                        "struck",
                    ]
                ),
                name="fact_kind_is_known",
            ),
        ]
        indexes = [models.Index(fields=["patient", "kind"])]
