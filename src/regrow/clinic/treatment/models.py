"""Signatures, courses, bookings and dose decisions."""

import uuid

from django.conf import settings
from django.db import models

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Signature(models.Model):
    """A protocol version put in force with its limits. A new signature supersedes; none is changed."""

    protocol = models.CharField(max_length=50)
    version = models.IntegerField()
    limits = models.JSONField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]


class Chair(models.Model):
    """Where a session is held: a chair in the house, or at home a nurse's place before the video."""

    PLACES = [("clinic", "In the house"), ("home", "At home, by video")]

    name = models.CharField(max_length=30, unique=True)
    place = models.CharField(max_length=6, choices=PLACES, default="clinic")
    closed_at = models.DateTimeField(null=True, blank=True)  # it takes no new booking


class Course(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("chart.Patient", on_delete=models.PROTECT, related_name="courses")
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, related_name="courses")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    look_again_at = models.DateTimeField(null=True, blank=True)  # when the cadence has something to do next
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["planned_at"]


class Booking(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="bookings")
    number = models.IntegerField()
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="bookings")
    nurse = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookings")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)
    off_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "number"],
                condition=models.Q(off_at__isnull=True),
                name="booking_once_per_session",
            ),
            models.UniqueConstraint(
                fields=["chair", "starts_at"],
                condition=models.Q(off_at__isnull=True),
                name="booking_one_person_a_chair",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="booking_has_length"
            ),
        ]


class Shift(models.Model):
    """Hours on which somebody is in the house, or holds first talks by video, each week on this weekday (0: Monday)."""

    KINDS = [("house", "In the house"), ("talks", "First talks by video")]

    kind = models.CharField(max_length=5, choices=KINDS, default="house")

    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.IntegerField()
    from_time = models.TimeField()
    to_time = models.TimeField()

    class Meta:
        ordering = ["who", "weekday", "from_time"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__range=(0, 6)), name="shift_on_a_weekday"),
            models.CheckConstraint(
                condition=models.Q(to_time__gt=models.F("from_time")), name="shift_has_length"
            ),
        ]

    @property
    def weekday_name(self) -> str:
        return WEEKDAYS[self.weekday]


class Away(models.Model):
    """Somebody is away, or with nobody named the clinic is closed."""

    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="away"
    )
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    why = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(to_at__gt=models.F("from_at")), name="away_has_length")
        ]


class Waiting(models.Model):
    """Somebody who would come earlier if a place became free. `offer` is what was offered to them last."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="waiting")
    since = models.DateTimeField()
    offered_at = models.DateTimeField(null=True, blank=True)
    offer_chair = models.ForeignKey(Chair, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    offer_nurse = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offer_starts_at = models.DateTimeField(null=True, blank=True)
    offer_ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], condition=models.Q(ended_at__isnull=True), name="waiting_once"
            )
        ]


class Word(models.Model):
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
            models.CheckConstraint(condition=~models.Q(text=""), name="word_is_not_empty"),
        ]


class AnswerWeights(models.Model):
    """How much each answer to dose and benefit weighs in the clinic's estimates, signed; a new row supersedes.

    `evidence` keeps what the weights rest on: how many courses, and what they made of it batch by batch.
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


class Decision(models.Model):
    """What the prescriber decided for one session, beside what was suggested. Accepted or changed, it is the order."""

    CHOICES = [("accepted", "Accepted"), ("changed", "Changed"), ("declined", "Declined")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="decisions")
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
