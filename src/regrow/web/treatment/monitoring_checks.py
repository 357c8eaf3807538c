"""Checks of long treatment: the intervals the director signs, and what is due for somebody."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow import knowledge
from regrow.course import DueCheck, due_checks
from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.courses.api import Course
from regrow.web.dosing_sessions.api import administered_doses
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.signing.api import SignedValues, in_force, sign_values

from .forms import IntervalsForm


def signed_checks() -> SignedValues | None:
    """The signature in force under the version of the checks in force."""
    found = knowledge.checks()
    return in_force("checks", found.id, found.version)


def checks_due(course: Course, now: datetime) -> Sequence[DueCheck]:
    """What is due for somebody in this course; nothing while nobody has signed an interval."""
    signed = signed_checks()
    if signed is None:
        return ()
    doses = sorted(dose.ended_at for dose in administered_doses(course, now))
    checks = knowledge.checks().checks
    return due_checks(checks, signed.values, doses, _done(course), now)


def _done(course: Course) -> Mapping[str, datetime]:
    """The last time of each check: answered by link, or taken up by somebody who wrote what was done."""
    times = [
        (task.key.split(":")[1], task.done_at)
        for task in course.tasks.filter(key__startswith="check:", done_at__isnull=False)
    ]
    for check in knowledge.checks().checks:
        sheets = course.patient.responses.filter(instrument=check.asks, completed_at__isnull=False)
        times += [(check.id, sheet.completed_at) for sheet in sheets] if check.asks else []
    found: dict[str, datetime] = {}
    for id, at in times:
        if at is not None:
            found[id] = max(found.get(id, at), at)
    return found


@allowed(*DECIDES)
def checks(request: StaffRequest) -> HttpResponse:
    """The intervals, signed by the director; one left empty is never due by itself."""
    found, signed = knowledge.checks(), signed_checks()
    if request.method == "POST" and request.user.role != Role.DIRECTOR:
        raise ActionRefused("The medical director signs the intervals.")
    limits = signed.values if signed else {}
    form = IntervalsForm(found.limits, request.POST if request.method == "POST" else None, initial=limits)
    if form.submit(lambda _: sign_values("checks", found.id, found.version, form.values(), by=request.user)):
        return redirect("monitoring-checks")
    context = {
        "checks": found,
        "signed": signed,
        "rows": [(form[name], limits.get(name, "")) for name in found.limits],
        "form": form,
        "director": request.user.role == Role.DIRECTOR,
    }
    return render(request, "treatment/monitoring_checks.html", context, status=form.status)
