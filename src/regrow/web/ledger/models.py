"""The controlled-substance log. Append-only, enforced by triggers."""

from django.db import models


class LedgerEntry(models.Model):
    """One entry, linked to the previous one by its hash; names are as in the session log."""

    number = models.BigIntegerField(primary_key=True)
    id = models.UUIDField(unique=True)
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    licence = models.CharField(max_length=40, blank=True)
    witness = models.CharField(max_length=150, blank=True)
    device = models.CharField(max_length=40, blank=True)
    container = models.CharField(max_length=60, blank=True)
    session = models.CharField(max_length=36, blank=True)
    patient = models.CharField(max_length=36, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["session"])]


class LedgerHead(models.Model):
    """The number of entries and the last hash; writers are serialized on this row."""

    count = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
