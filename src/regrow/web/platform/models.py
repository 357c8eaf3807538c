"""The job queue's table."""

from django.db import models


class Job(models.Model):
    """A job. `key` makes enqueueing idempotent.

    A worker holds a lease and renews it; after a crash the lease expires and another worker takes the job.
    """

    kind = models.CharField(max_length=30)
    queue = models.CharField(max_length=20)
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
        indexes = [models.Index(fields=["queue", "done_at", "failed_at", "run_after"])]
