"""Waitlist: add or remove a patient, and accept or decline an offer on their behalf."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.web.accounts.api import EVERYONE, StaffRequest
from regrow.web.platform import clock
from regrow.web.platform.access import allowed

from .models import WaitlistEntry
from .offers import MAY_RESCHEDULE, accept_offer, appointment_from, decline_offer, ensure_open


@allowed(*MAY_RESCHEDULE)
@require_POST
def set_waitlist(request: StaffRequest, appointment_id: str) -> HttpResponse:
    """Add a patient to the waitlist, or remove them."""
    appointment = appointment_from(request, appointment_id)
    ensure_open(appointment)
    standing = appointment.waiting.filter(ended_at__isnull=True)
    if request.POST.get("wait") == "no":
        standing.update(ended_at=clock.now(), ended_why="removed from the waitlist")
    elif not standing.exists():
        WaitlistEntry.objects.create(appointment=appointment, joined_at=clock.now())
    return redirect("appointment-options", appointment_id=appointment.id)


@allowed(*MAY_RESCHEDULE)
@require_POST
def respond_to_offer(request: StaffRequest, waiting_id: int) -> HttpResponse:
    """Accept the offered slot, which reschedules the session; or decline, which offers it to the next."""
    waiting = get_object_or_404(
        WaitlistEntry.objects.select_related("appointment__course__patient"), id=waiting_id
    )
    request.about = str(waiting.appointment.course.patient_id)
    if request.POST.get("answer") == "no":
        decline_offer(waiting)
    else:
        accept_offer(waiting)
    return redirect("waitlist")


@allowed(*EVERYONE)
@require_GET
def waitlist(request: StaffRequest) -> HttpResponse:
    rows = WaitlistEntry.objects.filter(ended_at__isnull=True).select_related(
        "appointment__course__patient", "offer_chair"
    )
    return render(request, "appointments/waitlist.html", {"rows": rows})
