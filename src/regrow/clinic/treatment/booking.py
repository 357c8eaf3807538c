"""Booking at the desk: the three best ways for a series, one session moved, called off or missed, who waits for a place,
shifts, and calendar feeds.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.booking import NoRoom, Plan, Span, best_three
from regrow.clinic.accounts.models import StaffRequest, User
from regrow.clinic.accounts.roles import DECIDES, EVERYONE, Role
from regrow.clinic.chart.models import Patient
from regrow.clinic.checkin.facts import day_words, send_page_link
from regrow.clinic.frontdesk.facts import zone_of
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed, by_link

from .facts import current_course, next_booking, protocol_of, signature_in_force
from .house import house, need_of, need_one, zone
from .models import WEEKDAYS, Away, Booking, Chair, Course, Shift, Signature, Waiting

BOOKS = (*DECIDES, Role.COORDINATOR)
MOVES = (*DECIDES, Role.COORDINATOR, Role.FRONT_DESK, Role.NURSE)
LOOK_DAYS = 28
PARTS = {"any": None, "morning": time(9, 30), "noon": time(12), "afternoon": time(15)}


class SeriesForm(forms.Form):
    """What the person can do. The weekdays left empty mean any."""

    protocol = forms.ChoiceField(label="Protocol")
    begin = forms.DateField(label="Not before", widget=forms.DateInput(attrs={"type": "date"}))
    part = forms.ChoiceField(
        label="Best time of day",
        choices=[("any", "Any"), ("morning", "Morning"), ("noon", "Around noon"), ("afternoon", "Afternoon")],
    )
    weekdays = forms.MultipleChoiceField(
        label="Can come on",
        required=False,
        choices=[(str(n), name) for n, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label="Authorised until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave empty where no authorisation is needed",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signed = [id for id in knowledge.ids("protocol") if signature_in_force(id)]
        choices = [(id, knowledge.protocol(id).title) for id in signed]
        self.fields["protocol"] = forms.ChoiceField(choices=choices, label="Protocol")


@allowed(*BOOKS)
@require_GET
def find(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The three best ways to place a whole series, to be booked in one act."""
    patient = get_object_or_404(Patient, id=patient_id)
    asked = "protocol" in request.GET
    tomorrow = clock.today(zone()) + timedelta(days=1)
    form = SeriesForm(request.GET if asked else None, initial={"begin": tomorrow, "part": "any"})
    ways, problem = list[Plan](), ""
    if asked and form.is_valid():
        try:
            ways = list(_ways(form))
        except NoRoom as reason:
            problem = str(reason)
    context = {
        "patient": patient,
        "form": form,
        "ways": [(w, _day_words(w), signing.dumps(_kept(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": {u.username: u.shown_name for u in User.objects.filter(role=Role.NURSE)},
        "course": current_course(patient),
    }
    return render(request, "treatment/find.html", context, status=400 if form.errors else 200)


def _ways(form: SeriesForm) -> Sequence[Plan]:
    data = form.cleaned_data
    signature = _signed(data["protocol"])
    protocol = knowledge.protocol(data["protocol"])
    first = max(data["begin"], clock.today(zone()))
    earliest = max(datetime.combine(first, time(), tzinfo=zone()).astimezone(UTC), clock.now())
    wanted = {int(n) for n in data["weekdays"]}

    def may(span: Span) -> bool:
        return span.start.astimezone(zone()).weekday() in wanted

    need = need_of(
        protocol,
        signature.limits,
        earliest,
        until=data["until"],
        prefers=PARTS[data["part"]],
        may=may if wanted else None,
    )
    return best_three(
        need, house(first, LOOK_DAYS + need.visits[-1].days[-1] + 2), zone(), first_days=LOOK_DAYS
    )


def _signed(protocol_id: str) -> Signature:
    signature = signature_in_force(protocol_id)
    if signature is None:
        raise Refused(
            f"{knowledge.protocol(protocol_id).title} has no signed limits, so it cannot be used. "
            "The medical director can sign it under Protocols."
        )
    return signature


def _kept(way: Plan) -> list[list[Any]]:
    return [
        [s.number, s.chair, s.nurse, s.span.start.isoformat(), s.span.end.isoformat()] for s in way.sittings
    ]


def _day_words(way: Plan) -> str:
    """Tuesdays at 10:00, or the days of a series that has two a week."""
    starts = [s.span.start.astimezone(zone()) for s in way.sittings]
    days = list(dict.fromkeys(f"{WEEKDAYS[s.weekday()]}s" for s in starts))
    return f"{' and '.join(days)} at {starts[0]:%H:%M}"


@allowed(*BOOKS)
@require_POST
def book_way(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Books one of the ways that were shown, whole. Whatever was taken meanwhile is said, and nothing is booked."""
    patient = get_object_or_404(Patient, id=patient_id)
    existing = current_course(patient)
    if existing and next_booking(existing):
        return redirect("chart", patient_id=patient.id)  # a second click finds the series booked
    try:
        kept = signing.loads(request.POST.get("way", ""), salt="ways", max_age=3600)
    except signing.BadSignature as error:
        raise Refused("These times were shown too long ago. Look for times again.") from error
    signature = _signed(request.POST.get("protocol", ""))
    for _, chair, nurse, start, end in kept:
        _still_free(chair, nurse, Span(datetime.fromisoformat(start), datetime.fromisoformat(end)))
    course = Course.objects.create(
        patient=patient, signature=signature, planned_by=request.user, planned_at=clock.now()
    )
    chairs = {c.name: c for c in Chair.objects.all()}
    nurses = {u.username: u for u in User.objects.filter(role=Role.NURSE)}
    made = Booking.objects.bulk_create(
        Booking(
            course=course,
            number=number,
            chair=chairs[chair],
            nurse=nurses[nurse],
            starts_at=datetime.fromisoformat(start),
            ends_at=datetime.fromisoformat(end),
        )
        for number, chair, nurse, start, end in kept
    )
    tell_booked(patient, made, f"series {course.id}")
    return redirect("chart", patient_id=patient.id)


def _still_free(chair: str, nurse: str, span: Span, *, without: Booking | None = None) -> None:
    beside = Booking.objects.filter(off_at__isnull=True, starts_at__lt=span.end, ends_at__gt=span.start)
    if without is not None:
        beside = beside.exclude(id=without.id)
    per_nurse = settings.CLINIC.patients_per_nurse
    if beside.filter(chair__name=chair).exists() or beside.filter(nurse__username=nurse).count() >= per_nurse:
        local = span.start.astimezone(zone())
        raise Refused(
            f"{local:%a %-d %b, %H:%M} was taken meanwhile; nothing was booked. Look for times again."
        )


def tell_booked(patient: Patient, bookings: Sequence[Booking], key: str) -> None:
    """The person learns the first time at once; the rest stands on their own page."""
    local = bookings[0].starts_at.astimezone(zone_of(patient))
    send_page_link(
        patient,
        message="booked",
        key=key,
        day=day_words(local, patient.language),
        time=f"{local:%H:%M}",
    )


# One session


def _booking(request: StaffRequest, booking_id: str) -> Booking:
    booking = get_object_or_404(
        Booking.objects.select_related("course__patient", "course__signature", "chair", "nurse"),
        id=booking_id,
    )
    request.about = str(booking.course.patient_id)
    return booking


def _open(booking: Booking) -> None:
    if booking.off_at is not None:
        raise Refused("This session was called off already.")
    if getattr(booking, "session", None) is not None:
        raise Refused("This session has been opened at the chair. Close it there.")


@allowed(*MOVES)
@require_GET
def session_times(request: StaffRequest, booking_id: str) -> HttpResponse:
    """The three best other times for one session."""
    booking = _booking(request, booking_id)
    _open(booking)
    ways, problem = list[Plan](), ""
    try:
        earliest = max(clock.now(), booking.starts_at - timedelta(days=3))
        first = earliest.astimezone(zone()).date()
        prefers = booking.starts_at.astimezone(zone()).time()
        need = need_one(booking.course, booking.number, protocol_of(booking.course), earliest, prefers)
        ways = list(best_three(need, house(first, 16, without=booking), zone(), first_days=14))
    except NoRoom as reason:
        problem = str(reason)
    context = {
        "patient": booking.course.patient,
        "booking": booking,
        "ways": [(w.sittings[0], signing.dumps(_kept(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": {u.username: u.shown_name for u in User.objects.filter(role=Role.NURSE)},
        "waiting": booking.waiting.filter(ended_at__isnull=True).first(),
    }
    return render(request, "treatment/session_times.html", context)


@allowed(*MOVES)
@require_POST
def move(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Another time for one session. The old one stays on record as moved."""
    booking = _booking(request, booking_id)
    _open(booking)
    try:
        ((_number, chair, nurse, start, end),) = signing.loads(
            request.POST.get("way", ""), salt="ways", max_age=3600
        )
    except (signing.BadSignature, ValueError) as error:
        raise Refused("This time was shown too long ago. Look for times again.") from error
    span = Span(datetime.fromisoformat(start), datetime.fromisoformat(end))
    _still_free(chair, nurse, span, without=booking)
    _off(booking, "moved")
    made = Booking.objects.create(
        course=booking.course,
        number=booking.number,
        chair=Chair.objects.get(name=chair),
        nurse=User.objects.get(username=nurse),
        starts_at=span.start,
        ends_at=span.end,
    )
    tell_booked(booking.course.patient, [made], f"moved {made.id}")
    return redirect("chart", patient_id=booking.course.patient_id)


@allowed(*MOVES)
@require_POST
def call_off(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Called off or missed, with the reason. The place is free at once, and whoever waits is offered it."""
    booking = _booking(request, booking_id)
    _open(booking)
    why = request.POST.get("why", "").strip()
    if len(why) < 3:
        raise Refused("Say why in a word or two, such as “ill” or “did not come”.")
    _off(booking, why)
    return redirect("chart", patient_id=booking.course.patient_id)


def _off(booking: Booking, why: str) -> None:
    booking.off_at, booking.off_why = clock.now(), why[:300]
    booking.save(update_fields=["off_at", "off_why"])
    Course.objects.filter(id=booking.course_id).update(look_again_at=clock.now())
    booking.waiting.filter(ended_at__isnull=True).update(
        ended_at=clock.now(), ended_why="moved or called off"
    )
    if booking.starts_at > clock.now():
        offer_freed(booking)


# One session more, after the series


NOT_FINISHED = "A booster comes after a series. This person has none that is finished."


def _finished(patient: Patient) -> Course | None:
    course = current_course(patient)
    return None if course is None or next_booking(course) else course


@allowed(*BOOKS)
def booster(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Times for a booster in the days from `begin` on; posted, the chosen one is booked."""
    patient = get_object_or_404(Patient, id=patient_id)
    course = _finished(patient)
    if course is None:
        if request.method == "POST":
            raise Refused(NOT_FINISHED)
        return render(request, "treatment/booster.html", {"patient": patient, "problem": NOT_FINISHED})
    last = course.bookings.filter(off_at__isnull=True).order_by("-number").first()
    number = last.number + 1 if last else 1
    if request.method == "POST":
        return _book_booster(request, patient, course, number)
    form = BoosterForm(request.GET if "begin" in request.GET else None, initial={"begin": _tomorrow()})
    first = form.cleaned_data["begin"] if form.is_valid() else _tomorrow()
    ways, problem = list[Plan](), ""
    try:
        earliest = max(datetime.combine(first, time(), tzinfo=zone()).astimezone(UTC), clock.now())
        need = need_one(course, number, protocol_of(course), earliest)
        ways = list(best_three(need, house(earliest.astimezone(zone()).date(), 16), zone(), first_days=14))
    except NoRoom as reason:
        problem = str(reason)
    context = {
        "patient": patient,
        "form": form,
        "number": number,
        "ways": [(w.sittings[0], signing.dumps(_kept(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": {u.username: u.shown_name for u in User.objects.filter(role=Role.NURSE)},
    }
    return render(request, "treatment/booster.html", context, status=400 if form.errors else 200)


class BoosterForm(forms.Form):
    begin = forms.DateField(label="Not before", widget=forms.DateInput(attrs={"type": "date"}))


def _tomorrow() -> date:
    return clock.today(zone()) + timedelta(days=1)


def _book_booster(request: StaffRequest, patient: Patient, course: Course, number: int) -> HttpResponse:
    try:
        ((_number, chair, nurse, start, end),) = signing.loads(
            request.POST.get("way", ""), salt="ways", max_age=3600
        )
    except (signing.BadSignature, ValueError) as error:
        raise Refused("This time was shown too long ago. Look for times again.") from error
    span = Span(datetime.fromisoformat(start), datetime.fromisoformat(end))
    _still_free(chair, nurse, span)
    made = Booking.objects.create(
        course=course,
        number=number,
        chair=Chair.objects.get(name=chair),
        nurse=User.objects.get(username=nurse),
        starts_at=span.start,
        ends_at=span.end,
    )
    Course.objects.filter(id=course.id).update(look_again_at=clock.now())
    tell_booked(patient, [made], f"booster {made.id}")
    return redirect("chart", patient_id=patient.id)


# Who waits for an earlier place


@allowed(*MOVES)
@require_POST
def wait(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Puts somebody on the list of those who would come earlier, or takes them off it."""
    booking = _booking(request, booking_id)
    _open(booking)
    standing = booking.waiting.filter(ended_at__isnull=True)
    if request.POST.get("wait") == "no":
        standing.update(ended_at=clock.now(), ended_why="does not wait any more")
    elif not standing.exists():
        Waiting.objects.create(booking=booking, since=clock.now())
    return redirect("session-times", booking_id=booking.id)


def offer_freed(freed: Booking) -> Waiting | None:
    """Offers a place that has become free to whoever has waited longest and fits it. They answer by text, or a person asks."""
    for waiting in Waiting.objects.filter(ended_at__isnull=True).select_related(
        "booking__course__patient", "booking__course__signature"
    ):
        booking = waiting.booking
        if booking.off_at or booking.starts_at <= freed.starts_at or waiting.offered_at:
            continue
        need = need_one(booking.course, booking.number, protocol_of(booking.course), freed.starts_at)
        span = Span(freed.starts_at, freed.starts_at + timedelta(minutes=need.minutes))
        last = booking.course.bookings.filter(off_at__isnull=True, number=booking.number - 1).first()
        if span.end > freed.ends_at or (last and last.starts_at + timedelta(days=1) > span.start):
            continue
        waiting.offered_at = clock.now()
        waiting.offer_chair, waiting.offer_nurse = freed.chair, freed.nurse
        waiting.offer_starts_at, waiting.offer_ends_at = span.start, span.end
        waiting.save()
        patient = booking.course.patient
        local = span.start.astimezone(zone_of(patient))
        send_page_link(
            patient,
            message="earlier-place",
            key=f"offer {waiting.id} {span.start.isoformat()}",
            day=day_words(local, patient.language),
            time=f"{local:%H:%M}",
        )
        return waiting
    return None


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
    _open(booking)
    _still_free(waiting.offer_chair.name, waiting.offer_nurse.username, span, without=booking)
    waiting.ended_at, waiting.ended_why = clock.now(), "came earlier"
    waiting.save(update_fields=["ended_at", "ended_why"])
    _off(booking, "moved")
    made = Booking.objects.create(
        course=booking.course,
        number=booking.number,
        chair=waiting.offer_chair,
        nurse=waiting.offer_nurse,
        starts_at=span.start,
        ends_at=span.end,
    )
    tell_booked(booking.course.patient, [made], f"moved {made.id}")
    return redirect("waiting")


@allowed(*EVERYONE)
@require_GET
def waiting_list(request: StaffRequest) -> HttpResponse:
    rows = Waiting.objects.filter(ended_at__isnull=True).select_related(
        "booking__course__patient", "offer_chair"
    )
    return render(request, "treatment/waiting.html", {"rows": rows})


# Shifts


class ShiftForm(forms.Form):
    who = forms.ModelChoiceField(User.objects.filter(is_active=True), label="Who")
    weekday = forms.TypedChoiceField(label="Weekday", coerce=int, choices=list(enumerate(WEEKDAYS)))
    from_time = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    to_time = forms.TimeField(label="To", widget=forms.TimeInput(attrs={"type": "time"}))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("from_time") and data.get("to_time") and data["from_time"] >= data["to_time"]:
            raise forms.ValidationError("A shift ends after it begins.")
        return data


@allowed(Role.COORDINATOR, Role.DIRECTOR)
def shifts(request: StaffRequest) -> HttpResponse:
    """Who is in the house on which weekday. Who has no shift here counts as in while the clinic is open."""
    form = ShiftForm(request.POST or None)
    if request.method == "POST" and request.POST.get("end"):
        Shift.objects.filter(id=request.POST["end"]).delete()
        return redirect("shifts")
    if request.method == "POST" and form.is_valid():
        Shift.objects.get_or_create(**form.cleaned_data)
        return redirect("shifts")
    context = {
        "form": form,
        "rows": Shift.objects.select_related("who"),
        "away": Away.objects.filter(to_at__gte=clock.now()).select_related("who"),
    }
    return render(request, "treatment/shifts.html", context, status=400 if form.errors else 200)


# Calendar feeds: for a person and for a chair. They carry times and places, never a name or what it is for.


def feed_address(kind: str, id: str) -> str:
    """The address of a feed; it holds as long as the site's own secret does."""
    return reverse("feed", args=[signing.dumps([kind, id], salt="feed")])


@by_link
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    import icalendar

    try:
        kind, id = signing.loads(token, salt="feed")
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    since = clock.now() - timedelta(days=30)
    bookings = Booking.objects.filter(off_at__isnull=True, starts_at__gte=since).select_related("chair")
    bookings = bookings.filter(course__patient_id=id) if kind == "person" else bookings.filter(chair_id=id)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Regrow//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", settings.CLINIC.title)
    for b in bookings.order_by("starts_at"):
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
