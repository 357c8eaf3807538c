"""Aftercare plans, and their sharing with a therapist."""

from django.db import models


class AftercarePlan(models.Model):
    """A patient's aftercare plan; a new row supersedes.

    `data`: `choices` by step of the aftercare plan, `ride` (who takes them home), `intention` (a line of their own).
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="aftercare_plans")
    data = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class PlanShare(models.Model):
    """A patient's permission for a therapist to read the plan, with the sentence agreed to. The patient can end it."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="plan_shares")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    authorization_text = models.TextField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(ended_at__isnull=True), name="one_sharing_at_a_time"
            )
        ]
