"""What the clinic does by itself: asks along every course when it is due, and climbs an alert's ladder until somebody has it."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from regrow import knowledge
from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import CLINICAL, Role
from regrow.clinic.chairside.facts import given_doses
from regrow.clinic.frontdesk.facts import (
    as_address,
    contact_of,
    post,
    wants_no_messages,
    zone_of,
)
from regrow.clinic.frontdesk.models import Message
from regrow.clinic.jobs.facts import does, goes_round
from regrow.clinic.post import public_address
from regrow.clinic.site import clock
from regrow.clinic.site.database import writing
from regrow.clinic.treatment.checks import checks_due
from regrow.clinic.treatment.facts import instrument_of
from regrow.clinic.treatment.maintenance import tasks_after
from regrow.clinic.treatment.models import Booking, Course, Signature
from regrow.contact import Answered, HandOver, Happened, Send, Sent, Sitting, in_words, plan, tellings

from .facts import LINK_DAYS, ask, day_words, finished_sheets, on_call, send_page_link
from .models import Alert, AlertStep, HandedOver

log = logging.getLogger(__name__)
EVERY_S = 20
LOOK_AT_LEAST_EVERY = timedelta(minutes=15)


def make_rounds() -> None:
    """Each course whose time has come, in a transaction of its own."""
    now = clock.now()
    due = Course.objects.filter(
        Q(look_again_at__isnull=True) | Q(look_again_at__lte=now), closed_at__isnull=True
    )
    for id in due.values_list("id", flat=True):
        try:
            with writing():
                _round(Course.objects.select_related("patient", "signature").get(id=id), now)
        except Exception:
            log.exception("the round of course %s stopped; the others go on", id)


def _round(course: Course, now: datetime) -> None:
    cadence = knowledge.cadence_for(course.signature.protocol)
    if cadence is None:
        course.look_again_at = now + timedelta(days=1)
    else:
        zone = zone_of(course.patient)
        found = plan(cadence, knowledge.contact(), happened(course, now), zone, now)
        for send in found.sends:
            _send(course, send)
        first_look = course.look_again_at is None
        for hand_over in found.hand_overs:
            # What was over before anybody looked at this course is nobody's task now.
            if not (first_look and hand_over.over):
                _hand_over(course, hand_over)
        for key, text in tasks_after(course, now):
            _task(course, key, text)
        _check(course, now)
        soon = now + LOOK_AT_LEAST_EVERY
        course.look_again_at = min(found.look_again_at or soon, soon)
    course.save(update_fields=["look_again_at"])


def happened(course: Course, at: datetime) -> Happened:
    """What the cadence's plan rests on, from the records."""
    ends = {dose.session_id: dose.ended_at for dose in given_doses(course, at)}
    patient = course.patient
    sittings = []
    missed_after = knowledge.contact().pace.missed_after
    for booking in course.bookings.select_related("session").order_by("number", "starts_at"):
        session = getattr(booking, "session", None)
        ended_at = ends.get(str(session.id)) if session else None
        missed = session is None and booking.starts_at + missed_after < at
        sittings.append(
            Sitting(booking.number, booking.starts_at, ended_at, booking.off_at is not None or missed)
        )
    reminders = Message.objects.filter(patient=patient, kind="reminder", direction="out").exclude(
        state="refused"
    )
    return Happened(
        sittings=sittings,
        instrument=instrument_of(course),
        answered=[
            Answered(sheet.instrument, sheet.finished_at)
            for sheet in finished_sheets(patient)
            if sheet.finished_at
        ],
        sent=[Sent(m.occasion, m.not_before or m.created_at) for m in reminders],
        handed=frozenset(course.handed_over.values_list("key", flat=True)),
        opted_out=wants_no_messages(patient),
        ended_at=course.closed_at,
    )


def _send(course: Course, send: Send) -> None:
    patient = course.patient
    key = f"{course.id} {send.key} {clock.now():%Y-%m-%dT%H:%M}"
    if send.asks:
        message = (
            "checkin-again" if send.again and send.occasion.message == "checkin" else send.occasion.message
        )
        until = max(send.closes_at, clock.now() + timedelta(hours=1))
        ask(patient, send.asks, message=message, occasion=send.key, key=key, until=until)
        return
    booking = Booking.objects.filter(course=course, number=send.session or 0, off_at__isnull=True).first()
    local = booking.starts_at.astimezone(zone_of(patient)) if booking else None
    filled = {"day": day_words(local, patient.language), "time": f"{local:%H:%M}"} if local else {}
    send_page_link(patient, message=send.occasion.message, occasion=send.key, key=key, **filled)


