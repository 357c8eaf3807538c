"""Inquiries, each with an owner from the start, and the outbox."""

import uuid

from django.conf import settings
from django.db import models


class Inquiry(models.Model):
    CHANNELS = [("form", "Web form"), ("text", "Text message"), ("email", "E-mail")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    contact = models.CharField(max_length=200)
    message = models.TextField(max_length=4000)
    channel = models.CharField(max_length=10, choices=CHANNELS)
    received_at = models.DateTimeField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="inquiries")
    patient = models.ForeignKey(
        "chart.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="inquiries"
    )
    interview_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["received_at"]
        constraints = [models.CheckConstraint(condition=~models.Q(contact=""), name="inquiry_has_a_way_back")]


class Message(models.Model):
    """What the clinic sends. The demo shows it in the outbox; real adapters take it from here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("chart.Patient", null=True, on_delete=models.PROTECT, related_name="messages")
    to = models.CharField(max_length=200)
    text = models.TextField()
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
