"""Create and send secure links."""

import hashlib
import secrets
from datetime import datetime, timedelta

from regrow.web.conversations.api import Message, send
from regrow.web.patients.api import Patient, time_zone_of
from regrow.web.platform import clock
from regrow.web.platform.formats import clock_time, long_day

from .models import SecureLink

LINK_DAYS = {"checkin": 7, "page": 60, "intake": 21, "home": 1, "plan": 60}


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(patient: Patient, purpose: str, *, until: datetime | None = None) -> tuple[SecureLink, str]:
    """Create a link for one purpose; returns it and its token, which is not stored."""
    token = secrets.token_urlsafe(24)
    link = SecureLink.objects.create(
        token_hash=hash_token(token),
        patient=patient,
        purpose=purpose,
        created_at=clock.now(),
        expires_at=until or clock.now() + timedelta(days=LINK_DAYS[purpose]),
    )
    return link, token


def send_portal_link(
    patient: Patient, *, message: str = "own-page", occasion: str = "", key: str | None = None, **filled: str
) -> str:
    _, token = make_link(patient, "page")
    send(patient, message, link=f"/p/{token}/", occasion=occasion, key=key, **filled)
    return token


def send_intake_form(patient: Patient, at: datetime, *, key: str) -> None:
    """Send the appointment time and the intake form."""
    local = at.astimezone(time_zone_of(patient))
    _, token = make_link(patient, "intake")
    day = long_day(local, patient.language)
    send(
        patient,
        "before-interview",
        link=f"/i/{token}/",
        key=key,
        day=day,
        time=clock_time(local, patient.language),
    )


def send_video_link(patient: Patient, at: datetime, *, key: str) -> None:
    """Send the time and the video page shortly before a visit; once per `key`."""
    if Message.objects.filter(key=key).exists():
        return
    _, token = make_link(patient, "intake")
    local = at.astimezone(time_zone_of(patient))
    send(
        patient,
        "interview-soon",
        link=f"/i/{token}/visit/",
        key=key,
        time=clock_time(local, patient.language),
    )
