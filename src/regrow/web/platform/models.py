"""One piece of work to be done."""

from django.db import models


class Job(models.Model):
    """`key` names what it does, so that the same work asked for twice is done once.

    A worker that takes it holds a lease; one that dies lets go of it when the lease ends, and another takes it up.
    """

    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120, unique=True)
    payload = models.JSONField(default=dict)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["run_after", "id"]
        indexes = [models.Index(fields=["done_at", "failed_at", "run_after"])]
