"""The audit log's tables. Triggers refuse changes of a row (see the first migration)."""

from django.db import models


class AuditRow(models.Model):
    at = models.DateTimeField()
    who = models.CharField(max_length=150)
    role = models.CharField(max_length=20)
    action = models.CharField(max_length=10)
    what = models.CharField(max_length=200)
    patient = models.CharField(max_length=36, blank=True)
    why = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["id"]


class AuditHead(models.Model):
    """One row: the count and the newest hash, so that a missing last row is detected."""

    count = models.BigIntegerField(default=0)
    row_hash = models.CharField(max_length=64, blank=True)
