"""Chairs, shifts, time off, appointments and the waitlist."""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.db import models

from regrow.web.platform import clock

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Chair(models.Model):
    """Where a session is held: a chair in the clinic, or a nurse's slot for at-home sessions by video."""

    PLACES = [("clinic", "In the clinic"), ("home", "At home, by video")]

    name = models.CharField(max_length=30, unique=True)
    place = models.CharField(max_length=6, choices=PLACES, default="clinic")
    retired_at = models.DateTimeField(null=True, blank=True)  # accepts no new appointment


class Appointment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="appointments")
    number = models.IntegerField()
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="appointments")
    nurse = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    canceled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "number"],
                condition=models.Q(canceled_at__isnull=True),
                name="appointment_once_per_session",
            ),
            models.UniqueConstraint(
                fields=["chair", "starts_at"],
                condition=models.Q(canceled_at__isnull=True),
                name="appointment_one_person_a_chair",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="appointment_has_length"
            ),
        ]


class Shift(models.Model):
    """Weekly hours on which a staff member is on site, or holds intake visits by video (weekday 0: Monday)."""

    KINDS = [("on_site", "On site"), ("intake_visits", "Intake visits by video")]

    kind = models.CharField(max_length=13, choices=KINDS, default="on_site")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.IntegerField()
    from_time = models.TimeField()
    to_time = models.TimeField()

    class Meta:
        ordering = ["staff", "weekday", "from_time"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__range=(0, 6)), name="shift_on_a_weekday"),
            models.CheckConstraint(
                condition=models.Q(to_time__gt=models.F("from_time")), name="shift_has_length"
            ),
        ]

    @property
    def weekday_name(self) -> str:
        return WEEKDAYS[self.weekday]


class TimeOff(models.Model):
    """A staff member's absence; without a staff member, the clinic is closed."""

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="away"
    )
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    why = models.CharField(max_length=100, blank=True)

    @property
    def last_day(self) -> date:
        """Return the last calendar day of the absence in the clinic's time zone."""
        return clock.clinic_day(self.to_at - timedelta(seconds=1))

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_at__gt=models.F("from_at")), name="time_off_has_length"
            )
        ]


class WaitlistEntry(models.Model):
    """A patient who wants an earlier time. `offer` is the slot offered last."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="waiting")
    joined_at = models.DateTimeField()
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
        ordering = ["joined_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=models.Q(ended_at__isnull=True), name="waitlist_once"
            )
        ]
