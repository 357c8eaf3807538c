"""The plan for the days after, shared with a therapist: only with a yes, only the plan, ended at a tap."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regrow import knowledge
from regrow.clinic.accounts.models import ChartRequest
from regrow.clinic.chart.models import Patient
from regrow.clinic.frontdesk.facts import colleague_of, post
from regrow.clinic.post import public_address
from regrow.clinic.site import clock
from regrow.contact import in_words

from .facts import make_link, own_plan
from .links import holds_link
from .models import Link, Sharing


def agreement() -> str:
    """The sentence somebody agrees to, in the language of the page; it is kept with their yes."""
    return _(
        "You may send this person a link to my plan. It shows what I chose for the days after, and no scores. "
        "The e-mail itself says only that somebody shares a plan. I can end this at any time."
    )


@holds_link("page")
def share(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """Names the therapist and says yes; or ends it, and their link with it."""
    patient, problem = link.patient, ""
    standing = Sharing.objects.filter(patient=patient, ended_at__isnull=True).last()
    if request.method == "POST" and request.POST.get("end"):
        if standing:
            _end(standing)
        return redirect("share", token=token)
    name = " ".join(request.POST.get("name", "").split())[:200]
    email = request.POST.get("email", "").strip()[:200]
    if request.method == "POST":
        problem = _begin(patient, standing, name, email, request.POST.get("agree") == "yes")
        if not problem:
            return redirect("share", token=token)
    context = {
        "token": token,
        "standing": standing,
        "agreement": agreement(),
        "problem": problem,
        "name": name,
        "email": email,
    }
    return render(request, "checkin/share.html", context, status=400 if problem else 200)


def _begin(patient: Patient, standing: Sharing | None, name: str, email: str, agrees: bool) -> str:
    """Returns the sentence that says what is missing, or nothing."""
    try:
        validate_email(email)
    except ValidationError:
        return _("Please give their e-mail address.")
    if not name:
        return _("Please give their name.")
    if not agrees:
        return _("Please tick the sentence if you agree.")
    if colleague_of(patient, email) is None:
        return _("We cannot use this address for it. Please ask us.")
    if standing:
        _end(standing)
    made = Sharing.objects.create(
        patient=patient, name=name, email=email.lower(), agreed=agreement(), at=clock.now()
    )
    _send(made)
    return ""


def _end(sharing: Sharing) -> None:
    sharing.ended_at = clock.now()
    sharing.save(update_fields=["ended_at"])
    Link.objects.filter(patient=sharing.patient, purpose="plan", ended_at__isnull=True).update(
        ended_at=clock.now()
    )


def tell_changed(patient: Patient) -> None:
    """The plan was changed: whoever it is shared with gets a fresh link, and the old one ends."""
    standing = Sharing.objects.filter(patient=patient, ended_at__isnull=True).last()
    if standing:
        _send(standing)


def _send(sharing: Sharing) -> None:
    patient = sharing.patient
    contact = colleague_of(patient, sharing.email)
    if contact is None:
        return
    Link.objects.filter(patient=patient, purpose="plan", ended_at__isnull=True).update(ended_at=clock.now())
    made, token = make_link(patient, "plan")
    subject, words = in_words(
        knowledge.messages()["plan-shared"],
        "en",
        clinic=settings.CLINIC.title,
        link=f"{public_address()}/t/{token}/",
    )
    post(
        patient,
        contact,
        subject,
        words,
        kind="answer",
        link=f"/t/{token}/",
        key=f"plan {sharing.id} {made.id}",
    )


@holds_link("plan")
@require_GET
def shared(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """What the therapist reads: the plan and its words, and nothing else of the chart."""
    patient = link.patient
    plan = knowledge.aftercare(language=patient.language)
    chosen = own_plan(patient).get("choices", {})
    context = {
        "patient": patient,
        "plan": plan,
        "steps": [(step, chosen.get(step.id, [])) for step in plan.steps],
    }
    return render(request, "checkin/shared.html", context)
