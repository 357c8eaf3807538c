"""Dosing sessions, their events, staff presence, REMS submissions, monitors and pairings."""

import uuid

from django.conf import settings
from django.db import models


class DosingSession(models.Model):
    """A session started under one signed order; stores the signature it runs under."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.OneToOneField(
        "appointments.Appointment", on_delete=models.PROTECT, related_name="session"
    )
    decision_id = models.UUIDField(unique=True)  # the dose decision whose order starts the log
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)


class SessionEvent(models.Model):
    """One log entry. `id` is created on the device, so that a repeated upload is stored once.

    `number` is the order of arrival, by which a screen requests newer entries.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField()
    session = models.ForeignKey(DosingSession, on_delete=models.PROTECT, related_name="events")
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


class StaffPresence(models.Model):
    """A prescriber's statement of being on site or leaving. Append-only."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class RemsSubmission(models.Model):
    """A submitted REMS form with its confirmation number. A newer submission is a new row."""

    session = models.ForeignKey(DosingSession, on_delete=models.PROTECT, related_name="rems_submissions")
    confirmation = models.CharField(max_length=60)
    answers = models.JSONField()
    form = models.CharField(max_length=60)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["submitted_at", "id"]


class Monitor(models.Model):
    """A monitor by its own name, its last values, and its last rejected message."""

    device = models.CharField(max_length=60, primary_key=True)
    last_seen_at = models.DateTimeField()
    last_message = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    problem_at = models.DateTimeField(null=True, blank=True)


class Pairing(models.Model):
    """A nurse's confirmation that a monitor belongs to a session.

    `clock_offset_ms`: how far the monitor's clock is behind the clinic's, by the fastest message so far.
    `last_saved_at`: the time of the last stored reading.
    """

    device = models.CharField(max_length=60)
    session = models.ForeignKey(DosingSession, on_delete=models.PROTECT, related_name="pairings")
    paired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    paired_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    clock_offset_ms = models.BigIntegerField(null=True, blank=True)
    last_saved_at = models.DateTimeField(null=True, blank=True)

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