def _hand_over(course: Course, hand_over: HandOver) -> None:
    _task(course, hand_over.key, f"{hand_over.occasion.title}: {hand_over.why}")


def _check(course: Course, now: datetime) -> None:
    """What is watched in long treatment and due by the signed intervals: asked by link, or somebody's task."""
    for due in checks_due(course, now):
        key = f"check:{due.check.id}:{due.since:%Y-%m-%d}"
        if course.handed_over.filter(key=key).exists():
            continue
        if due.check.asks and not wants_no_messages(course.patient):
            asked = Message.objects.filter(key=f"{course.id} {key}").first()
            if asked is None:
                ask(course.patient, [due.check.asks], message="checkin-maintenance", key=f"{course.id} {key}")
            if asked is None or now - asked.created_at < timedelta(days=LINK_DAYS["checkin"]):
                continue
        _task(course, key, f"{due.check.text} ({due.why})")


def _task(course: Course, key: str, text: str) -> None:
    """Something a person takes up, once, with an owner from the start."""
    defaults = {"text": text[:300], "owner": course.patient.owner, "at": clock.now()}
    HandedOver.objects.get_or_create(course=course, key=key, defaults=defaults)


# The ladder of an alert


def duty_limits() -> Mapping[str, str]:
    """The minutes the medical director signed for the ladder; empty where nobody has."""
    duty = knowledge.duty()
    signed = (
        Signature.objects.filter(protocol=f"duty-{duty.id}", version=duty.version)
        .order_by("-signed_at")
        .first()
    )
    return signed.limits if signed else {}


def climb_all() -> None:
    """Every crisis nobody has taken yet, as far up as its minutes say. Quiet hours and opt-outs do not count here."""
    for id in Alert.objects.filter(crisis=True, taken_at=None, closed_at=None).values_list("id", flat=True):
        with writing():
            climb({"alert": str(id)})


def climb(payload: Mapping[str, Any]) -> None:
    """Tells whoever is due to be told of one alert and has not been."""
    with writing():
        alert = Alert.objects.select_related("assigned_to", "patient").filter(id=payload["alert"]).first()
        if alert is None or alert.closed_at is not None:
            return
        now = clock.now()
        if not alert.crisis:
            _tell(alert, "named", alert.assigned_to)
            return
        for telling in tellings(
            knowledge.duty(), duty_limits(), alert.raised_at, acknowledged_at=alert.taken_at
        ):
            if telling.at <= now:
                for who in _named_by(telling.tells, alert, now):
                    _tell(alert, telling.rung, who)


def _named_by(tells: str, alert: Alert, now: datetime) -> list[User]:
    active = User.objects.filter(is_active=True)
    if tells == "named":
        return [alert.assigned_to]
    if tells == "on_call":
        return [duty] if (duty := on_call(now)) else []
    if tells == "director":
        return list(active.filter(role=Role.DIRECTOR))
    return list(active.filter(role__in=CLINICAL))


def _tell(alert: Alert, rung: str, who: User) -> None:
    """Once on each rung: by their number and by their e-mail, whichever there is. It names nobody and nothing."""
    _, new = AlertStep.objects.get_or_create(
        alert=alert, kind="told", what=rung, who=who, defaults={"at": clock.now()}
    )
    if not new:
        return
    local = alert.raised_at.astimezone(zone_of(None))
    subject, text = in_words(
        knowledge.messages()["clinician-alert"],
        "en",
        time=f"{local:%H:%M}",
        link=f"{public_address()}/alerts/",
        clinic=settings.CLINIC.title,
    )
    for given in (who.phone, who.email):
        address = as_address(given) if given else None
        if address is not None:
            key = f"alert {alert.id} {rung} {who.id} {address[0].value}"
            post(None, contact_of(*address), subject, text, kind="crisis", key=key)


does("climb", climb, again_after_min=(0.2, 0.5, 1, 2, 5, 10))
goes_round("cadence", make_rounds, every_s=EVERY_S)
goes_round("alerts", climb_all, every_s=EVERY_S)
