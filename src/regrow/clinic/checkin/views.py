"""One question a screen, saved at each tap; help first when somebody is in danger."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.clinic.accounts.models import ChartRequest, StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, DECIDES
from regrow.clinic.audit import log
from regrow.clinic.chart.models import Patient
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed, by_link, form_id
from regrow.clinic.treatment.facts import window_of
from regrow.scales import BadAnswers

from .facts import enter_sheet, finished_sheets, hash_token, raise_alert, scored
from .models import Alert, AnswerSheet, Link


def _link(request: ChartRequest, token: str, purpose: str) -> Link | None:
    """The link if it is known and has not ended; the audit row then names whose it is."""
    link = (
        Link.objects.select_related("patient").filter(token_hash=hash_token(token), purpose=purpose).first()
    )
    if link is None or link.expires_at <= clock.now():
        return None
    request.about = str(link.patient_id)
    return link


def _gone(request: ChartRequest) -> HttpResponse:
    return render(request, "checkin/gone.html", status=404)


@by_link
@require_GET
def begin(request: ChartRequest, token: str) -> HttpResponse:
    """Back to where the person was, or to the end when they are done."""
    link = _link(request, token, "checkin")
    if link is None:
        return _gone(request)
    if link.sheet.finished_at:
        return redirect("checkin-done", token=token)
    unanswered = [n for n, answer in enumerate(link.sheet.answers, 1) if answer is None]
    return redirect(
        "checkin-item", token=token, number=unanswered[0] if unanswered else len(link.sheet.answers)
    )


@by_link
def item(request: ChartRequest, token: str, number: int) -> HttpResponse:
    link = _link(request, token, "checkin")
    if link is None:
        return _gone(request)
    sheet = link.sheet
    scale = knowledge.scale(sheet.instrument, sheet.version)
    if not 1 <= number <= len(scale.items):
        raise Http404
    if sheet.finished_at:
        return redirect("checkin-done", token=token)
    asked = scale.items[number - 1]
    if request.method == "POST":
        return _answer(request, token, sheet, number)
    context = {
        "token": token,
        "scale": scale,
        "item": asked,
        "number": number,
        "count": len(scale.items),
        "steps": [n <= number for n in range(1, len(scale.items) + 1)],
        "chosen": sheet.answers[number - 1],
        "previous": number - 1,
    }
    return render(request, "checkin/item.html", context)


def _answer(request: ChartRequest, token: str, sheet: AnswerSheet, number: int) -> HttpResponse:
    scale = knowledge.scale(sheet.instrument, sheet.version)
    given = request.POST.get("answer", "")
    asked = scale.items[number - 1]
    allowed_answers = {str(value): value for value in asked.scores}
    if given not in allowed_answers:
        raise Refused(_("Please choose one of the answers."))
    value = allowed_answers[given]
    sheet.answers = [value if n == number else old for n, old in enumerate(sheet.answers, 1)]
    last = number == len(scale.items)
    blank = [n for n, answer in enumerate(sheet.answers, 1) if answer is None]
    if last and not blank:
        sheet.finished_at = clock.now()
    sheet.save()
    if asked.suicide and value > 0:
        raise_alert(
            sheet.patient, f"{scale.title} item {number} answered {value} of {max(asked.scores)}", sheet
        )
        return redirect("checkin-help", token=token)
    if last and blank:
        return redirect("checkin-item", token=token, number=blank[0])
    if last:
        return redirect("checkin-done", token=token)
    return redirect("checkin-item", token=token, number=number + 1)


@by_link
@require_GET
def help_now(request: ChartRequest, token: str) -> HttpResponse:
    """Help first. The person has been told who will call."""
    link = _link(request, token, "checkin")
    if link is None:
        return _gone(request)
    alert = Alert.objects.filter(sheet=link.sheet).select_related("assigned_to").first()
    return render(request, "checkin/help.html", {"token": token, "alert": alert, "sheet": link.sheet})


@by_link
@require_GET
def done(request: ChartRequest, token: str) -> HttpResponse:
    link = _link(request, token, "checkin")
    if link is None:
        return _gone(request)
    if link.sheet.finished_at is None:
        return redirect("checkin", token=token)
    same = [scored(s) for s in finished_sheets(link.patient).filter(instrument=link.sheet.instrument)]
    totals = [sheet.total for sheet in same if sheet.total is not None]
    context: dict[str, Any] = {"token": token, "now": totals[-1] if totals else None}
    if len(totals) > 1:
        context |= {"first": totals[0], "lower": totals[0] - totals[-1], "higher": totals[-1] - totals[0]}
    return render(request, "checkin/done.html", context)


@by_link
@require_GET
def page(request: ChartRequest, token: str) -> HttpResponse:
    """The person's own page: the window, the plan, driving."""
    link = _link(request, token, "page")
    if link is None:
        return _gone(request)
    window = window_of(link.patient)
    context = {"token": token, "patient": link.patient, "plan": knowledge.aftercare(), "window": window}
    return render(request, "checkin/page.html", context)


