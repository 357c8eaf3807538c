"""Safety alerts, their events, and on-call shifts."""

import uuid

from django.conf import settings
from django.db import models


class SafetyAlert(models.Model):
    """A safety alert that needs action; open until a clinician resolves it with what was done.

    About a patient, or about an inquiry without a chart.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(
        "patients.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    inquiry = models.ForeignKey(
        "conversations.Inquiry", null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    is_crisis = models.BooleanField(default=False)
    # What raised it, such as "response <id>"; the same source raises one alert.
    source = models.CharField(max_length=80, null=True, blank=True, unique=True)
    text = models.CharField(max_length=300)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="alerts")
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolution = models.TextField(blank=True)

    class Meta:
        ordering = ["raised_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resolved_at__isnull=True)
                | (~models.Q(resolution="") & models.Q(resolved_by__isnull=False)),
                name="alert_closed_only_with_what_was_done",
            ),
            models.CheckConstraint(
                condition=models.Q(patient__isnull=False) | models.Q(inquiry__isnull=False),
                name="alert_is_about_somebody",
            ),
        ]


class AlertEvent(models.Model):
    """One event of an alert: a clinician was notified, acknowledged it, or attempted to reach the patient. Append-only."""

    alert = models.ForeignKey(SafetyAlert, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(
        max_length=12,
        choices=[("notified", "Notified"), ("acknowledged", "Acknowledged"), ("attempted", "Attempted")],
    )
    step = models.CharField(max_length=40)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "step", "staff"],
                condition=models.Q(kind="notified"),
                name="alert_notified_once",
            )
        ]


class OnCallShift(models.Model):
    """The clinician on call for a period."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_at__gt=models.F("from_at")), name="on_call_has_length"
            )
        ]
