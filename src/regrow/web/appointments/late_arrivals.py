"""Somebody is late: told kindly and once, held later the same day where the house allows it, or missed without blame."""

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

from .capacity import clinic_capacity, single_request
from .models import Appointment
from .offers import MAY_RESCHEDULE, appointment_from, cancel, check_available, ensure_open

EVERY_S = 60


def late_appointments() -> QuerySet[Appointment]:
    """Sessions whose person has not come: past their time by the clinic's minutes, not yet counted as missed."""
    now, pace = clock.now(), knowledge.contact().pace
    return Appointment.objects.filter(
        canceled_at__isnull=True,
        session__isnull=True,
        starts_at__lte=now - pace.late_after,
        starts_at__gt=now - pace.missed_after,
    ).select_related("course__patient__owner")


def find_late_patients() -> None:
    """Each is asked once by message, and is somebody's task at the desk."""
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
    """The same session, begun so many minutes from now. Raises `Refused` with what stands in the way."""
    ensure_open(appointment)
    start = clock.now() + timedelta(minutes=minutes)
    start = start.replace(second=0, microsecond=0)
    if start <= appointment.starts_at:
        raise ActionRefused("That is not later than it was planned. They can be received at their time.")
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
    # The same booking, so that the order signed for it stands.
    appointment.starts_at, appointment.ends_at = span.start, span.end
    appointment.save(update_fields=["starts_at", "ends_at"])
    Course.objects.filter(id=appointment.course_id).update(next_outreach_at=clock.now())
    settled = f"running late: planned at {clock_time(was)}, comes at {clock_time(start)}"
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
    """They come later today (`minutes` from now), or they do not come."""
    appointment = appointment_from(request, appointment_id)
    patient = appointment.course.patient
    minutes = request.POST.get("minutes", "")
    if request.POST.get("missed"):
        ensure_open(appointment)
        if appointment.starts_at > clock.now():
            raise ActionRefused("Its time has not come yet. It can be moved or called off.")
        cancel(appointment, "did not come")
        _settle(appointment, "did not come; another time is looked for")
        send_portal_link(patient, message="missed", key=f"missed {appointment.id}")
        return redirect("chart", patient_id=patient.id)
    if not minutes.isdecimal() or not 0 <= int(minutes) <= 600:
        raise ActionRefused("Say in how many minutes they are here, such as 20.")
    push_back(appointment, int(minutes))
    local = appointment.starts_at.astimezone(time_zone_of(patient))
    send_portal_link(
        patient,
        message="later-today",
        key=f"later {appointment.id} {local:%Y-%m-%dT%H:%M}",
        time=clock_time(local, patient.language),
    )
    return redirect("chart", patient_id=patient.id)


def _settle(appointment: Appointment, what: str) -> None:
    StaffTask.objects.filter(course=appointment.course, key=f"late:{appointment.id}", done_at=None).update(
        done_at=clock.now(), resolution=what
    )
