"""Signed options, availability checks, cancellations, and offers of freed slots to the waitlist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.shortcuts import get_object_or_404

from regrow.messaging import MessageSignals
from regrow.scheduling import SeriesPlan, TimeRange
from regrow.web.accounts.api import DECIDES, Role, StaffRequest, User
from regrow.web.assessments.api import send_portal_link
from regrow.web.conversations.api import ContactPoint, Message
from regrow.web.courses.api import Course, protocol_of
from regrow.web.patients.api import Patient, is_closed, time_zone_of
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.formats import clock_time, long_day, short_day

from .capacity import single_request
from .models import Appointment, Chair, TimeOff, WaitlistEntry

MAY_BOOK = (*DECIDES, Role.COORDINATOR)
MAY_RESCHEDULE = (*DECIDES, Role.COORDINATOR, Role.FRONT_DESK, Role.NURSE)


@dataclass(frozen=True)
class FreedSlot:
    """A slot that became free, to be offered to the waitlist."""

    chair: Chair
    nurse: User
    starts_at: datetime
    ends_at: datetime


def signed_option(way: SeriesPlan) -> list[list[Any]]:
    """Sign an option for a page, so that what is booked is what was shown."""
    return [
        [s.number, s.chair, s.nurse, s.span.start.isoformat(), s.span.end.isoformat()] for s in way.visits
    ]


def check_available(chair: str, nurse: str, span: TimeRange, *, without: Appointment | None = None) -> None:
    """Raise `ActionRefused` when the clinic is closed then, or the chair or the nurse is no longer free.

    `without` is an appointment about to be canceled.
    """
    if span.start <= clock.now():
        raise ActionRefused("This time has passed. Search again.")
    if Chair.objects.filter(name=chair, retired_at__isnull=False).exists():
        raise ActionRefused(f"{chair} is no longer in use. Search again.")
    if not User.objects.filter(username=nurse, role=Role.NURSE, is_active=True).exists():
        raise ActionRefused("The nurse of this time no longer works here. Search again.")
    if TimeOff.objects.filter(staff__isnull=True, from_at__lt=span.end, to_at__gt=span.start).exists():
        raise ActionRefused(f"The clinic is closed on {short_day(span.start)}. Choose another time.")
    if TimeOff.objects.filter(staff__username=nurse, from_at__lt=span.end, to_at__gt=span.start).exists():
        raise ActionRefused(f"The nurse is away on {short_day(span.start)}. Choose another time.")
    beside = Appointment.objects.filter(
        canceled_at__isnull=True, starts_at__lt=span.end, ends_at__gt=span.start
    )
    if without is not None:
        beside = beside.exclude(id=without.id)
    per_nurse = settings.CLINIC.patients_per_nurse
    if beside.filter(chair__name=chair).exists() or beside.filter(nurse__username=nurse).count() >= per_nurse:
        when = f"{short_day(span.start)}, {clock_time(span.start)}"
        raise ActionRefused(f"{when} was just booked by someone else. Nothing was scheduled; search again.")


def check_patient_free(
    patient: Patient,
    span: TimeRange,
    *,
    course: Course | None = None,
    number: int = 0,
    without: Appointment | None = None,
) -> None:
    """Raise `ActionRefused` for a closed chart, a second session on one day, or one out of the order of its course.

    `course` and `number` name the session that is booked; `without` is an appointment about to be canceled.
    """
    if is_closed(patient):
        raise ActionRefused("This chart is closed. Reopen it in the pipeline before you schedule.")
    problem = conflict_of(standing_sessions(patient, without), span, course=course, number=number)
    if problem:
        raise ActionRefused(problem)


def standing_sessions(patient: Patient, without: Appointment | None = None) -> Sequence[Appointment]:
    """Return the patient's appointments, held and to come, but for one to be given up."""
    standing = Appointment.objects.filter(course__patient=patient, canceled_at__isnull=True)
    return list(standing.exclude(id=without.id) if without else standing)


def conflict_of(
    others: Sequence[Appointment], span: TimeRange, *, course: Course | None = None, number: int = 0
) -> str:
    """Say why a patient with these other sessions cannot have one then; empty when they can."""
    day = clock.clinic_day(span.start)
    for other in others:
        when = short_day(other.starts_at)
        if clock.clinic_day(other.starts_at) == day:
            return (
                f"This patient already has session {other.number} on {when}. "
                "Two sessions on one day are not scheduled."
            )
        if course is not None and other.course_id == course.id:
            if other.number < number and other.starts_at > span.start:
                return f"Session {number} would be before session {other.number} on {when}."
            if other.number > number and other.starts_at < span.start:
                return f"Session {number} would be after session {other.number} on {when}."
    return ""


