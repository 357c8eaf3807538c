"""Simulation runs: requests, progress and results."""

import uuid

from django.conf import settings
from django.db import models


class SimulationRun(models.Model):
    """One comparison. `heartbeat_at` is when its worker last wrote; a run without a heartbeat is restarted."""

    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    first = models.CharField(max_length=60)
    second = models.CharField(max_length=60)
    population = models.CharField(max_length=60)
    size = models.IntegerField()
    state = models.CharField(max_length=10, default=WAITING)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    titles = models.JSONField(default=dict)
    report = models.JSONField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at"]


class SimulationAttachment(models.Model):
    """A finished comparison attached to a protocol version, for the person who signs it. Permanent."""

    run = models.ForeignKey(SimulationRun, on_delete=models.PROTECT, related_name="attachments")
    protocol = models.CharField(max_length=50)
    version = models.IntegerField()
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "protocol", "version"], name="lab_attached_once"),
        ]
