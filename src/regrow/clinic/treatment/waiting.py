"""Who would come earlier: put on the list at one of their sessions, offered what becomes free, moved when they say yes."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import EVERYONE
from regrow.clinic.site import clock
from regrow.clinic.site.access import allowed

from .models import Waiting
from .places import MOVES, booking_of, decline_place, must_be_open, take_place


@allowed(*MOVES)
@require_POST
def wait(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Puts somebody on the list of those who would come earlier, or takes them off it."""
    booking = booking_of(request, booking_id)
    must_be_open(booking)
    standing = booking.waiting.filter(ended_at__isnull=True)
    if request.POST.get("wait") == "no":
        standing.update(ended_at=clock.now(), ended_why="does not wait any more")
    elif not standing.exists():
        Waiting.objects.create(booking=booking, since=clock.now())
    return redirect("session-times", booking_id=booking.id)


@allowed(*MOVES)
@require_POST
def take_offer(request: StaffRequest, waiting_id: int) -> HttpResponse:
    """They said yes, and the session moves to the place that was offered; or no, and it is offered on."""
    waiting = get_object_or_404(Waiting.objects.select_related("booking__course__patient"), id=waiting_id)
    request.about = str(waiting.booking.course.patient_id)
    if request.POST.get("answer") == "no":
        decline_place(waiting)
    else:
        take_place(waiting)
    return redirect("waiting")


@allowed(*EVERYONE)
@require_GET
def waiting_list(request: StaffRequest) -> HttpResponse:
    rows = Waiting.objects.filter(ended_at__isnull=True).select_related(
        "booking__course__patient", "offer_chair"
    )
    return render(request, "treatment/waiting.html", {"rows": rows})
