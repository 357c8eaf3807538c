"""Links, answer sheets, alerts and requests to be called."""

import uuid

from django.conf import settings
from django.db import models


class Link(models.Model):
    """A link a patient holds. Only a hash of its token is kept."""

    PURPOSES = [("checkin", "Check-in"), ("page", "The patient's page")]

    token_hash = models.CharField(max_length=64, unique=True)
    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=10, choices=PURPOSES)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()


class AnswerSheet(models.Model):
    """One instrument answered. Open until it is finished; after that it does not change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="sheets")
    link = models.OneToOneField(Link, null=True, on_delete=models.PROTECT, related_name="sheet")
    instrument = models.CharField(max_length=30)
    version = models.IntegerField()
    answers = models.JSONField()
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]


class Alert(models.Model):
    """Somebody must act. It stays until a person closes it with what they did."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="alerts")
    sheet = models.OneToOneField(AnswerSheet, null=True, on_delete=models.PROTECT, related_name="alert")
    text = models.CharField(max_length=300)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="alerts")
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done = models.TextField(blank=True)

    class Meta:
        ordering = ["raised_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True)
                | (~models.Q(done="") & models.Q(closed_by__isnull=False)),
                name="alert_closed_only_with_what_was_done",
            ),
        ]
