"""Inquiries: the list, and one inquiry with its intake visit."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.web.accounts.api import DESK
from regrow.web.appointments.api import open_intake_slots
from regrow.web.assessments.api import send_intake_form
from regrow.web.conversations.api import ContactPoint, Inquiry, Message, TypedInquiryForm, save_inquiry
from regrow.web.patients.api import new_patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed, form_id
from regrow.web.platform.database import locked

from .forms import CloseInquiryForm, InterviewTimeForm


@allowed(*DESK)
def inquiries(request: HttpRequest) -> HttpResponse:
    """The board, and the form for what came by text or e-mail."""
    form, once = TypedInquiryForm(request.POST or None), form_id(request)
    if form.submit(lambda data: save_inquiry(form, data["channel"], once)):
        return redirect("inquiries")
    open_ones = Inquiry.objects.filter(closed_at__isnull=True)
    everyone = open_ones.select_related("owner", "patient").order_by("received_at")
    context = {
        "form": form,
        "waiting": [i for i in everyone if i.patient is None],
        "invited": [i for i in everyone if i.patient is not None][-12:],
    }
    return render(request, "staff/inquiries.html", context, status=form.status)


@allowed(*DESK)
def inquiry(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """Show one inquiry; scheduling its intake visit creates a chart."""
    found = get_object_or_404(Inquiry, id=inquiry_id)
    form = _time_form(found, request.POST if request.method == "POST" else None)
    if form.submit(lambda data: _schedule(found, data)):
        return redirect("inquiry", inquiry_id=found.id)
    return _page(request, found, form, CloseInquiryForm())


@allowed(*DESK)
@require_POST
def close_inquiry(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    """An inquiry that goes no further is closed with the reason."""
    found = get_object_or_404(Inquiry, id=inquiry_id)
    form = CloseInquiryForm(request.POST)
    if form.submit(lambda data: _close(found, data["why"])):
        return redirect("inquiries")
    return _page(request, found, _time_form(found, None), form)


def _close(found: Inquiry, why: str) -> None:
    found = locked(found)
    if found.closed_at is not None:
        raise ActionRefused(f"This inquiry was closed before: “{found.close_reason}”")
    found.closed_at, found.close_reason = clock.now(), why
    found.save(update_fields=["closed_at", "close_reason"])


def _time_form(found: Inquiry, post: QueryDict | None) -> InterviewTimeForm:
    return InterviewTimeForm(post, free=open_intake_slots(), initial={"video_link": found.video_link})


def _page(
    request: HttpRequest, found: Inquiry, form: InterviewTimeForm, closing: CloseInquiryForm
) -> HttpResponse:
    context = {
        "inquiry": found,
        "form": form,
        "closing": closing,
        "free": form.free.values(),
        "interview_min": settings.CLINIC.interview_min,
    }
    return render(request, "staff/inquiry.html", context, status=max(form.status, closing.status))


def _schedule(found: Inquiry, data: Mapping[str, Any]) -> None:
    """Set the time of the consultation; a first one opens a chart. The intake form is sent when the time changes."""
    found = locked(found)  # a second person at the same time must not open a second chart
    if found.closed_at is not None:
        raise ActionRefused(f"This inquiry is closed: “{found.close_reason}” Nothing was scheduled.")
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
    moved = found.interview_at != data["interview_at"]
    found.interview_at = data["interview_at"]
    found.interviewer = data["interviewer"]
    found.video_link = data["video_link"]
    found.save()
    if moved:
        send_intake_form(
            found.patient, found.interview_at, key=f"interview {found.id} {found.interview_at:%s}"
        )


@allowed(*DESK)
@require_GET
def sent_messages(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "staff/sent_messages.html",
        {"sent": Message.objects.filter(direction="out").select_related("patient")[:100]},
    )
