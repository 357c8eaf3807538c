"""Links, answer sheets, alerts and requests to be called."""

import uuid

from django.conf import settings
from django.db import models


class Link(models.Model):
    """A link a patient holds. Only a hash of its token is kept."""

    PURPOSES = [
        ("checkin", "Check-in"),
        ("page", "The patient's page"),
        ("intake", "Before the interview"),
        ("home", "A session at home"),
        ("plan", "The plan, for a therapist"),
    ]

    token_hash = models.CharField(max_length=64, unique=True)
    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=10, choices=PURPOSES)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    wrong_births = models.IntegerField(default=0)
    call = models.CharField(
        max_length=64, blank=True
    )  # the telephone call in which the date of birth was keyed
    ended_at = models.DateTimeField(null=True, blank=True)


class AnswerSheet(models.Model):
    """One instrument answered. Open until it is finished; after that it does not change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="sheets")
    link = models.ForeignKey(Link, null=True, on_delete=models.PROTECT, related_name="sheets")
    instrument = models.CharField(max_length=30)
    version = models.IntegerField()
    language = models.CharField(max_length=5, default="en")
    answers = models.JSONField()
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]


class Alert(models.Model):
    """Somebody must act. It stays until a person closes it with what they did.

    It is about a patient, or about an inquiry of somebody who has no chart yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(
        "chart.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    inquiry = models.ForeignKey(
        "frontdesk.Inquiry", null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    crisis = models.BooleanField(default=False)
    sheet = models.OneToOneField(AnswerSheet, null=True, on_delete=models.PROTECT, related_name="alert")
    text = models.CharField(max_length=300)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="alerts")
    raised_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done = models.TextField(blank=True)

    class Meta:
        ordering = ["raised_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True)
                | (~models.Q(done="") & models.Q(closed_by__isnull=False)),
                name="alert_closed_only_with_what_was_done",
            ),
            models.CheckConstraint(
                condition=models.Q(patient__isnull=False) | models.Q(inquiry__isnull=False),
                name="alert_is_about_somebody",
            ),
        ]


class AlertStep(models.Model):
    """What happened to an alert, added to and never changed: somebody was told, took it, or tried to reach the person."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(
        max_length=10, choices=[("told", "Told"), ("took", "Took it"), ("tried", "Tried")]
    )
    what = models.CharField(max_length=40)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "what", "who"], condition=models.Q(kind="told"), name="alert_told_once"
            )
        ]


class OnCall(models.Model):
    """Who answers for the clinic from one moment to another."""

    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_at__gt=models.F("from_at")), name="on_call_has_length"
            )
        ]


class HandedOver(models.Model):
    """A check-in nobody answered, with the person who takes it up."""

    key = models.CharField(max_length=80)
    course = models.ForeignKey("treatment.Course", on_delete=models.PROTECT, related_name="handed_over")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handed_over")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["course", "key"], name="handed_over_once")]


class Knock(models.Model):
    """An address of the network that tried a link there is not. Kept for minutes, to slow guessing down."""

    who = models.CharField(max_length=64)  # a hash of the network address
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["who", "at"])]


class OwnPlan(models.Model):
    """What somebody chose for themselves before a session; a new row supersedes.

    `data`: `choices` by step of the aftercare plan, `ride` (who takes them home), `intention` (a line of their own).
    """

    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="own_plans")
    data = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class Intake(models.Model):
    """What somebody tells about themselves before the interview, in their own words and taps. It decides nothing: the
    prescriber asks, and takes over what holds.

    `data`: `about`, `health` (answer by criterion), `drugs` (each with outcome and weeks), `else` in their own words.
    """

    patient = models.OneToOneField("chart.Patient", on_delete=models.PROTECT, related_name="intake")
    language = models.CharField(max_length=5, default="en")
    data = models.JSONField(default=dict)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)


class ConsentSigned(models.Model):
    """A consent text in a version and a language, signed by the person's own name; added to, never changed."""

    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="consents")
    consent = models.CharField(max_length=50)
    version = models.IntegerField()
    language = models.CharField(max_length=5)
    text_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="consent_has_a_name")]


class Sharing(models.Model):
    """Somebody's yes to a therapist reading their plan, with the sentence they agreed to. It ends when they say so."""

    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="sharings")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    agreed = models.TextField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(ended_at__isnull=True), name="one_sharing_at_a_time"
            )
        ]
