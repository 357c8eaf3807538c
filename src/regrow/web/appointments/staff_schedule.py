"""Staff schedule: shifts, intake-visit hours, time off and chairs."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow.web.accounts.api import Role, StaffRequest
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.forms import sent_with

from .calendar_feeds import feed_url
from .forms import ChairForm, EndShiftForm, RemoveTimeOffForm, RetireChairForm, ShiftForm, TimeOffForm
from .models import Appointment, Chair, Shift, TimeOff


@allowed(Role.COORDINATOR, Role.DIRECTOR)
def staff_schedule(request: StaffRequest) -> HttpResponse:
    """Staff schedule by weekday. Staff without shifts are assumed on site during clinic hours."""
    form = ShiftForm(sent_with(request, "form", "shift"), auto_id="shift_%s")
    chair_form = ChairForm(sent_with(request, "form", "chair"), auto_id="chair_%s")
    time_off_form = TimeOffForm(sent_with(request, "form", "time-off"), auto_id="time_off_%s")
    ending = EndShiftForm(sent_with(request, "end"), auto_id="end_%s")
    retiring = RetireChairForm(sent_with(request, "close"), auto_id="close_%s")
    removing = RemoveTimeOffForm(sent_with(request, "remove"), auto_id="remove_%s")
    if (
        form.submit(lambda data: Shift.objects.get_or_create(**data))
        or chair_form.submit(_open_chair)
        or time_off_form.submit(_store_time_off)
        or ending.submit(lambda data: data["end"].delete())
        or retiring.submit(lambda data: _retire(data["close"].id))
        or removing.submit(lambda data: data["remove"].delete())
    ):
        return redirect("staff-schedule")
    context = {
        "form": form,
        "chair_form": chair_form,
        "time_off_form": time_off_form,
        "affected": _booked_while_closed(),
        "ending": ending,
        "retiring": retiring,
        "removing": removing,
        "rows": Shift.objects.select_related("staff"),
        "away": TimeOff.objects.filter(to_at__gte=clock.now()).select_related("staff"),
        "chairs": [
            (chair, request.build_absolute_uri(feed_url("chair", str(chair.id))))
            for chair in Chair.objects.filter(retired_at__isnull=True).order_by("place", "name")
        ],
    }
    shown = (form, chair_form, time_off_form, ending, retiring, removing)
    status = max(each.status for each in shown)
    return render(request, "appointments/staff_schedule.html", context, status=status)


def _open_chair(data: Mapping[str, Any]) -> None:
    Chair.objects.update_or_create(name=data["name"], defaults={"place": data["place"], "retired_at": None})


def _store_time_off(data: Mapping[str, Any]) -> None:
    """Store whole days of the clinic's calendar; the same entry twice is one."""
    TimeOff.objects.get_or_create(
        staff=data["away"],
        from_at=clock.clinic_midnight(data["first_day"]),
        to_at=clock.clinic_midnight(data["last_day"] + timedelta(days=1)),
        defaults={"why": data["why"]},
    )


def _booked_while_closed() -> Sequence[Appointment]:
    """Return upcoming appointments during a closure or their nurse's time off; they must be rescheduled."""
    overlaps = TimeOff.objects.filter(
        from_at__lt=OuterRef("ends_at"), to_at__gt=OuterRef("starts_at")
    ).filter(Q(staff__isnull=True) | Q(staff=OuterRef("nurse")))
    ahead = Appointment.objects.filter(canceled_at__isnull=True, starts_at__gt=clock.now())
    return list(ahead.filter(Exists(overlaps)).select_related("course__patient", "nurse"))


def _retire(chair_id: int) -> None:
    """Stop new appointments on a chair. Raises `ActionRefused` while appointments are booked on it."""
    ahead = Appointment.objects.filter(
        chair_id=chair_id, canceled_at__isnull=True, ends_at__gt=clock.now()
    ).count()
    if ahead:
        raise ActionRefused(
            f"{ahead} sessions are booked there. Reschedule them first, then remove the chair."
        )
    Chair.objects.filter(id=chair_id).update(retired_at=clock.now())