def notify_booked(patient: Patient, appointments: Sequence[Appointment], key: str) -> None:
    """Send the first time as a message; the other times are on the patient's page."""
    local = appointments[0].starts_at.astimezone(time_zone_of(patient))
    send_portal_link(
        patient,
        message="booked",
        key=key,
        day=long_day(local, patient.language),
        time=clock_time(local, patient.language),
    )


def appointment_from(request: StaffRequest, appointment_id: str) -> Appointment:
    """Return the appointment of a URL; sets the patient of the audit row."""
    appointment = get_object_or_404(
        Appointment.objects.select_related("course__patient", "course__signature", "chair", "nurse"),
        id=appointment_id,
    )
    request.about = str(appointment.course.patient_id)
    return appointment


def ensure_open(appointment: Appointment) -> None:
    """Raise `ActionRefused` for an appointment that was canceled or whose session has started."""
    if appointment.canceled_at is not None:
        raise ActionRefused("This appointment is already canceled.")
    session = getattr(appointment, "session", None)
    if session is not None and session.closed_at is not None:
        raise ActionRefused("This session is closed. It can't be canceled or rescheduled.")
    if session is not None:
        raise ActionRefused("This session has started. Close it on the session page.")


def cancel(appointment: Appointment, why: str) -> None:
    """Cancel an appointment with a reason, and offer its slot to the waitlist."""
    appointment.canceled_at, appointment.cancel_reason = clock.now(), why[:300]
    appointment.save(update_fields=["canceled_at", "cancel_reason"])
    Course.objects.filter(id=appointment.course_id).update(next_outreach_at=clock.now())
    appointment.waiting.filter(ended_at__isnull=True).update(
        ended_at=clock.now(), ended_why="rescheduled or canceled"
    )
    if appointment.starts_at > clock.now() and _may_be_offered(appointment):
        offer_freed_slot(
            FreedSlot(appointment.chair, appointment.nurse, appointment.starts_at, appointment.ends_at)
        )


def _may_be_offered(appointment: Appointment) -> bool:
    """Whether the slot of a canceled appointment can still be used: no closure, no time off, chair in use."""
    span = TimeRange(appointment.starts_at, appointment.ends_at)
    try:
        check_available(appointment.chair.name, appointment.nurse.username, span, without=appointment)
    except ActionRefused:
        return False
    return True


def offer_freed_slot(freed: FreedSlot) -> WaitlistEntry | None:
    """Offer a freed slot to the longest-waiting patient it fits; a YES by text accepts it."""
    for waiting in WaitlistEntry.objects.filter(ended_at__isnull=True).select_related(
        "appointment__course__patient", "appointment__course__signature", "appointment__chair"
    ):
        appointment = waiting.appointment
        if appointment.canceled_at or appointment.starts_at <= freed.starts_at:
            continue
        # One slot at a time; an expired, unanswered offer blocks no other.
        if waiting.offer_starts_at and waiting.offer_starts_at > clock.now():
            continue
        if appointment.chair.place != freed.chair.place:
            continue
        need = single_request(
            appointment.course, appointment.number, protocol_of(appointment.course), freed.starts_at
        )
        span = TimeRange(freed.starts_at, freed.starts_at + timedelta(minutes=need.minutes))
        last = appointment.course.appointments.filter(
            canceled_at__isnull=True, number=appointment.number - 1
        ).first()
        if span.end > freed.ends_at or (last and last.starts_at + timedelta(days=1) > span.start):
            continue
        waiting.offered_at = clock.now()
        waiting.offer_chair, waiting.offer_nurse = freed.chair, freed.nurse
        waiting.offer_starts_at, waiting.offer_ends_at = span.start, span.end
        waiting.save()
        _notify_offer(
            appointment, "earlier-place", span.start, f"offer {waiting.id} {span.start.isoformat()}"
        )
        return waiting
    return None


