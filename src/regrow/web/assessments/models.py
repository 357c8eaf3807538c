"""Secure links, questionnaire responses, intake forms and failed link attempts."""

import uuid

from django.db import models


class SecureLink(models.Model):
    """A patient's secure link. Only a hash of its token is stored."""

    PURPOSES = [
        ("checkin", "Check-in"),
        ("page", "The patient's page"),
        ("intake", "Intake form"),
        ("home", "At-home session"),
        ("plan", "Aftercare plan for a therapist"),
    ]

    token_hash = models.CharField(max_length=64, unique=True)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=10, choices=PURPOSES)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    failed_birth_date_attempts = models.IntegerField(default=0)
    phone_call_state = models.CharField(
        max_length=64, blank=True
    )  # the phone call in which the date of birth was entered
    revoked_at = models.DateTimeField(null=True, blank=True)


class QuestionnaireResponse(models.Model):
    """A response to one instrument. Open until it is completed; immutable afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="responses")
    link = models.ForeignKey(SecureLink, null=True, on_delete=models.PROTECT, related_name="responses")
    instrument = models.CharField(max_length=30)
    version = models.IntegerField()
    language = models.CharField(max_length=5, default="en")
    answers = models.JSONField()
    sent_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["sent_at"]


class FailedLinkAttempt(models.Model):
    """A network address that tried an unknown link. Stored for minutes, to slow down guessing."""

    client_hash = models.CharField(max_length=64)  # a hash of the network address
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["client_hash", "at"])]


class IntakeQuestionnaire(models.Model):
    """A patient's answers before the intake visit. It decides nothing: the prescriber asks, and adopts what is right.

    `data`: `about`, `health` (answer by criterion), `drugs` (each with outcome and weeks), `else` in their own words.
    """

    patient = models.OneToOneField("patients.Patient", on_delete=models.PROTECT, related_name="intake")
    language = models.CharField(max_length=5, default="en")
    data = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
