"""A session and its events. Events are only ever added (triggers refuse the rest)."""

import uuid

from django.conf import settings
from django.db import models


class Session(models.Model):
    """Opened under one signed order; keeps the signature it runs under."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.OneToOneField("treatment.Booking", on_delete=models.PROTECT, related_name="session")
    decision = models.OneToOneField("treatment.Decision", on_delete=models.PROTECT, related_name="session")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)


class SessionEvent(models.Model):
    """`id` is made at the chair, so that what is sent twice is kept once."""

    id = models.UUIDField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20)
    device_time = models.DateTimeField()
    server_time = models.DateTimeField()
    author = models.CharField(max_length=150)
    data = models.JSONField()

    class Meta:
        ordering = ["device_time", "server_time", "id"]