def accept_offer(waiting: WaitlistEntry) -> Appointment:
    """Reschedule to the offered slot. Raises `ActionRefused` when it is no longer offered or was taken."""
    appointment = waiting.appointment
    if waiting.ended_at or waiting.offer_starts_at is None or waiting.offer_ends_at is None:
        raise ActionRefused("This slot is no longer offered.")
    assert waiting.offer_chair is not None and waiting.offer_nurse is not None  # set with the times
    span = TimeRange(waiting.offer_starts_at, waiting.offer_ends_at)
    ensure_open(appointment)
    if span.start <= clock.now():
        raise ActionRefused("The offered time has passed.")
    check_available(waiting.offer_chair.name, waiting.offer_nurse.username, span, without=appointment)
    check_patient_free(
        appointment.course.patient,
        span,
        course=appointment.course,
        number=appointment.number,
        without=appointment,
    )
    waiting.ended_at, waiting.ended_why = clock.now(), "moved earlier from the waitlist"
    waiting.save(update_fields=["ended_at", "ended_why"])
    cancel(appointment, "moved")
    made = to_appointment(
        appointment.course, appointment.number, waiting.offer_chair, waiting.offer_nurse, span
    )
    made.save()
    notify_booked(appointment.course.patient, [made], f"moved {made.id}")
    return made


def decline_offer(waiting: WaitlistEntry) -> None:
    """Decline an offer: the patient keeps their time and leaves the waitlist; the slot is offered to the next."""
    waiting.ended_at, waiting.ended_why = clock.now(), "declined the earlier time"
    waiting.save(update_fields=["ended_at", "ended_why"])
    chair, nurse = waiting.offer_chair, waiting.offer_nurse
    start, end = waiting.offer_starts_at, waiting.offer_ends_at
    if chair and nurse and start and end and start > clock.now():
        offer_freed_slot(FreedSlot(chair, nurse, start, end))


def _notify_offer(appointment: Appointment, message: str, at: datetime, key: str) -> None:
    patient = appointment.course.patient
    local = at.astimezone(time_zone_of(patient))
    send_portal_link(
        patient,
        message=message,
        key=key,
        day=long_day(local, patient.language),
        time=clock_time(local, patient.language),
    )


def handle_offer_reply(contact: ContactPoint, message: Message, said: MessageSignals) -> bool:
    """Handle a bare yes or no from a patient with an open offer, without staff."""
    # A therapist's "yes" answers for no patient.
    if contact.patient is None or contact.kind != "patient" or not (said.agrees or said.declines):
        return False
    waiting = (
        WaitlistEntry.objects.filter(
            appointment__course__patient=contact.patient,
            ended_at__isnull=True,
            offer_starts_at__gt=clock.now(),
        )
        .select_related("appointment__course__patient", "appointment__chair", "offer_chair", "offer_nurse")
        .first()
    )
    if waiting is None:
        return False
    if said.declines:
        decline_offer(waiting)
        return True
    try:
        accept_offer(waiting)
    except ActionRefused:
        waiting.offered_at = waiting.offer_starts_at = waiting.offer_ends_at = None
        waiting.offer_chair = waiting.offer_nurse = None
        waiting.save()
        _notify_offer(waiting.appointment, "place-gone", waiting.appointment.starts_at, f"gone {message.id}")
    return True


def nurse_names() -> dict[str, str]:
    """Map the solver's nurse names to display names."""
    return {u.username: u.shown_name for u in User.objects.filter(role=Role.NURSE)}


def appointments_from_token(signed: str) -> list[tuple[int, Chair, User, TimeRange]]:
    """Return the appointments of a signed option: number, chair, nurse, time range. Raises `ActionRefused` when
    expired.
    """
    try:
        kept_ = signing.loads(signed, salt="ways", max_age=3600)
    except signing.BadSignature as error:
        raise ActionRefused("These times have expired. Search again.") from error
    chairs = {c.name: c for c in Chair.objects.all()}
    nurses = {u.username: u for u in User.objects.filter(role=Role.NURSE)}
    if any(chair not in chairs or nurse not in nurses for _, chair, nurse, _, _ in kept_):
        raise ActionRefused("A chair or a nurse of these times is no longer available. Search again.")
    return [
        (
            number,
            chairs[chair],
            nurses[nurse],
            TimeRange(datetime.fromisoformat(start), datetime.fromisoformat(end)),
        )
        for number, chair, nurse, start, end in kept_
    ]


def appointment_from_token(signed: str) -> tuple[int, Chair, User, TimeRange]:
    """Return the one appointment of a signed option."""
    found = appointments_from_token(signed)
    if len(found) != 1:
        raise ActionRefused("This option is a whole series, not one session. Search again.")
    return found[0]


def to_appointment(course: Course, number: int, chair: Chair, nurse: User, span: TimeRange) -> Appointment:
    """Create the appointment of one session."""
    return Appointment(
        course=course, number=number, chair=chair, nurse=nurse, starts_at=span.start, ends_at=span.end
    )
