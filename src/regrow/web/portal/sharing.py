"""Sharing the aftercare plan with a therapist: by permission, the plan only, ended with one tap."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regrow.messaging import render_message
from regrow.web.accounts.api import ChartRequest
from regrow.web.assessments.api import SecureLink, has_link, make_link
from regrow.web.conversations.api import queue_message, therapist_by_address
from regrow.web.gateways.api import public_base_url
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import sent_with

from .aftercare import aftercare_plan
from .forms import SharePlanForm
from .models import PlanShare


def agreement() -> str:
    """Return the permission sentence in the page's language; it is stored with the permission."""
    return _(
        "You may send this person a link to my plan. It shows what I chose for the days after, and no scores. "
        "The email itself says only that a patient shares a plan. I can end this at any time."
    )


@has_link("page")
def share_plan(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Names the therapist and says yes; or ends it, and their link with it."""
    patient = link.patient
    standing = PlanShare.objects.filter(patient=patient, ended_at__isnull=True).last()
    if sent_with(request, "end"):
        if standing:
            _end(standing)
        return redirect("share-plan", token=token)
    form = SharePlanForm(request.POST if request.method == "POST" else None)
    if form.submit(lambda data: _begin(patient, standing, data["name"], data["email"]), field="email"):
        return redirect("share-plan", token=token)
    context = {
        "token": token,
        "standing": standing,
        "agreement": agreement(),
        "form": form,
    }
    return render(request, "portal/share_plan.html", context, status=form.status)


def _begin(patient: Patient, standing: PlanShare | None, name: str, email: str) -> None:
    """Share the plan by a link. Raises `ActionRefused` for an address that is not the therapist's alone."""
    if therapist_by_address(patient, email) is None:
        raise ActionRefused(_("We can't send your plan to this address. Please contact us."))
    if standing:
        _end(standing)
    made = PlanShare.objects.create(
        patient=patient, name=name, email=email.lower(), authorization_text=agreement(), at=clock.now()
    )
    _send(made)


def _end(sharing: PlanShare) -> None:
    sharing.ended_at = clock.now()
    sharing.save(update_fields=["ended_at"])
    SecureLink.objects.filter(patient=sharing.patient, purpose="plan", revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )


def notify_changed(patient: Patient) -> None:
    """Send a fresh link to the therapist after a change of the plan; the old one ends."""
    standing = PlanShare.objects.filter(patient=patient, ended_at__isnull=True).last()
    if standing:
        _send(standing)


def _send(sharing: PlanShare) -> None:
    patient = sharing.patient
    contact = therapist_by_address(patient, sharing.email)
    if contact is None:
        return
    SecureLink.objects.filter(patient=patient, purpose="plan", revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )
    made, token = make_link(patient, "plan")
    subject, words = render_message(
        knowledge.messages()["plan-shared"],
        "en",
        clinic=settings.CLINIC.title,
        link=f"{public_base_url()}/t/{token}/",
    )
    queue_message(
        patient,
        contact,
        subject,
        words,
        kind="answer",
        link=f"/t/{token}/",
        key=f"plan {sharing.id} {made.id}",
    )


@has_link("plan")
@require_GET
def shared_plan(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Show the shared plan, and nothing else of the chart."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    chosen = aftercare_plan(patient).get("choices", {})
    context = {
        "patient": patient,
        "plan": plan,
        "steps": [(step, chosen.get(step.id, [])) for step in plan.steps],
    }
    return render(request, "portal/shared_plan.html", context)
