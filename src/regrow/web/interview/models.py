"""Intake visits, the narratives of their sections, and signed notes with addenda."""

import uuid

from django.conf import settings
from django.db import models


class IntakeVisit(models.Model):
    """One intake visit. `outcome` is an ending of the guide version it was started with; empty while open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="intake_visits")
    guide = models.CharField(max_length=60)
    guide_version = models.PositiveIntegerField()
    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    patient_location = models.CharField(max_length=300, blank=True)
    identity = models.CharField(max_length=40, blank=True)
    callback_phone = models.CharField(max_length=40, blank=True)
    others_present = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    reason = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(ended_at__isnull=True), name="one_open_visit"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | (~models.Q(outcome="") & ~models.Q(reason="")),
                name="talk_ended_only_with_outcome_and_reason",
            ),
        ]


class VisitNarrative(models.Model):
    """The narrative of one section. `saved` counts its saves, so that two windows cannot overwrite each other."""

    visit = models.ForeignKey(IntakeVisit, on_delete=models.PROTECT, related_name="words")
    section = models.CharField(max_length=40)
    text = models.TextField(max_length=20000, blank=True)
    saved = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    audited_at = models.DateTimeField()  # when an audit row last covered this text

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "section"], name="one_text_a_section")]


class VisitNote(models.Model):
    """The signed note and its addenda; never changed. `parts` are [title, [paragraph, ...]]."""

    visit = models.ForeignKey(IntakeVisit, on_delete=models.PROTECT, related_name="notes")
    sections = models.JSONField()
    text_hash = models.CharField(max_length=64)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at", "id"]
