"""Late arrivals: one message, a later start on the same day where capacity allows it, or a no-show."""

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from regrow.scheduling import TimeRange
from regrow.web.accounts.api import StaffRequest
from regrow.web.assessments.api import send_portal_link
from regrow.web.courses.api import Course, StaffTask, protocol_of
from regrow.web.patients.api import time_zone_of
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing
from regrow.web.platform.formats import clock_time
from regrow.web.platform.forms import ServiceForm, sent_with

from .capacity import clinic_capacity, single_request
from .forms import RunningLateForm
from .models import Appointment
from .offers import MAY_RESCHEDULE, appointment_from, cancel, check_available, ensure_open
from .rescheduling import options_page

EVERY_S = 60


def late_appointments() -> QuerySet[Appointment]:
    """Return appointments past their start by the clinic's minutes, without arrival and not yet a no-show."""
    now, pace = clock.now(), knowledge.contact().pace
    return Appointment.objects.filter(
        canceled_at__isnull=True,
        session__isnull=True,
        starts_at__lte=now - pace.late_after,
        starts_at__gt=now - pace.missed_after,
    ).select_related("course__patient__owner")


def find_late_patients() -> None:
    """Send one message per late patient and create a task for front desk."""
    for appointment in late_appointments():
        key = f"late:{appointment.id}"
        with writing():
            if StaffTask.objects.filter(course=appointment.course, key=key).exists():
                continue
            patient = appointment.course.patient
            local = appointment.starts_at.astimezone(time_zone_of(patient))
            here = appointment.starts_at.astimezone(clock.clinic_zone())
            StaffTask.objects.create(
                course=appointment.course,
                key=key,
                text=f"Expected at {clock_time(here)} for session {appointment.number} and not here yet. Call the patient.",
                owner=patient.owner,
                created_at=clock.now(),
            )
            send_portal_link(patient, message="late", key=key, time=clock_time(local, patient.language))


def push_back(appointment: Appointment, minutes: int) -> Appointment:
    """Start the same session in `minutes` from now. Raises `ActionRefused` with the obstacle."""
    ensure_open(appointment)
    start = clock.now() + timedelta(minutes=minutes)
    start = start.replace(second=0, microsecond=0)
    if start <= appointment.starts_at:
        raise ActionRefused("That is not later than the scheduled time. Enter more minutes.")
    need = single_request(appointment.course, appointment.number, protocol_of(appointment.course), start)
    span = TimeRange(start, start + timedelta(minutes=need.minutes))
    today = start.astimezone(clock.clinic_zone()).date()
    there = clinic_capacity(today, 1, place=appointment.chair.place, without=appointment)
    end = span.end.astimezone(clock.clinic_zone())
    if not there.is_open(span):
        raise ActionRefused(f"It would end at {clock_time(end)}, after closing time. Choose another day.")
    here = TimeRange(
        start + timedelta(minutes=need.present_from),
        start + timedelta(minutes=need.present_from + need.present_minutes),
    )
    if not there.has_prescriber(here):
        raise ActionRefused("No prescriber is on site for all of it. Choose another day.")
    if appointment.nurse.username not in there.on_duty(span):
        raise ActionRefused(
            f"{appointment.nurse.shown_name} is not on duty until {clock_time(end)}. Choose another day."
        )
    check_available(appointment.chair.name, appointment.nurse.username, span, without=appointment)
    was = appointment.starts_at.astimezone(clock.clinic_zone())
    # Keep the same appointment, so that its signed order stays valid.
    appointment.starts_at, appointment.ends_at = span.start, span.end
    appointment.save(update_fields=["starts_at", "ends_at"])
    Course.objects.filter(id=appointment.course_id).update(next_outreach_at=clock.now())
    settled = f"running late: scheduled at {clock_time(was)}, expected at {clock_time(start)}"
    StaffTask.objects.update_or_create(
        course=appointment.course,
        key=f"late:{appointment.id}",
        defaults={"done_at": clock.now(), "resolution": settled},
        create_defaults={
            "text": settled,
            "owner": appointment.course.patient.owner,
            "created_at": clock.now(),
            "done_at": clock.now(),
            "resolution": settled,
        },
    )
    return appointment


@allowed(*MAY_RESCHEDULE)
@require_POST
def running_late(request: StaffRequest, appointment_id: str) -> HttpResponse:
    """Record a late arrival (`minutes` from now) or a no-show."""
    appointment = appointment_from(request, appointment_id)
    patient = appointment.course.patient
    missed = sent_with(request, "missed")
    form: ServiceForm = ServiceForm(missed) if missed else RunningLateForm(request.POST, auto_id="late_%s")
    if form.submit(lambda data: _missed(appointment) if missed else _later(appointment, data["minutes"])):
        return redirect("chart", patient_id=patient.id)
    return options_page(request, appointment, failed=form)


def _missed(appointment: Appointment) -> None:
    ensure_open(appointment)
    if appointment.starts_at > clock.now():
        raise ActionRefused("This appointment has not started yet. Reschedule or cancel it instead.")
    cancel(appointment, "did not come")
    _settle(appointment, "did not come; another time is looked for")
    send_portal_link(appointment.course.patient, message="missed", key=f"missed {appointment.id}")


def _later(appointment: Appointment, minutes: int) -> None:
    push_back(appointment, minutes)
    patient = appointment.course.patient
    local = appointment.starts_at.astimezone(time_zone_of(patient))
    send_portal_link(
        patient,
        message="later-today",
        key=f"later {appointment.id} {local:%Y-%m-%dT%H:%M}",
        time=clock_time(local, patient.language),
    )


def _settle(appointment: Appointment, what: str) -> None:
    StaffTask.objects.filter(course=appointment.course, key=f"late:{appointment.id}", done_at=None).update(
        done_at=clock.now(), resolution=what
    )
