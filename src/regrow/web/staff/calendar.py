"""The calendar page: a week of chairs, intake visits and appointments."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import EVERYONE, StaffRequest
from regrow.web.appointments.api import Appointment
from regrow.web.conversations.api import Inquiry
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed


def scheduled_visits(days: Sequence[date]) -> list[Any]:
    """Return the intake visits around these days."""
    first, last = days[0] - timedelta(days=1), days[-1] + timedelta(days=1)
    talks = Inquiry.objects.filter(interview_at__date__range=(first, last), closed_at__isnull=True)
    return list(talks.select_related("patient", "interviewer").order_by("interview_at"))


@allowed(*EVERYONE)
@require_GET
def calendar(request: StaffRequest) -> HttpResponse:
    """Show a week by chair; keys and links move by a week."""
    zone = clock.clinic_zone()
    try:
        ahead = int(request.GET.get("week", "0"))
    except ValueError as error:
        raise ActionRefused("The week must be a whole number, such as ?week=1 for the next one.") from error
    ahead = max(-520, min(520, ahead))
    today = clock.clinic_today()
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
    days = [monday + timedelta(days=n) for n in range(7)]
    standing = Appointment.objects.filter(canceled_at__isnull=True)
    appointments = standing.select_related("course__patient", "chair", "nurse").order_by("starts_at")
    by_day: dict[Any, list[Appointment]] = {day: [] for day in days}
    for appointment in appointments:
        day = appointment.starts_at.astimezone(zone).date()
        if day in by_day:
            by_day[day].append(appointment)
    found = scheduled_visits(days)
    talks = {day: [t for t in found if t.interview_at.astimezone(zone).date() == day] for day in days}
    context = {
        "days": [(day, booked, talks[day]) for day, booked in by_day.items()],
        "ahead": ahead,
        "today": today,
        "before": ahead - 1,
        "after": ahead + 1,
    }
    return render(request, "staff/calendar.html", context)
