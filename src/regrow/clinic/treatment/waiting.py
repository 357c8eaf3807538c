"""Who would come earlier: put on the list at one of their sessions, offered what becomes free, moved when they say yes."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.booking import Span
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import EVERYONE
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed

from .models import Waiting
from .places import MOVES, booking_of, give_up, must_be_open, seat, still_free, tell_booked


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
    """They said yes: the session moves to the place that was offered."""
    waiting = get_object_or_404(Waiting.objects.select_related("booking__course__patient"), id=waiting_id)
    booking = waiting.booking
    request.about = str(booking.course.patient_id)
    if waiting.ended_at or waiting.offer_starts_at is None or waiting.offer_ends_at is None:
        raise Refused("This place is not on offer any more.")
    assert waiting.offer_chair is not None and waiting.offer_nurse is not None  # set with the times
    span = Span(waiting.offer_starts_at, waiting.offer_ends_at)
    must_be_open(booking)
    still_free(waiting.offer_chair.name, waiting.offer_nurse.username, span, without=booking)
    waiting.ended_at, waiting.ended_why = clock.now(), "came earlier"
    waiting.save(update_fields=["ended_at", "ended_why"])
    give_up(booking, "moved")
    made = seat(booking.course, booking.number, waiting.offer_chair, waiting.offer_nurse, span)
    made.save()
    tell_booked(booking.course.patient, [made], f"moved {made.id}")
    return redirect("waiting")


@allowed(*EVERYONE)
@require_GET
def waiting_list(request: StaffRequest) -> HttpResponse:
    rows = Waiting.objects.filter(ended_at__isnull=True).select_related(
        "booking__course__patient", "offer_chair"
    )
    return render(request, "treatment/waiting.html", {"rows": rows})
