"""The public form, the coordinator's board and the outbox."""

import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from regrow.clinic.accounts.roles import DESK
from regrow.clinic.chart.facts import new_patient
from regrow.clinic.checkin.facts import send_intake
from regrow.clinic.site import clock
from regrow.clinic.site.access import allowed, form_id, public

from .carry import hear_inquiry
from .facts import owner_of_new
from .forms import InquiryForm, InterviewTimeForm, TypedInquiryForm
from .models import Contact, Inquiry, Message
from .talks import free_talks


@public
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "frontdesk/home.html")


@public
def write(request: HttpRequest) -> HttpResponse:
    """The public form. Sent twice, it is one inquiry."""
    form = InquiryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        danger = _save(form, "form", form_id(request))
        return redirect("thanks-help" if danger else "thanks")
    return render(request, "frontdesk/write.html", {"form": form}, status=400 if form.errors else 200)


@public
@require_GET
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "frontdesk/thanks.html")


@public
@require_GET
def thanks_help(request: HttpRequest) -> HttpResponse:
    """Help first, for somebody whose words told of danger."""
    return render(request, "frontdesk/thanks.html", {"danger": True})


def _save(form: InquiryForm, channel: str, once: str | None) -> bool:
    """Keeps an inquiry once; whether it tells of danger."""
    data = form.cleaned_data
    inquiry, new = Inquiry.objects.get_or_create(
        id=uuid.UUID(once) if once else uuid.uuid4(),
        defaults={
            "language": get_language() or "en",
            "name": data["name"],
            "contact": data["contact"],
            "message": data["message"],
            "channel": channel,
            "received_at": clock.now(),
            "owner": owner_of_new(),
        },
    )
    return hear_inquiry(inquiry) if new else inquiry.alerts.exists()


@allowed(*DESK)
def inquiries(request: HttpRequest) -> HttpResponse:
    """The board, and the form for what came by text or e-mail."""
    form = TypedInquiryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _save(form, form.cleaned_data["channel"], form_id(request))
        return redirect("inquiries")
    open_ones = Inquiry.objects.filter(closed_at__isnull=True)
    everyone = open_ones.select_related("owner", "patient").order_by("received_at")
    context = {
        "form": form,
        "waiting": [i for i in everyone if i.patient is None],
        "invited": [i for i in everyone if i.patient is not None][-12:],
    }
    return render(request, "frontdesk/inquiries.html", context, status=400 if form.errors else 200)


@allowed(*DESK)
def inquiry(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """One inquiry: set the interview, which opens a chart."""
    found = get_object_or_404(Inquiry, id=inquiry_id)
    free = free_talks()
    given = request.POST if request.method == "POST" else None
    form = InterviewTimeForm(given, free=free, initial={"video_link": found.video_link})
    if request.method == "POST" and form.is_valid():
        if found.patient is None:
            email = found.contact if "@" in found.contact else ""
            found.patient = new_patient(
                name=found.name,
                owner=found.owner,
                email=email,
                phone="" if email else found.contact,
                language=found.language,
            )
            Contact.objects.filter(inquiry=found, patient__isnull=True).update(patient=found.patient)
            Message.objects.filter(contact__inquiry=found, patient__isnull=True).update(patient=found.patient)
        moved = found.interview_at != form.cleaned_data["interview_at"]
        found.interview_at = form.cleaned_data["interview_at"]
        found.interviewer = form.cleaned_data["interviewer"]
        found.video_link = form.cleaned_data["video_link"]
        found.save()
        if moved:
            send_intake(
                found.patient, found.interview_at, key=f"interview {found.id} {found.interview_at:%s}"
            )
        return redirect("inquiry", inquiry_id=found.id)
    context = {
        "inquiry": found,
        "form": form,
        "free": free,
        "interview_min": settings.CLINIC.interview_min,
    }
    return render(request, "frontdesk/inquiry.html", context, status=400 if form.errors else 200)


@allowed(*DESK)
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "frontdesk/outbox.html",
        {"sent": Message.objects.filter(direction="out").select_related("patient")[:100]},
    )
