"""The staff's side: instruments rated or typed in, and alerts that somebody must take."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, DECIDES
from regrow.clinic.audit import log
from regrow.clinic.chart.models import Patient
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed, form_id
from regrow.scales import BadAnswers

from .facts import enter_sheet, finished_sheets, scored
from .models import Alert, AlertStep, AnswerSheet


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
    everyone = Alert.objects.select_related(
        "patient", "inquiry", "assigned_to", "closed_by", "taken_by", "sheet"
    ).prefetch_related("steps__who")
    context = {
        "tries": knowledge.duty().tries,
        "open": everyone.filter(closed_at__isnull=True),
        "closed": everyone.filter(closed_at__isnull=False).order_by("-closed_at")[:20],
    }
    return render(request, "checkin/alerts.html", context)


@allowed(*CLINICAL)
@require_POST
def take_alert(request: StaffRequest, alert_id: str) -> HttpResponse:
    """Somebody says "I have it": the ladder stops, and the alert is theirs."""
    alert = _alert(request, alert_id)
    if alert.closed_at is None and alert.taken_at is None:
        alert.taken_at, alert.taken_by, alert.assigned_to = clock.now(), request.user, request.user
        alert.save(update_fields=["taken_at", "taken_by", "assigned_to"])
        AlertStep.objects.create(alert=alert, kind="took", what="took", who=request.user, at=clock.now())
    return redirect("alerts")


@allowed(*CLINICAL)
@require_POST
def tried_alert(request: StaffRequest, alert_id: str) -> HttpResponse:
    """One way of reaching the person was tried; it stands with its time and name."""
    alert = _alert(request, alert_id)
    tried = next((t for t in knowledge.duty().tries if t.id == request.POST.get("tried")), None)
    if tried is None:
        raise Refused("Choose one of the ways that are offered.")
    AlertStep.objects.create(
        alert=alert, kind="tried", what=tried.id, who=request.user, text=tried.text, at=clock.now()
    )
    return redirect("alerts")


def _alert(request: StaffRequest, alert_id: str) -> Alert:
    alert = get_object_or_404(Alert, id=alert_id)
    request.about = str(alert.patient_id or "")
    return alert


@allowed(*DECIDES)
@require_POST
def close_alert(request: StaffRequest, alert_id: str) -> HttpResponse:
    """Closing needs what was done; nothing closes by itself."""
    alert = _alert(request, alert_id)
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
            patient=str(alert.patient_id or ""),
            why=did,
        )
    return redirect("alerts")
