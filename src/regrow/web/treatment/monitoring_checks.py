"""Checks of long treatment: the intervals the director signs, and what is due for somebody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow.course import DueCheck, due_checks
from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.courses.api import Course
from regrow.web.dosing_sessions.api import administered_doses
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import SignedValues, in_force, sign_values

LONGEST = 2000
WORDS = {
    "questions_every_sessions": "The four questions by link, after so many doses",
    "questions_every_days": "The four questions by link, after so many days",
    "bladder_every_sessions": "Bladder, after so many doses",
    "liver_every_sessions": "Liver, after so many doses",
    "cognition_every_days": "Cognition, after so many days",
    "misuse_every_days": "Misuse, after so many days",
}


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
    if request.method == "POST":
        if request.user.role != Role.DIRECTOR:
            raise ActionRefused("The medical director signs the intervals.")
        sign_values("checks", found.id, found.version, _given(request.POST, found.limits), by=request.user)
        return redirect("monitoring-checks")
    limits = signed.values if signed else {}
    context = {
        "checks": found,
        "signed": signed,
        "rows": [(name, WORDS.get(name, name), limits.get(name, "")) for name in found.limits],
        "director": request.user.role == Role.DIRECTOR,
    }
    return render(request, "treatment/monitoring_checks.html", context)


def _given(post: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The intervals that were filled in. Raises `Refused` for what is no whole number."""
    limits = {}
    for name in names:
        text = post.get(name, "").strip()
        if not text:
            continue
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise ActionRefused(
                f"{WORDS.get(name, name)}: write a whole number, or leave it empty."
            ) from error
        if not number.is_finite() or number != int(number) or not 1 <= number <= LONGEST:
            raise ActionRefused(f"{WORDS.get(name, name)}: a whole number from 1 to {LONGEST}, or empty.")
        limits[name] = str(int(number))
    return limits
