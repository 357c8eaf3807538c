"""Monitors that were heard, and the chairs they were paired with. A pairing ends; it is never changed otherwise."""

from django.conf import settings
from django.db import models


class Monitor(models.Model):
    """A device as it names itself, what it said last, and the last message of it that was not taken."""

    device = models.CharField(max_length=60, primary_key=True)
    heard_at = models.DateTimeField()
    told = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    problem_at = models.DateTimeField(null=True, blank=True)


class Pairing(models.Model):
    """A nurse has seen that this monitor stands at the chair of this session.

    `clock_behind_ms`: how far the monitor's clock is behind the clinic's, by the quickest message so far.
    `kept_at`: the moment of the last reading that was kept.
    """

    device = models.CharField(max_length=60)
    session = models.ForeignKey("chairside.Session", on_delete=models.PROTECT, related_name="pairings")
    paired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    paired_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    clock_behind_ms = models.BigIntegerField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["paired_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=models.Q(ended_at=None), name="monitor_is_at_one_chair"
            ),
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(ended_at=None), name="chair_has_one_monitor"
            ),
        ]
