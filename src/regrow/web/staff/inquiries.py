"""Inquiries: the list, and one inquiry with its intake visit."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import DESK
from regrow.web.appointments.api import open_intake_slots
from regrow.web.assessments.api import send_intake_form
from regrow.web.conversations.api import ContactPoint, Inquiry, Message, TypedInquiryForm, save_inquiry
from regrow.web.patients.api import new_patient
from regrow.web.platform.access import allowed, form_id

from .forms import InterviewTimeForm


@allowed(*DESK)
def inquiries(request: HttpRequest) -> HttpResponse:
    """List inquiries, with a form for those by text, email or phone."""
    form = TypedInquiryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        save_inquiry(form, form.cleaned_data["channel"], form_id(request))
        return redirect("inquiries")
    open_ones = Inquiry.objects.filter(closed_at__isnull=True)
    everyone = open_ones.select_related("owner", "patient").order_by("received_at")
    context = {
        "form": form,
        "waiting": [i for i in everyone if i.patient is None],
        "invited": [i for i in everyone if i.patient is not None][-12:],
    }
    return render(request, "staff/inquiries.html", context, status=400 if form.errors else 200)


@allowed(*DESK)
def inquiry(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """Show one inquiry; scheduling its intake visit creates a chart."""
    found = get_object_or_404(Inquiry, id=inquiry_id)
    free = open_intake_slots()
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
            ContactPoint.objects.filter(inquiry=found, patient__isnull=True).update(patient=found.patient)
            Message.objects.filter(contact__inquiry=found, patient__isnull=True).update(patient=found.patient)
        moved = found.interview_at != form.cleaned_data["interview_at"]
        found.interview_at = form.cleaned_data["interview_at"]
        found.interviewer = form.cleaned_data["interviewer"]
        found.video_link = form.cleaned_data["video_link"]
        found.save()
        if moved:
            send_intake_form(
                found.patient, found.interview_at, key=f"interview {found.id} {found.interview_at:%s}"
            )
        return redirect("inquiry", inquiry_id=found.id)
    context = {
        "inquiry": found,
        "form": form,
        "free": free,
        "interview_min": settings.CLINIC.interview_min,
    }
    return render(request, "staff/inquiry.html", context, status=400 if form.errors else 200)


@allowed(*DESK)
@require_GET
def sent_messages(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "staff/sent_messages.html",
        {"sent": Message.objects.filter(direction="out").select_related("patient")[:100]},
    )
