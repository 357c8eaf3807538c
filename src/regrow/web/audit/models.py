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


class AuditCheckpoint(models.Model):
    """The chain up to one row, found intact and signed with the site's secret key."""

    row_id = models.BigIntegerField()
    count = models.BigIntegerField()
    row_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    signature = models.CharField(max_length=100)


class ChainVerification(models.Model):
    """The last verification of one chain of entries, such as the audit log; pages show it with its time."""

    chain = models.CharField(max_length=30, unique=True)
    verified_at = models.DateTimeField()
    problems = models.JSONField(default=list)
