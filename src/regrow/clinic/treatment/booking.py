"""A whole series booked in one act: the three best ways are shown, and one of them is taken."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.booking import NoRoom, Plan, Span, best_three
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.chart.models import Patient
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed

from .calendar import place_of
from .facts import current_course, next_booking, signature_in_force
from .house import house, need_of, zone
from .models import WEEKDAYS, Booking, Course, Signature
from .places import BOOKS, kept, nurse_names, seat, seats, still_free, tell_booked

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
        "ways": [(w, _day_words(w), signing.dumps(kept(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": nurse_names(),
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
        need,
        house(first, LOOK_DAYS + need.visits[-1].days[-1] + 2, place=place_of(protocol)),
        zone(),
        first_days=LOOK_DAYS,
    )


def _signed(protocol_id: str) -> Signature:
    signature = signature_in_force(protocol_id)
    if signature is None:
        raise Refused(
            f"{knowledge.protocol(protocol_id).title} has no signed limits, so it cannot be used. "
            "The medical director can sign it under Protocols."
        )
    return signature


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
    chosen = seats(request.POST.get("way", ""))
    signature = _signed(request.POST.get("protocol", ""))
    for _, chair, nurse, span in chosen:
        still_free(chair.name, nurse.username, span)
    course = Course.objects.create(
        patient=patient, signature=signature, planned_by=request.user, planned_at=clock.now()
    )
    made = Booking.objects.bulk_create(seat(course, *each) for each in chosen)
    tell_booked(patient, made, f"series {course.id}")
    return redirect("chart", patient_id=patient.id)
