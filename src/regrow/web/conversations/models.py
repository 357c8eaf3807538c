"""Inquiries with their owner, contact points, and every message in and out."""

import uuid

from django.conf import settings
from django.db import models

LANGUAGES = [("en", "English"), ("es", "Español")]


class Inquiry(models.Model):
    CHANNELS = [("form", "Web form"), ("text", "Text message"), ("email", "Email")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    contact = models.CharField(max_length=200)
    message = models.TextField(max_length=4000)
    channel = models.CharField(max_length=10, choices=CHANNELS)
    language = models.CharField(max_length=5, choices=LANGUAGES, default="en")
    received_at = models.DateTimeField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="inquiries")
    patient = models.ForeignKey(
        "patients.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="inquiries"
    )
    interview_at = models.DateTimeField(null=True, blank=True)
    interviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    video_link = models.CharField(max_length=300, blank=True)  # empty for the clinic's own video room
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["received_at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(contact=""), name="inquiry_has_a_way_back"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | ~models.Q(close_reason=""),
                name="inquiry_closed_only_with_a_reason",
            ),
        ]


class ContactPoint(models.Model):
    """A normalized phone number or email address, and its consent. An opt-out belongs to the address: patients who
    share a phone share it.
    """

    WAYS = [("text", "Text message"), ("email", "Email")]
    KINDS = [
        ("patient", "Patient or inquiry"),
        ("staff", "Staff"),
        ("therapist", "Outside therapist"),
    ]

    kind = models.CharField(max_length=9, choices=KINDS, default="patient")
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.CharField(max_length=10, choices=WAYS)
    address = models.CharField(max_length=200)
    patient = models.ForeignKey(
        "patients.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="contacts"
    )
    inquiry = models.ForeignKey(
        Inquiry, null=True, blank=True, on_delete=models.PROTECT, related_name="contacts"
    )
    language = models.CharField(max_length=5, choices=LANGUAGES, default="en")
    opted_out_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="contact_once")]


class Message(models.Model):
    """A message in either direction. `key` makes sending and receiving idempotent."""

    DIRECTIONS = [("out", "From the clinic"), ("in", "To the clinic")]
    KINDS = [
        ("reminder", "Reminder"),
        ("answer", "Automatic reply"),
        ("crisis", "Crisis text"),
        ("personal", "Written by staff"),
    ]
    STATES = [
        ("waiting", "queued"),
        ("sending", "being sent"),
        ("sent", "sent"),
        ("unclear", "may have been sent"),
        ("delivered", "delivered"),
        ("failed", "failed"),
        ("refused", "not sent: opted out"),
        ("received", "received"),
    ]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=300, null=True, blank=True, unique=True)
    direction = models.CharField(max_length=3, choices=DIRECTIONS, default="out")
    kind = models.CharField(max_length=10, choices=KINDS, default="answer")
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    contact = models.ForeignKey(
        ContactPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    patient = models.ForeignKey(
        "patients.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    to = models.CharField(max_length=200)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    link = models.CharField(max_length=300, blank=True)
    occasion = models.CharField(max_length=60, blank=True)
    signals = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    gateway_id = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=300, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["patient", "created_at"]), models.Index(fields=["gateway_id"])]
