"""A comparison that was asked for, how far it is, and what came out."""

import uuid

from django.conf import settings
from django.db import models


class LabRun(models.Model):
    """One comparison. `beat_at` is when its worker last wrote; a run without a beat is taken up again."""

    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first = models.CharField(max_length=60)
    second = models.CharField(max_length=60)
    population = models.CharField(max_length=60)
    size = models.IntegerField()
    state = models.CharField(max_length=10, default=WAITING)
    done = models.IntegerField(default=0)
    of = models.IntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    titles = models.JSONField(default=dict)
    report = models.JSONField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at"]


class LabAttachment(models.Model):
    """A finished comparison laid under a protocol's version, for whoever signs it; it stays."""

    run = models.ForeignKey(LabRun, on_delete=models.PROTECT, related_name="attachments")
    protocol = models.CharField(max_length=50)
    version = models.IntegerField()
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "protocol", "version"], name="lab_attached_once"),
        ]
