"""Who is called, and what is told before a session: numbers the director signs, and the list of who is on call."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow.knowledge import EscalationPolicy
from regrow.web.accounts.api import CLINICAL, Role, StaffRequest, User
from regrow.web.alerts.api import OnCallShift, escalation_minutes
from regrow.web.appointments.api import preparation_limits
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import in_force, sign_values

WORDS = {
    "on_call_after_min": "Tell who is on call after, minutes",
    "director_after_min": "Tell the director after, minutes",
    "clinicians_after_min": "Tell every clinician after, minutes",
}
LONGEST_MIN = 24 * 60
LONGEST_H = 24


class OnCallForm(forms.Form):
    staff = forms.ModelChoiceField(User.objects.filter(is_active=True, role__in=CLINICAL), label="Clinician")
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
def escalation(request: StaffRequest) -> HttpResponse:
    """The ladder with its minutes, who is on call now and in the days ahead. Only the director changes either."""
    if request.method == "POST" and request.user.role != Role.DIRECTOR:
        raise ActionRefused("The medical director signs the minutes and enters who is on call.")
    form = OnCallForm(request.POST if request.POST.get("what") == "on-call" else None)
    ladder = knowledge.duty()
    if request.method == "POST" and request.POST.get("what") == "minutes":
        _sign(request, ladder)
        return redirect("escalation")
    if request.method == "POST" and request.POST.get("end"):
        OnCallShift.objects.filter(id=request.POST["end"], from_at__gt=clock.now()).delete()
        OnCallShift.objects.filter(id=request.POST["end"], to_at__gt=clock.now()).update(to_at=clock.now())
        return redirect("escalation")
    if request.method == "POST" and form.is_valid():
        OnCallShift.objects.get_or_create(**form.cleaned_data, defaults={"entered_by": request.user})
        return redirect("escalation")
    if request.method == "POST" and request.POST.get("what") == "hours":
        _sign_hours(request)
        return redirect("escalation")
    limits = escalation_minutes()
    context = {
        "hours": [(u, preparation_limits().get(u.limit, "")) for u in knowledge.preparation().until],
        "form": form,
        "ladder": [(r, WORDS.get(r.after, ""), limits.get(r.after, "")) for r in ladder.ladder],
        "signed": in_force("duty", ladder.id, ladder.version),
        "ahead": OnCallShift.objects.filter(to_at__gt=clock.now()).select_related("staff"),
        "now": clock.now(),
        "zone": clock.clinic_zone(),
        "director": request.user.role == Role.DIRECTOR,
    }
    return render(request, "staff/escalation.html", context, status=400 if form.errors else 200)


def _sign(request: StaffRequest, ladder: EscalationPolicy) -> None:
    words = {name: WORDS.get(name, name) for name in ladder.limits}
    _sign_values(request, "duty", ladder.id, ladder.version, words, most=LONGEST_MIN)


def _sign_hours(request: StaffRequest) -> None:
    found = knowledge.preparation()
    words = {u.limit: u.words for u in found.until}
    _sign_values(request, "preparation", found.id, found.version, words, most=LONGEST_H)


def _sign_values(
    request: StaffRequest, kind: str, id: str, version: int, words: dict[str, str], *, most: int
) -> None:
    """A new signature supersedes the one before; none is changed."""
    limits = {}
    for name, asked in words.items():
        try:
            number = Decimal(request.POST.get(name, "").strip())
        except InvalidOperation as error:
            raise ActionRefused(f"{asked}: write a number, such as 10.") from error
        if not number.is_finite() or not 0 <= number <= most:
            raise ActionRefused(f"{asked}: between 0 and {most}.")
        limits[name] = f"{number.normalize():f}"
    sign_values(kind, id, version, limits, by=request.user)