@by_link
@require_POST
def call_me(request: ChartRequest, token: str) -> HttpResponse:
    link = _link(request, token, "page")
    if link is None:
        return _gone(request)
    if not Alert.objects.filter(
        patient=link.patient, text__startswith="Asked to be called", closed_at=None
    ).exists():
        raise_alert(link.patient, "Asked to be called, from their own page")
    return render(request, "checkin/called.html", {"token": token})


@allowed(*CLINICAL)
@require_GET
def scales(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Every instrument with the last result on file."""
    patient = get_object_or_404(Patient, id=patient_id)
    last: dict[str, AnswerSheet] = {sheet.instrument: sheet for sheet in finished_sheets(patient)}
    rows = []
    for id in knowledge.ids("scale"):
        sheet = last.get(id)
        rows.append((knowledge.scale(id), sheet, scored(sheet) if sheet else None))
    return render(request, "checkin/scales.html", {"patient": patient, "rows": rows})


@allowed(*CLINICAL)
def rate(request: StaffRequest, patient_id: str, instrument: str) -> HttpResponse:
    """One instrument as a clinician rates it or types it in; nothing typed is lost when it does not fit."""
    patient = get_object_or_404(Patient, id=patient_id)
    if instrument not in knowledge.ids("scale"):
        raise Http404
    scale = knowledge.scale(instrument)
    given = [request.POST.get(f"item-{item.number}", "") for item in scale.items]
    problem = ""
    if request.method == "POST":
        try:
            answers = [int(text) if text.lstrip("-").isdecimal() else None for text in given]
            if all(answer is None for answer in answers):
                raise BadAnswers("Nothing is answered yet. Choose at least one answer.")
            enter_sheet(patient, scale, answers, once=form_id(request))
            return redirect("scales", patient_id=patient.id)
        except BadAnswers as mistake:
            problem = str(mistake)
    context = {
        "patient": patient,
        "scale": scale,
        "items": list(zip(scale.items, given, strict=True)),
        "problem": problem,
        "source": knowledge.sources()[scale.source],
        "once": form_id(request) or uuid.uuid4(),
    }
    return render(request, "checkin/rate.html", context, status=400 if problem else 200)


@allowed(*CLINICAL)
@require_GET
def alerts(request: StaffRequest) -> HttpResponse:
    everyone = Alert.objects.select_related("patient", "assigned_to", "closed_by", "sheet")
    context = {
        "open": everyone.filter(closed_at__isnull=True),
        "closed": everyone.filter(closed_at__isnull=False).order_by("-closed_at")[:20],
    }
    return render(request, "checkin/alerts.html", context)


@allowed(*DECIDES)
@require_POST
def close_alert(request: StaffRequest, alert_id: str) -> HttpResponse:
    """Closing needs what was done; nothing closes by itself."""
    alert = get_object_or_404(Alert, id=alert_id)
    request.about = str(alert.patient_id)
    did = request.POST.get("done", "").strip()
    if len(did) < 10:
        raise Refused(
            "Write what was done (whom you reached, what was agreed), then the alert can be closed."
        )
    if alert.closed_at is None:
        alert.done, alert.closed_at, alert.closed_by = did, clock.now(), request.user
        alert.save()
        log.append(
            who=request.user.username,
            role=request.user.role,
            action="write",
            what="checkin: alert closed",
            patient=str(alert.patient_id),
            why=did,
        )
    return redirect("alerts")
