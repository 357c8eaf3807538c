"""Staff pages for safety alerts: acknowledge, record attempts, resolve."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.knowledge.kinds.duty import OutreachAttempt
from regrow.web.accounts.api import CLINICAL, DECIDES, StaffRequest
from regrow.web.audit import api as audit
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import locked
from regrow.web.platform.forms import ServiceForm

from .forms import AttemptForm, ResolveAlertForm
from .models import AlertEvent, SafetyAlert


@allowed(*CLINICAL)
@require_GET
def alerts(request: StaffRequest) -> HttpResponse:
    return _page(request)


def _page(request: StaffRequest, failed: ServiceForm | None = None, alert_id: object = None) -> HttpResponse:
    """Every alert. `failed` is the form that could not be saved, of the alert `alert_id`."""
    everyone = SafetyAlert.objects.select_related(
        "patient", "inquiry", "assigned_to", "resolved_by", "acknowledged_by"
    ).prefetch_related("steps__staff")
    resolving = failed if isinstance(failed, ResolveAlertForm) else None
    context = {
        "tries": knowledge.duty().tries,
        "open": [
            (a, resolving if resolving and a.id == alert_id else ResolveAlertForm(auto_id=f"{a.id}-%s"))
            for a in everyone.filter(resolved_at__isnull=True)
        ],
        "closed": everyone.filter(resolved_at__isnull=False).order_by("-resolved_at")[:20],
        "failed": failed,
    }
    return render(request, "alerts/alerts.html", context, status=failed.status if failed else 200)


@allowed(*CLINICAL)
@require_POST
def acknowledge_alert(request: StaffRequest, alert_id: str) -> HttpResponse:
    """Acknowledge an alert: escalation stops and the alert is assigned to the user."""
    alert = locked(_alert(request, alert_id))
    if alert.acknowledged_by is not None and alert.acknowledged_by != request.user:
        raise ActionRefused(f"{alert.acknowledged_by.shown_name} acknowledged this alert first.")
    if alert.resolved_at is None and alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by, alert.assigned_to = (
            clock.now(),
            request.user,
            request.user,
        )
        alert.save(update_fields=["acknowledged_at", "acknowledged_by", "assigned_to"])
        AlertEvent.objects.create(
            alert=alert, kind="acknowledged", step="acknowledged", staff=request.user, at=clock.now()
        )
    return redirect("alerts")


@allowed(*CLINICAL)
@require_POST
def record_attempt(request: StaffRequest, alert_id: str) -> HttpResponse:
    """Record an outreach attempt with its time and staff member."""
    alert = _alert(request, alert_id)
    form = AttemptForm(request.POST)
    if form.submit(lambda data: _attempted(request, alert, form.tries[data["attempt"]])):
        return redirect("alerts")
    return _page(request, form, alert.id)


def _attempted(request: StaffRequest, alert: SafetyAlert, tried: OutreachAttempt) -> None:
    AlertEvent.objects.create(
        alert=alert, kind="attempted", step=tried.id, staff=request.user, text=tried.text, at=clock.now()
    )


def _alert(request: StaffRequest, alert_id: str) -> SafetyAlert:
    alert = get_object_or_404(SafetyAlert, id=alert_id)
    request.about = str(alert.patient_id or "")
    return alert


@allowed(*DECIDES)
@require_POST
def resolve_alert(request: StaffRequest, alert_id: str) -> HttpResponse:
    """Resolve an alert. A resolution is required."""
    alert = _alert(request, alert_id)
    form = ResolveAlertForm(request.POST, auto_id=f"{alert.id}-%s")
    if form.submit(lambda data: _resolve(request, alert, data["done"])):
        return redirect("alerts")
    return _page(request, form, alert.id)


def _resolve(request: StaffRequest, alert: SafetyAlert, did: str) -> None:
    alert = locked(alert)
    if alert.resolved_by is not None and alert.resolved_by != request.user:
        raise ActionRefused(
            f"{alert.resolved_by.shown_name} resolved this alert first: “{alert.resolution}” "
            "Write what you did in the chart."
        )
    if alert.resolved_at is None:
        alert.resolution, alert.resolved_at, alert.resolved_by = did, clock.now(), request.user
        alert.save()
        audit.append(
            who=request.user.username,
            role=request.user.role,
            action="write",
            what="alerts: alert resolved",
            patient=str(alert.patient_id or ""),
            why=did,
        )
