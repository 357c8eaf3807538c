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
    """One entry of the log. `id` is made at the chair, so that what is sent twice is kept once.

    `number` is the order of arrival, by which a screen asks for what it has not seen yet.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField()
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20)
    device_time = models.DateTimeField()
    server_time = models.DateTimeField()
    happened_at = models.DateTimeField(null=True)
    skew_ms = models.BigIntegerField(default=0)
    author = models.CharField(max_length=150)
    licence = models.CharField(max_length=40, blank=True)
    role = models.CharField(max_length=20, blank=True)
    device = models.CharField(max_length=40, blank=True)
    seq = models.BigIntegerField(default=0)
    data = models.JSONField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="session_event_number_once"),
        ]


class Presence(models.Model):
    """A prescriber says that they are in the clinic, or that they leave it. Rows are only added."""

    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    here = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class RemsSubmission(models.Model):
    """Somebody submitted a monitoring form and typed the number they were given. A newer one stands beside it."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="rems_submissions")
    confirmation = models.CharField(max_length=60)
    answers = models.JSONField()
    form = models.CharField(max_length=60)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["submitted_at", "id"]
