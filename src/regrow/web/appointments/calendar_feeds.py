"""Calendar feeds for a staff member and for a chair. They hold times and places, no names and no reasons."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from regrow.web.platform import clock
from regrow.web.platform.access import by_link

from .models import Appointment


def feed_url(kind: str, id: str) -> str:
    """Return the URL of a feed, always the same one; it is valid as long as the site's secret key."""
    return reverse("feed", args=[_signer().sign_object([kind, id])])


def _signer() -> signing.Signer:
    return signing.Signer(salt="feed")


@by_link
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    import icalendar

    try:
        kind, id = _signer().unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    since = clock.now() - timedelta(days=30)
    appointments = Appointment.objects.filter(canceled_at__isnull=True, starts_at__gte=since).select_related(
        "chair"
    )
    appointments = (
        appointments.filter(course__patient_id=id) if kind == "person" else appointments.filter(chair_id=id)
    )
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Regrow//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", settings.CLINIC.title)
    for b in appointments.order_by("starts_at"):
        event = icalendar.Event()
        event.add("uid", f"{b.id}@regrow")
        event.add("dtstamp", clock.now())
        event.add("dtstart", b.starts_at)
        event.add("dtend", b.ends_at)
        event.add("summary", f"Appointment, {settings.CLINIC.title}" if kind == "person" else b.chair.name)
        event.add("location", ", ".join(settings.CLINIC.address))
        calendar.add_component(event)
    answer = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=600"
    return answer
