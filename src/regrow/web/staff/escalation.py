"""On call and escalation: signed minutes, preparation hours, and the on-call list."""

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow.web.accounts.api import CLINICAL, Role, StaffRequest
from regrow.web.alerts.api import OnCallShift, escalation_minutes
from regrow.web.appointments.api import preparation_limits
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import Number, NumbersForm, sent_with
from regrow.web.signing.api import in_force, sign_values

from .forms import EndOnCallForm, OnCallForm

WORDS = {
    "on_call_after_min": "Notify on-call clinician after (minutes)",
    "director_after_min": "Notify director after (minutes)",
    "clinicians_after_min": "Notify all clinicians after (minutes)",
}
LONGEST_MIN = Decimal(24 * 60)
LONGEST_H = Decimal(24)


@allowed(*CLINICAL)
def escalation(request: StaffRequest) -> HttpResponse:
    """Show the escalation policy, who is on call now and next. Only the director changes either."""
    if request.method == "POST" and request.user.role != Role.DIRECTOR:
        raise ActionRefused("The medical director signs the minutes and enters who is on call.")
    ladder, preparation = knowledge.duty(), knowledge.preparation()
    signed_min, signed_h = escalation_minutes(), preparation_limits()
    minutes = NumbersForm(
        {name: Number(WORDS.get(name, name), Decimal(0), LONGEST_MIN) for name in ladder.limits},
        sent_with(request, "what", "minutes"),
        initial=signed_min,
        auto_id="minutes_%s",
    )
    hours = NumbersForm(
        {each.limit: Number(each.words, Decimal(0), LONGEST_H) for each in preparation.until},
        sent_with(request, "what", "hours"),
        initial=signed_h,
        auto_id="hours_%s",
    )
    form = OnCallForm(sent_with(request, "what", "on-call"))
    ending = EndOnCallForm(sent_with(request, "end"))
    by = request.user
    if (
        minutes.submit(lambda _: sign_values("duty", ladder.id, ladder.version, minutes.values(), by=by))
        or hours.submit(
            lambda _: sign_values("preparation", preparation.id, preparation.version, hours.values(), by=by)
        )
        or form.submit(lambda data: OnCallShift.objects.get_or_create(**data, defaults={"entered_by": by}))
        or ending.submit(lambda data: _end(data["end"]))
    ):
        return redirect("escalation")
    context = {
        "hours": [(u, hours[u.limit], signed_h.get(u.limit, "")) for u in preparation.until],
        "hours_form": hours,
        "form": form,
        "ending": ending,
        "minutes_form": minutes,
        "ladder": [
            (r, minutes[r.after] if r.after else None, signed_min.get(r.after, "")) for r in ladder.ladder
        ],
        "signed": in_force("duty", ladder.id, ladder.version),
        "ahead": OnCallShift.objects.filter(to_at__gt=clock.now()).select_related("staff"),
        "now": clock.now(),
        "zone": clock.clinic_zone(),
        "director": request.user.role == Role.DIRECTOR,
    }
    status = max(each.status for each in (minutes, hours, form, ending))
    return render(request, "staff/escalation.html", context, status=status)


def _end(shift: OnCallShift) -> None:
    """End a shift on call now; one that has not begun is removed."""
    if shift.from_at >= clock.now():
        shift.delete()
    elif shift.to_at > clock.now():
        shift.to_at = clock.now()
        shift.save(update_fields=["to_at"])
