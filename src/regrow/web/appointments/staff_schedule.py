"""Staff schedule: shifts, intake-visit hours, time off and chairs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow.web.accounts.api import DECIDES, Role, StaffRequest, User
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed

from .calendar_feeds import feed_url
from .models import WEEKDAYS, Appointment, Chair, Shift, TimeOff


class ShiftForm(forms.Form):
    staff = forms.ModelChoiceField(User.objects.filter(is_active=True), label="Staff member")
    kind = forms.ChoiceField(label="For", choices=Shift.KINDS, initial="on_site")
    weekday = forms.TypedChoiceField(label="Weekday", coerce=int, choices=list(enumerate(WEEKDAYS)))
    from_time = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    to_time = forms.TimeField(label="To", widget=forms.TimeInput(attrs={"type": "time"}))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("from_time") and data.get("to_time") and data["from_time"] >= data["to_time"]:
            raise forms.ValidationError("A shift ends after it begins.")
        if (
            data.get("kind") == "intake_visits"
            and data.get("staff")
            and data["staff"].works_as not in DECIDES
        ):
            raise forms.ValidationError(
                "Intake visits are held by a prescriber. Choose a prescriber or another kind."
            )
        return data


class TimeOffForm(forms.Form):
    """A staff member's absence; without a name the clinic is closed."""

    away = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label="Staff member",
        required=False,
        empty_label="Everyone: the clinic is closed",
    )
    first_day = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))
    why = forms.CharField(label="Reason", max_length=100, help_text="such as Thanksgiving, or vacation")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", "Enter a last day that is not before the first day.")
        return data

    def save(self) -> TimeOff:
        """Store whole days of the clinic's calendar; the same entry twice is one."""
        data = self.cleaned_data
        entry, _ = TimeOff.objects.get_or_create(
            staff=data["away"],
            from_at=clock.clinic_midnight(data["first_day"]),
            to_at=clock.clinic_midnight(data["last_day"] + timedelta(days=1)),
            defaults={"why": data["why"]},
        )
        return entry


class ChairForm(forms.Form):
    name = forms.CharField(max_length=30, label="Name", help_text="such as Chair 6, or Home 1")
    place = forms.ChoiceField(label="Where", choices=Chair.PLACES)

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        if Chair.objects.filter(name__iexact=name, retired_at__isnull=True).exists():
            raise forms.ValidationError(f"There is a {name} already. Give this one another name.")
        return name


@allowed(Role.COORDINATOR, Role.DIRECTOR)
def staff_schedule(request: StaffRequest) -> HttpResponse:
    """Show and edit the weekly shifts. A staff member without shifts counts as on duty during opening hours."""
    wants = request.POST.get("form", "")
    form = ShiftForm(request.POST if wants == "shift" else None, auto_id="shift_%s")
    chair_form = ChairForm(request.POST if wants == "chair" else None, auto_id="chair_%s")
    time_off_form = TimeOffForm(request.POST if wants == "time-off" else None, auto_id="time_off_%s")
    if request.method == "POST":
        if request.POST.get("end", "").isdecimal():
            Shift.objects.filter(id=request.POST["end"]).delete()
            return redirect("staff-schedule")
        if request.POST.get("close", "").isdecimal():
            _retire(int(request.POST["close"]))
            return redirect("staff-schedule")
        if request.POST.get("remove", "").isdecimal():
            TimeOff.objects.filter(id=request.POST["remove"]).delete()
            return redirect("staff-schedule")
        if wants == "time-off" and time_off_form.is_valid():
            time_off_form.save()
            return redirect("staff-schedule")
        if wants == "shift" and form.is_valid():
            Shift.objects.get_or_create(**form.cleaned_data)
            return redirect("staff-schedule")
        if wants == "chair" and chair_form.is_valid():
            data = chair_form.cleaned_data
            Chair.objects.update_or_create(
                name=data["name"], defaults={"place": data["place"], "retired_at": None}
            )
            return redirect("staff-schedule")
    context = {
        "form": form,
        "chair_form": chair_form,
        "time_off_form": time_off_form,
        "affected": _booked_while_closed(),
        "rows": Shift.objects.select_related("staff"),
        "away": TimeOff.objects.filter(to_at__gte=clock.now()).select_related("staff"),
        "chairs": [
            (chair, request.build_absolute_uri(feed_url("chair", str(chair.id))))
            for chair in Chair.objects.filter(retired_at__isnull=True).order_by("place", "name")
        ],
    }
    bad = form.errors or chair_form.errors or time_off_form.errors
    return render(request, "appointments/staff_schedule.html", context, status=400 if bad else 200)


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
