"""Dose decisions, and the signed weights of the dose-response hypotheses."""

import uuid

from django.conf import settings
from django.db import models


class HypothesisWeights(models.Model):
    """The weight of each dose-response hypothesis in the clinic's estimates, signed; a new row supersedes.

    `evidence` stores the basis: how many courses, and the weights batch by batch.
    """

    weights = models.JSONField()
    evidence = models.JSONField()
    reason = models.TextField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="weights_signed_with_a_reason"),
        ]


class DoseDecision(models.Model):
    """The prescriber's decision for one session, beside the suggestion. Accepted or changed, it is the order."""

    CHOICES = [("accepted", "Accepted"), ("changed", "Changed"), ("declined", "Declined")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(
        "appointments.Appointment", on_delete=models.PROTECT, related_name="decisions"
    )
    choice = models.CharField(max_length=10, choices=CHOICES)
    suggested = models.JSONField()
    reason = models.TextField(blank=True)
    order = models.JSONField(null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(choice="accepted") | ~models.Q(reason=""),
                name="decision_changed_only_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(choice="declined", order__isnull=True)
                | (~models.Q(choice="declined") & models.Q(order__isnull=False)),
                name="decision_has_an_order_unless_declined",
            ),
        ]
