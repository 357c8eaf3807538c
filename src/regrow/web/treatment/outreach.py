"""Outreach along every course: send due check-ins and messages, create tasks, run monitoring checks."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from regrow.messaging import (
    CompletedForm,
    CreateTask,
    OutreachHistory,
    SendMessage,
    SentMessage,
    SessionTimes,
    plan_outreach,
)
from regrow.web.appointments.api import Appointment
from regrow.web.assessments.api import LINK_DAYS, completed_responses, send_portal_link, send_questionnaire
from regrow.web.conversations.api import Message, has_opted_out
from regrow.web.courses.api import Course, StaffTask, instrument_of
from regrow.web.dosing_sessions.api import administered_doses
from regrow.web.patients.api import time_zone_of
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing
from regrow.web.platform.formats import clock_time, long_day

from .monitoring_checks import checks_due
from .reassessment_tasks import reassessment_tasks

log = logging.getLogger(__name__)
EVERY_S = 20
CHECK_AT_LEAST_EVERY = timedelta(minutes=15)


def run_outreach() -> None:
    """Run outreach for every course that is due, each in its own transaction."""
    now = clock.now()
    due = Course.objects.filter(
        Q(next_outreach_at__isnull=True) | Q(next_outreach_at__lte=now), closed_at__isnull=True
    )
    for id in due.values_list("id", flat=True):
        try:
            with writing():
                _run_course(Course.objects.select_related("patient", "signature").get(id=id), now)
        except Exception:
            log.exception("outreach of course %s failed; continuing with the others", id)


def _run_course(course: Course, now: datetime) -> None:
    cadence = knowledge.cadence_for(course.signature.file_id)
    if cadence is None:
        course.next_outreach_at = now + timedelta(days=1)
    else:
        zone = time_zone_of(course.patient)
        found = plan_outreach(cadence, knowledge.contact(), outreach_history(course, now), zone, now)
        for send in found.messages:
            _send(course, send)
        first_check = course.next_outreach_at is None
        for task in found.tasks:
            # An occasion that closed before the first check of this course creates no task.
            if not (first_check and task.over):
                _create_task(course, task)
        for key, text in reassessment_tasks(course, now):
            _task(course, key, text)
        _check(course, now)
        soon = now + CHECK_AT_LEAST_EVERY
        course.next_outreach_at = min(found.next_check_at or soon, soon)
    course.save(update_fields=["next_outreach_at"])


def outreach_history(course: Course, at: datetime) -> OutreachHistory:
    """Build the outreach history of a course from stored records."""
    ends = {dose.session_id: dose.ended_at for dose in administered_doses(course, at)}
    patient = course.patient
    sessions = []
    missed_after = knowledge.contact().pace.missed_after
    for appointment in course.appointments.select_related("session").order_by("number", "starts_at"):
        session = getattr(appointment, "session", None)
        ended_at = ends.get(str(session.id)) if session else None
        missed = session is None and appointment.starts_at + missed_after < at
        sessions.append(
            SessionTimes(
                appointment.number,
                appointment.starts_at,
                ended_at,
                appointment.canceled_at is not None or missed,
            )
        )
    reminders = Message.objects.filter(patient=patient, kind="reminder", direction="out").exclude(
        state="refused"
    )
    return OutreachHistory(
        sessions=sessions,
        instrument=instrument_of(course),
        answered=[
            CompletedForm(sheet.instrument, sheet.completed_at)
            for sheet in completed_responses(patient)
            if sheet.completed_at
        ],
        sent=[SentMessage(m.occasion, m.not_before or m.created_at) for m in reminders],
        task_keys=frozenset(course.tasks.values_list("key", flat=True)),
        opted_out=has_opted_out(patient),
        ended_at=course.closed_at,
    )


def _send(course: Course, send: SendMessage) -> None:
    patient = course.patient
    key = f"{course.id} {send.key} {clock.now():%Y-%m-%dT%H:%M}"
    if send.asks:
        message = (
            "checkin-again" if send.again and send.occasion.message == "checkin" else send.occasion.message
        )
        until = max(send.closes_at, clock.now() + timedelta(hours=1))
        send_questionnaire(patient, send.asks, message=message, occasion=send.key, key=key, until=until)
        return
    appointment = Appointment.objects.filter(
        course=course, number=send.session or 0, canceled_at__isnull=True
    ).first()
    local = appointment.starts_at.astimezone(time_zone_of(patient)) if appointment else None
    values = (
        {"day": long_day(local, patient.language), "time": clock_time(local, patient.language)}
        if local
        else {}
    )
    send_portal_link(patient, message=send.occasion.message, occasion=send.key, key=key, **values)


def _create_task(course: Course, task: CreateTask) -> None:
    _task(course, task.key, f"{task.occasion.title}: {task.why}")


def _check(course: Course, now: datetime) -> None:
    """Send due long-term monitoring checks by secure link, or create a task for the owner."""
    for due in checks_due(course, now):
        key = f"check:{due.check.id}:{due.since:%Y-%m-%d}"
        if course.tasks.filter(key=key).exists():
            continue
        if due.check.asks and not has_opted_out(course.patient):
            asked = Message.objects.filter(key=f"{course.id} {key}").first()
            if asked is None:
                send_questionnaire(
                    course.patient, [due.check.asks], message="checkin-maintenance", key=f"{course.id} {key}"
                )
            if asked is None or now - asked.created_at < timedelta(days=LINK_DAYS["checkin"]):
                continue
        _task(course, key, f"{due.check.text} ({due.why})")


def _task(course: Course, key: str, text: str) -> None:
    """Create a staff task once per key, owned by the patient's owner."""
    defaults = {"text": text[:300], "owner": course.patient.owner, "created_at": clock.now()}
    StaffTask.objects.get_or_create(course=course, key=key, defaults=defaults)
