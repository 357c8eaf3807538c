"""Sharing the aftercare plan with a therapist: by permission, the plan only, ended with one tap."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regrow import knowledge
from regrow.messaging import render_message
from regrow.web.accounts.api import ChartRequest
from regrow.web.assessments.api import SecureLink, has_link, make_link
from regrow.web.conversations.api import queue_message, therapist_by_address
from regrow.web.gateways.api import public_base_url
from regrow.web.patients.api import Patient
from regrow.web.platform import clock

from .aftercare import aftercare_plan
from .models import PlanShare


def agreement() -> str:
    """Return the permission sentence in the page's language; it is stored with the permission."""
    return _(
        "You may send this person a link to my plan. It shows what I chose for the days after, and no scores. "
        "The email itself says only that a patient shares a plan. I can end this at any time."
    )


@has_link("page")
def share_plan(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Grant the permission, or end it and its link."""
    patient, problem = link.patient, ""
    standing = PlanShare.objects.filter(patient=patient, ended_at__isnull=True).last()
    if request.method == "POST" and request.POST.get("end"):
        if standing:
            _end(standing)
        return redirect("share-plan", token=token)
    name = " ".join(request.POST.get("name", "").split())[:200]
    email = request.POST.get("email", "").strip()[:200]
    if request.method == "POST":
        problem = _begin(patient, standing, name, email, request.POST.get("agree") == "yes")
        if not problem:
            return redirect("share-plan", token=token)
    context = {
        "token": token,
        "standing": standing,
        "agreement": agreement(),
        "problem": problem,
        "name": name,
        "email": email,
    }
    return render(request, "portal/share_plan.html", context, status=400 if problem else 200)


def _begin(patient: Patient, standing: PlanShare | None, name: str, email: str, agrees: bool) -> str:
    """Start sharing. Returns the error sentence, or ""."""
    try:
        validate_email(email)
    except ValidationError:
        return _("Enter your therapist's email address.")
    if not name:
        return _("Enter your therapist's name.")
    if not agrees:
        return _("Please tick the sentence if you agree.")
    if therapist_by_address(patient, email) is None:
        return _("We cannot use this address for it. Please ask us.")
    if standing:
        _end(standing)
    made = PlanShare.objects.create(
        patient=patient, name=name, email=email.lower(), authorization_text=agreement(), at=clock.now()
    )
    _send(made)
    return ""


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
