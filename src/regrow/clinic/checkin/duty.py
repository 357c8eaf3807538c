"""Who is called, and what is told before a session: numbers the director signs, and the list of who is on call."""

from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow import knowledge
from regrow.clinic.accounts.models import StaffRequest, User
from regrow.clinic.accounts.roles import CLINICAL, Role
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed
from regrow.clinic.treatment.models import Signature

from .facts import preparation_limits
from .models import OnCall
from .rounds import duty_limits

WORDS = {
    "on_call_after_min": "Tell who is on call after, minutes",
    "director_after_min": "Tell the director after, minutes",
    "clinicians_after_min": "Tell every clinician after, minutes",
}
LONGEST_MIN = 24 * 60
LONGEST_H = 24


class OnCallForm(forms.Form):
    who = forms.ModelChoiceField(User.objects.filter(is_active=True, role__in=CLINICAL), label="Who")
    from_at = forms.DateTimeField(
        label="From (clinic time)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    to_at = forms.DateTimeField(
        label="To (clinic time)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("from_at") and data.get("to_at") and data["from_at"] >= data["to_at"]:
            raise forms.ValidationError("The time on call ends after it begins.")
        return data


@allowed(*CLINICAL)
def duty(request: StaffRequest) -> HttpResponse:
    """The ladder with its minutes, who is on call now and in the days ahead. Only the director changes either."""
    if request.method == "POST" and request.user.role != Role.DIRECTOR:
        raise Refused("The medical director signs the minutes and enters who is on call.")
    form = OnCallForm(request.POST if request.POST.get("what") == "on-call" else None)
    ladder = knowledge.duty()
    if request.method == "POST" and request.POST.get("what") == "minutes":
        _sign(request, ladder)
        return redirect("duty")
    if request.method == "POST" and request.POST.get("end"):
        OnCall.objects.filter(id=request.POST["end"], from_at__gt=clock.now()).delete()
        OnCall.objects.filter(id=request.POST["end"], to_at__gt=clock.now()).update(to_at=clock.now())
        return redirect("duty")
    if request.method == "POST" and form.is_valid():
        OnCall.objects.get_or_create(**form.cleaned_data, defaults={"entered_by": request.user})
        return redirect("duty")
    if request.method == "POST" and request.POST.get("what") == "hours":
        _sign_hours(request)
        return redirect("duty")
    limits = duty_limits()
    context = {
        "hours": [(u, preparation_limits().get(u.limit, "")) for u in knowledge.preparation().until],
        "form": form,
        "ladder": [(r, WORDS.get(r.after, ""), limits.get(r.after, "")) for r in ladder.ladder],
        "signed": Signature.objects.filter(protocol=f"duty-{ladder.id}", version=ladder.version).last(),
        "ahead": OnCall.objects.filter(to_at__gt=clock.now()).select_related("who"),
        "now": clock.now(),
        "zone": ZoneInfo(settings.TIME_ZONE),
        "director": request.user.role == Role.DIRECTOR,
    }
    return render(request, "checkin/duty.html", context, status=400 if form.errors else 200)


def _sign(request: StaffRequest, ladder: knowledge.Duty) -> None:
    words = {name: WORDS.get(name, name) for name in ladder.limits}
    _put(request, f"duty-{ladder.id}", ladder.version, words, most=LONGEST_MIN)


def _sign_hours(request: StaffRequest) -> None:
    found = knowledge.preparation()
    words = {u.limit: u.words for u in found.until}
    _put(request, found.id, found.version, words, most=LONGEST_H)


def _put(request: StaffRequest, id: str, version: int, words: dict[str, str], *, most: int) -> None:
    """A new signature supersedes the one before; none is changed."""
    limits = {}
    for name, asked in words.items():
        try:
            number = Decimal(request.POST.get(name, "").strip())
        except InvalidOperation as error:
            raise Refused(f"{asked}: write a number, such as 10.") from error
        if not number.is_finite() or not 0 <= number <= most:
            raise Refused(f"{asked}: between 0 and {most}.")
        limits[name] = f"{number.normalize():f}"
    Signature.objects.create(
        protocol=id, version=version, limits=limits, signed_by=request.user, signed_at=clock.now()
    )
