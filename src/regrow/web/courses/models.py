"""Links, answer sheets, alerts and requests to be called."""

import uuid

from django.conf import settings
from django.db import models


class Course(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="courses")
    signature = models.ForeignKey("signing.SignedValues", on_delete=models.PROTECT, related_name="courses")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    next_outreach_at = models.DateTimeField(
        null=True, blank=True
    )  # when the cadence has something to do next
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["planned_at"]


class ClinicianStatement(models.Model):
    """What a clinician put on record about a course: added to, never changed.

    `about` is the session that a clearance is about, or the basis of the weight that is chosen. Without a course it is
    about the clinic.
    """

    KINDS = [
        ("contact", "Spoke with the patient"),
        ("clearance", "Cleared after a session that was not tolerated"),
        ("estimate_off", "The model's estimate is not shown"),
        ("estimate_on", "The model's estimate is shown again"),
        ("weight_basis", "Dosed by another weight"),
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
    """A check-in nobody answered, with the person who takes it up."""

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
