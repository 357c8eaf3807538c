"""Patients, clinical facts, consents and milestones. Facts are append-only; a correction supersedes."""

import uuid

from django.conf import settings
from django.db import models


class Patient(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mrn = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=10, default="unknown")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, default="en")
    checkin_channel = models.CharField(
        max_length=5, default="text", choices=[("text", "Text or email"), ("call", "Telephone call")]
    )
    time_zone = models.CharField(
        max_length=50, blank=True
    )  # where the patient is; empty for the clinic's own
    emergency_name = models.CharField(max_length=200, blank=True)
    emergency_phone = models.CharField(max_length=40, blank=True)
    import_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ClinicalFact(models.Model):
    """A clinical fact. `key` is the sender's id of an imported fact; `data` follows the chart schema of its kind.

    A fact of kind `struck` marks a wrong one as entered in error.
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


class SignedConsent(models.Model):
    """A consent in a version and language, signed with the patient's name. Append-only."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    consent = models.CharField(max_length=50)
    version = models.IntegerField()
    language = models.CharField(max_length=5)
    text_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="consent_has_a_name")]


class Milestone(models.Model):
    """A care-journey milestone that no other record shows. Append-only. `text`: the route, the reason or the name."""

    KINDS = [
        ("intake_completed", "Intake form completed"),
        ("determined", "Eligibility decided"),
        ("benefits", "Benefits verified"),
        ("authorized", "Authorized, or not required"),
        ("estimate_given", "Cost estimate given"),
        ("reviewed", "Reassessed"),
        ("owner", "Owner changed"),
        ("snoozed", "Snoozed"),
        ("closed", "Closed"),
        ("reopened", "Reopened"),
    ]

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(max_length=20, choices=KINDS)
    text = models.CharField(max_length=300, blank=True)
    until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind__in=["closed", "snoozed", "determined"]) | ~models.Q(text=""),
                name="milestone_says_why",
            )
        ]
