"""Waitlist: add or remove a patient, and accept or decline an offer on their behalf."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.web.accounts.api import EVERYONE, StaffRequest
from regrow.web.platform import clock
from regrow.web.platform.access import allowed
from regrow.web.platform.forms import ServiceForm

from .forms import OfferResponseForm, WaitlistForm
from .models import Appointment, WaitlistEntry
from .offers import MAY_RESCHEDULE, accept_offer, appointment_from, decline_offer, ensure_open
from .rescheduling import options_page


@allowed(*MAY_RESCHEDULE)
@require_POST
def set_waitlist(request: StaffRequest, appointment_id: str) -> HttpResponse:
    """Add a patient to the waitlist, or remove them."""
    appointment = appointment_from(request, appointment_id)
    form = WaitlistForm(request.POST)
    if form.submit(lambda data: _set(appointment, data["wait"] == "yes")):
        return redirect("appointment-options", appointment_id=appointment.id)
    return options_page(request, appointment, failed=form)


def _set(appointment: Appointment, waits: bool) -> None:
    ensure_open(appointment)
    standing = appointment.waiting.filter(ended_at__isnull=True)
    if not waits:
        standing.update(ended_at=clock.now(), ended_why="does not wait any more")
    elif not standing.exists():
        WaitlistEntry.objects.create(appointment=appointment, joined_at=clock.now())


@allowed(*MAY_RESCHEDULE)
@require_POST
def respond_to_offer(request: StaffRequest, waiting_id: int) -> HttpResponse:
    """Accept the offered slot, which reschedules the session; or decline, which offers it to the next."""
    waiting = get_object_or_404(
        WaitlistEntry.objects.select_related("appointment__course__patient"), id=waiting_id
    )
    request.about = str(waiting.appointment.course.patient_id)
    form = OfferResponseForm(request.POST)
    if form.submit(lambda data: accept_offer(waiting) if data["answer"] == "yes" else decline_offer(waiting)):
        return redirect("waitlist")
    return _page(request, form)


@allowed(*EVERYONE)
@require_GET
def waitlist(request: StaffRequest) -> HttpResponse:
    return _page(request)


def _page(request: StaffRequest, failed: ServiceForm | None = None) -> HttpResponse:
    rows = WaitlistEntry.objects.filter(ended_at__isnull=True).select_related(
        "appointment__course__patient", "offer_chair"
    )
    context = {"rows": rows, "failed": failed}
    return render(request, "appointments/waitlist.html", context, status=failed.status if failed else 200)
