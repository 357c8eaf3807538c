"""Long-term monitoring checks: the signed intervals, and the checks due for a patient."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.http import HttpResponse
from django.shortcuts import redirect, render

from regrow import knowledge
from regrow.course import DueCheck, due_checks
from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.courses.api import Course
from regrow.web.dosing_sessions.api import administered_doses
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.signing.api import SignedValues, in_force, sign_values

LONGEST = 2000
WORDS = {
    "questions_every_sessions": "Four-question check-in, every (doses)",
    "questions_every_days": "Four-question check-in, every (days)",
    "bladder_every_sessions": "Bladder check, every (doses)",
    "liver_every_sessions": "Liver check, every (doses)",
    "cognition_every_days": "Cognition check, every (days)",
    "misuse_every_days": "Misuse check, every (days)",
}


def signed_checks() -> SignedValues | None:
    """Return the signature for the current version of the checks file."""
    found = knowledge.checks()
    return in_force("checks", found.id, found.version)


def checks_due(course: Course, now: datetime) -> Sequence[DueCheck]:
    """Return the checks due in this course; empty without signed intervals."""
    signed = signed_checks()
    if signed is None:
        return ()
    doses = sorted(dose.ended_at for dose in administered_doses(course, now))
    checks = knowledge.checks().checks
    return due_checks(checks, signed.values, doses, _done(course), now)


def _done(course: Course) -> Mapping[str, datetime]:
    """Return the last time of each check: answered by link, or documented by staff."""
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
    """Show and sign the intervals; an empty one is never due."""
    found, signed = knowledge.checks(), signed_checks()
    if request.method == "POST":
        if request.user.role != Role.DIRECTOR:
            raise ActionRefused("Only the medical director can sign the intervals.")
        sign_values(
            "checks", found.id, found.version, _filled_in(request.POST, found.limits), by=request.user
        )
        return redirect("monitoring-checks")
    limits = signed.values if signed else {}
    context = {
        "checks": found,
        "signed": signed,
        "rows": [(name, WORDS.get(name, name), limits.get(name, "")) for name in found.limits],
        "director": request.user.role == Role.DIRECTOR,
    }
    return render(request, "treatment/monitoring_checks.html", context)


def _filled_in(post: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Return the intervals that were filled in. Raises `ActionRefused` for anything but a whole number."""
    limits = {}
    for name in names:
        text = post.get(name, "").strip()
        if not text:
            continue
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise ActionRefused(
                f"{WORDS.get(name, name)}: enter a whole number, or leave it empty."
            ) from error
        if not number.is_finite() or number != int(number) or not 1 <= number <= LONGEST:
            raise ActionRefused(
                f"{WORDS.get(name, name)}: enter a whole number from 1 to {LONGEST}, or empty."
            )
        limits[name] = str(int(number))
    return limits
