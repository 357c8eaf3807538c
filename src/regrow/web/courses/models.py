"""Courses, clinicians' statements and staff tasks."""

import uuid

from django.conf import settings
from django.db import models


class Course(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="courses")
    signature = models.ForeignKey("signing.SignedValues", on_delete=models.PROTECT, related_name="courses")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    next_outreach_at = models.DateTimeField(null=True, blank=True)  # next outreach check
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["planned_at"]


class ClinicianStatement(models.Model):
    """A clinician's statement about a course. Append-only.

    `about` is the session that a clearance concerns, or the chosen weight basis. Without a course, it is clinic-wide.
    """

    KINDS = [
        ("contact", "Patient contacted"),
        ("clearance", "Cleared after an intolerable session"),
        ("estimate_off", "Model estimate hidden"),
        ("estimate_on", "Model estimate shown"),
        ("weight_basis", "Dosing weight changed"),
    ]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="words")
    kind = models.CharField(max_length=20, choices=KINDS)
    about = models.CharField(max_length=40, blank=True)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="statement_is_not_empty"),
        ]


class StaffTask(models.Model):
    """A task for staff, such as an unanswered check-in, with its owner."""

    key = models.CharField(max_length=80)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="tasks")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tasks")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["course", "key"], name="staff_task_once")]
