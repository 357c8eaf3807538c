"""What the clinic does by itself: asks along every course when it is due, and climbs an alert's ladder until somebody has it."""

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
LOOK_AT_LEAST_EVERY = timedelta(minutes=15)


def run_outreach() -> None:
    """Each course whose time has come, in a transaction of its own."""
    now = clock.now()
    due = Course.objects.filter(
        Q(next_outreach_at__isnull=True) | Q(next_outreach_at__lte=now), closed_at__isnull=True
    )
    for id in due.values_list("id", flat=True):
        try:
            with writing():
                _run_course(Course.objects.select_related("patient", "signature").get(id=id), now)
        except Exception:
            log.exception("the round of course %s stopped; the others go on", id)


def _run_course(course: Course, now: datetime) -> None:
    cadence = knowledge.cadence_for(course.signature.file_id)
    if cadence is None:
        course.next_outreach_at = now + timedelta(days=1)
    else:
        zone = time_zone_of(course.patient)
        found = plan_outreach(cadence, knowledge.contact(), outreach_history(course, now), zone, now)
        for send in found.sends:
            _send(course, send)
        first_look = course.next_outreach_at is None
        for hand_over in found.hand_overs:
            # What was over before anybody looked at this course is nobody's task now.
            if not (first_look and hand_over.over):
                _create_task(course, hand_over)
        for key, text in reassessment_tasks(course, now):
            _task(course, key, text)
        _check(course, now)
        soon = now + LOOK_AT_LEAST_EVERY
        course.next_outreach_at = min(found.look_again_at or soon, soon)
    course.save(update_fields=["next_outreach_at"])


def outreach_history(course: Course, at: datetime) -> OutreachHistory:
    """What the cadence's plan rests on, from the records."""
    ends = {dose.session_id: dose.ended_at for dose in administered_doses(course, at)}
    patient = course.patient
    sittings = []
    missed_after = knowledge.contact().pace.missed_after
    for appointment in course.appointments.select_related("session").order_by("number", "starts_at"):
        session = getattr(appointment, "session", None)
        ended_at = ends.get(str(session.id)) if session else None
        missed = session is None and appointment.starts_at + missed_after < at
        sittings.append(
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
        sittings=sittings,
        instrument=instrument_of(course),
        answered=[
            CompletedForm(sheet.instrument, sheet.completed_at)
            for sheet in completed_responses(patient)
            if sheet.completed_at
        ],
        sent=[SentMessage(m.occasion, m.not_before or m.created_at) for m in reminders],
        handed=frozenset(course.tasks.values_list("key", flat=True)),
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
    filled = (
        {"day": long_day(local, patient.language), "time": clock_time(local, patient.language)}
        if local
        else {}
    )
    send_portal_link(patient, message=send.occasion.message, occasion=send.key, key=key, **filled)


def _create_task(course: Course, hand_over: CreateTask) -> None:
    _task(course, hand_over.key, f"{hand_over.occasion.title}: {hand_over.why}")


def _check(course: Course, now: datetime) -> None:
    """What is watched in long treatment and due by the signed intervals: asked by link, or somebody's task."""
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
    """Something a person takes up, once, with an owner from the start."""
    defaults = {"text": text[:300], "owner": course.patient.owner, "created_at": clock.now()}
    StaffTask.objects.get_or_create(course=course, key=key, defaults=defaults)
