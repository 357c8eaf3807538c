"""A whole series booked in one act: the three best ways are shown, and one of them is taken."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.scheduling import NoAvailability, SeriesPlan, TimeRange, best_options
from regrow.web.accounts.api import StaffRequest
from regrow.web.courses.api import Course, current_course
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.platform.formats import clock_time
from regrow.web.signing.api import SignedValues, protocol_in_force

from .capacity import clinic_capacity, series_request
from .forms import BookSeriesForm, SeriesForm
from .models import WEEKDAYS, Appointment
from .offers import (
    MAY_BOOK,
    appointments_from_token,
    check_available,
    check_patient_free,
    notify_booked,
    nurse_names,
    signed_option,
    to_appointment,
)
from .series import place_of
from .services import next_appointment

LOOK_DAYS = 28
PARTS = {"any": None, "morning": time(9, 30), "noon": time(12), "afternoon": time(15)}


@allowed(*MAY_BOOK)
@require_GET
def schedule(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Suggested schedules for a whole series, to be booked in one act."""
    return _page(request, get_object_or_404(Patient, id=patient_id))


def _page(request: StaffRequest, patient: Patient, booking: BookSeriesForm | None = None) -> HttpResponse:
    asked = "protocol" in request.GET
    tomorrow = clock.clinic_today() + timedelta(days=1)
    form = SeriesForm(request.GET if asked else None, initial={"begin": tomorrow, "part": "any"})
    ways, problem = list[SeriesPlan](), ""
    if asked and form.is_valid():
        try:
            ways = list(_options(form))
        except NoAvailability as reason:
            problem = str(reason)
    context = {
        "patient": patient,
        "form": form,
        "booking": booking,
        "ways": [(w, _pattern_label(w), signing.dumps(signed_option(w), salt="ways")) for w in ways],
        "problem": problem,
        "names": nurse_names(),
        "course": current_course(patient),
    }
    status = max(form.status, booking.status if booking else 200)
    return render(request, "appointments/schedule.html", context, status=status)


def _options(form: SeriesForm) -> Sequence[SeriesPlan]:
    data = form.cleaned_data
    signature = _values_in_force(data["protocol"])
    protocol = knowledge.protocol(data["protocol"])
    first = max(data["begin"], clock.clinic_today())
    earliest = max(datetime.combine(first, time(), tzinfo=clock.clinic_zone()).astimezone(UTC), clock.now())
    wanted = {int(n) for n in data["weekdays"]}

    def may(span: TimeRange) -> bool:
        return span.start.astimezone(clock.clinic_zone()).weekday() in wanted

    need = series_request(
        protocol,
        signature.values,
        earliest,
        until=data["until"],
        prefers=PARTS[data["part"]],
        may=may if wanted else None,
    )
    return best_options(
        need,
        clinic_capacity(first, LOOK_DAYS + need.visits[-1].days[-1] + 2, place=place_of(protocol)),
        clock.clinic_zone(),
        first_days=LOOK_DAYS,
    )


def _values_in_force(protocol_id: str) -> SignedValues:
    signature = protocol_in_force(protocol_id)
    if signature is None:
        raise ActionRefused(
            f"{knowledge.protocol(protocol_id).title} has no signed limits, so it cannot be used. "
            "The medical director can sign it under Protocols."
        )
    return signature


def _pattern_label(way: SeriesPlan) -> str:
    """Tuesdays at 10:00, or the days of a series that has two a week."""
    starts = [s.span.start.astimezone(clock.clinic_zone()) for s in way.visits]
    days = list(dict.fromkeys(f"{WEEKDAYS[s.weekday()]}s" for s in starts))
    return f"{' and '.join(days)} at {clock_time(starts[0])}"


@allowed(*MAY_BOOK)
@require_POST
def book_series(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Book one of the suggested series completely, or nothing if one of its times was just booked."""
    patient = get_object_or_404(Patient, id=patient_id)
    existing = current_course(patient)
    if existing and next_appointment(existing):
        return redirect("chart", patient_id=patient.id)  # a second click finds the series booked
    form = BookSeriesForm(request.POST)
    if form.submit(lambda data: _book(request, patient, data["way"], data["protocol"])):
        return redirect("chart", patient_id=patient.id)
    return _page(request, patient, form)


def _book(request: StaffRequest, patient: Patient, way: str, protocol_id: str) -> None:
    chosen = appointments_from_token(way)
    signature = _values_in_force(protocol_id)
    for _, chair, nurse, span in chosen:
        check_available(chair.name, nurse.username, span)
        check_patient_free(patient, span)
    course = Course.objects.create(
        patient=patient, signature=signature, planned_by=request.user, planned_at=clock.now()
    )
    made = Appointment.objects.bulk_create(to_appointment(course, *each) for each in chosen)
    notify_booked(patient, made, f"series {course.id}")
