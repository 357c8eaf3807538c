"""Who is in the house on which weekday, entered at the desk."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow.clinic.accounts.models import StaffRequest, User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.site import clock
from regrow.clinic.site.access import allowed

from .models import WEEKDAYS, Away, Shift


class ShiftForm(forms.Form):
    who = forms.ModelChoiceField(User.objects.filter(is_active=True), label="Who")
    weekday = forms.TypedChoiceField(label="Weekday", coerce=int, choices=list(enumerate(WEEKDAYS)))
    from_time = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    to_time = forms.TimeField(label="To", widget=forms.TimeInput(attrs={"type": "time"}))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("from_time") and data.get("to_time") and data["from_time"] >= data["to_time"]:
            raise forms.ValidationError("A shift ends after it begins.")
        return data


@allowed(Role.COORDINATOR, Role.DIRECTOR)
def shifts(request: StaffRequest) -> HttpResponse:
    """Who is in the house on which weekday. Who has no shift here counts as in while the clinic is open."""
    form = ShiftForm(request.POST or None)
    if request.method == "POST" and request.POST.get("end"):
        Shift.objects.filter(id=request.POST["end"]).delete()
        return redirect("shifts")
    if request.method == "POST" and form.is_valid():
        Shift.objects.get_or_create(**form.cleaned_data)
        return redirect("shifts")
    context = {
        "form": form,
        "rows": Shift.objects.select_related("who"),
        "away": Away.objects.filter(to_at__gte=clock.now()).select_related("who"),
    }
    return render(request, "treatment/shifts.html", context, status=400 if form.errors else 200)
