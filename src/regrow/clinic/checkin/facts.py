"""What other desks may ask of the patient's side."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import formats, translation

from regrow import knowledge
from regrow.chart import Score
from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.chart.models import Patient
from regrow.clinic.frontdesk.facts import send, zone_of
from regrow.clinic.frontdesk.models import Inquiry, Message
from regrow.clinic.jobs.facts import ask_for
from regrow.clinic.site import clock
from regrow.clinic.treatment.models import Signature
from regrow.course import CourseScore, SafetyAlert
from regrow.knowledge import Scale
from regrow.scales import ScoredSheet, score, shown

from .models import Alert, AnswerSheet, Link, OnCall

LINK_DAYS = {"checkin": 7, "page": 60, "intake": 21, "home": 1, "plan": 60}


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(patient: Patient, purpose: str, *, until: datetime | None = None) -> tuple[Link, str]:
    """A new link for one purpose and its token, which is shown only now."""
    token = secrets.token_urlsafe(24)
    link = Link.objects.create(
        token_hash=hash_token(token),
        patient=patient,
        purpose=purpose,
        created_at=clock.now(),
        expires_at=until or clock.now() + timedelta(days=LINK_DAYS[purpose]),
    )
    return link, token


def ask(
    patient: Patient,
    instruments: Sequence[str],
    *,
    message: str = "checkin",
    occasion: str = "",
    key: str | None = None,
    until: datetime | None = None,
) -> Sequence[AnswerSheet]:
    """Opens a sheet for each instrument behind one new link, and sends it.

    A sheet that somebody has begun moves to the new link with its answers; the old link ends, so one check-in has one
    link at a time.
    """
    link, token = make_link(patient, "checkin", until=until)
    now, sheets = clock.now(), []
    for place, instrument in enumerate(instruments):
        scale = knowledge.scale(instrument)
        begun = AnswerSheet.objects.filter(
            patient=patient,
            instrument=instrument,
            version=scale.version,
            finished_at__isnull=True,
            asked_at__gte=clock.now() - timedelta(days=LINK_DAYS["checkin"]),
        ).last()
        if begun is not None:
            if begun.link is not None:
                Link.objects.filter(id=begun.link.id, ended_at__isnull=True).update(ended_at=clock.now())
            begun.link = link
            begun.save(update_fields=["link"])
            sheets.append(begun)
            continue
        sheets.append(
            AnswerSheet.objects.create(
                patient=patient,
                link=link,
                instrument=instrument,
                version=scale.version,
                language=patient.language if patient.language in scale.languages else scale.language,
                answers=[None] * len(scale.items),
                # In the order in which they are asked, also when the clock has not moved between two.
                asked_at=now + timedelta(microseconds=place),
            )
        )
    send(patient, message, link=f"/c/{token}/", occasion=occasion, key=key)
    return sheets


def ask_for_score(patient: Patient, instrument: str) -> AnswerSheet:
    """Asks for one instrument now, because a person wants it."""
    return ask(patient, [instrument])[0]


def send_page_link(
    patient: Patient, *, message: str = "own-page", occasion: str = "", key: str | None = None, **filled: str
) -> str:
    _, token = make_link(patient, "page")
    send(patient, message, link=f"/p/{token}/", occasion=occasion, key=key, **filled)
    return token


def finished_sheets(patient: Patient) -> QuerySet[AnswerSheet]:
    return AnswerSheet.objects.filter(patient=patient, finished_at__isnull=False).order_by("finished_at")


def send_intake(patient: Patient, at: datetime, *, key: str) -> None:
    """When we talk, and the questions before it."""
    local = at.astimezone(zone_of(patient))
    _, token = make_link(patient, "intake")
    day = day_words(local, patient.language)
    send(patient, "before-interview", link=f"/i/{token}/", key=key, day=day, time=f"{local:%H:%M}")


def send_talk_link(patient: Patient, at: datetime, *, key: str) -> None:
    """Shortly before a talk: when, and the page with its video. Once for each `key`."""
    if Message.objects.filter(key=key).exists():
        return
    _, token = make_link(patient, "intake")
    local = at.astimezone(zone_of(patient))
    send(patient, "interview-soon", link=f"/i/{token}/talk/", key=key, time=f"{local:%H:%M}")


def day_words(local: datetime, language: str) -> str:
    """A day as a message names it: Thursday 5 November, jueves 5 de noviembre."""
    with translation.override(language):
        return formats.date_format(local, "l j \\d\\e F" if language == "es" else "l j F")


def preparation_limits() -> Mapping[str, str]:
    """The hours the medical director signed for the time before a session; empty where nobody has."""
    found = knowledge.preparation()
    signed = Signature.objects.filter(protocol=found.id, version=found.version).order_by("-signed_at").first()
    return signed.limits if signed else {}


def times_before(patient: Patient, starts_at: datetime) -> Sequence[str]:
    """Until when somebody eats and drinks, as times of their own clock; nothing where no hours are signed."""
    limits, zone, told = preparation_limits(), zone_of(patient), []
    for until in knowledge.preparation().until:
        if limits.get(until.limit):
            at = (starts_at - timedelta(hours=float(limits[until.limit]))).astimezone(zone)
            text = until.text.get(patient.language, until.text["en"])
            told.append(text.format(time=f"{at:%H:%M}"))
    return told


def own_plan(patient: Patient) -> dict[str, Any]:
    """What somebody chose for themselves last; empty when nothing yet."""
    last = patient.own_plans.last()
    return dict(last.data) if last else {}


def enter_sheet(
    patient: Patient, scale: Scale, answers: Sequence[int | None], *, once: str | None
) -> AnswerSheet:
    """A sheet typed in or rated by the staff; item about suicide above 0 raises its alert. A second click adds none.

    Raises `BadAnswers` when the answers do not fit the instrument.
    """
    result = score(scale, answers, sex=patient.sex)
    sheet, new = AnswerSheet.objects.get_or_create(
        id=uuid.UUID(once) if once else uuid.uuid4(),
        defaults={
            "patient": patient,
            "instrument": scale.id,
            "version": scale.version,
            "answers": list(answers),
            "asked_at": clock.now(),
            "finished_at": clock.now(),
        },
    )
    if new:
        look_again(patient)
    if new and result.alerts:
        items = ", ".join(map(str, result.alerts))
        level = f", {result.severity}" if scale.scoring == "levels" and result.severity else ""
        raise_alert(
            patient, f"{scale.title}: item {items} about suicide is above 0{level}", sheet, crisis=True
        )
    return sheet


def look_again(patient: Patient) -> None:
    """Something has happened that the cadence and the tasks of a course rest on: the next round looks at it."""
    patient.courses.filter(closed_at__isnull=True, look_again_at__isnull=False).update(
        look_again_at=clock.now()
    )


def scored(sheet: AnswerSheet) -> ScoredSheet:
    """By the version it was answered on; totals of another version are compared only where its file says so."""
    scale = knowledge.scale(sheet.instrument, sheet.version).in_language(sheet.language)
    return score(scale, sheet.answers, sex=sheet.patient.sex)


def course_scores(patient: Patient) -> Sequence[CourseScore]:
    scores = []
    for sheet in finished_sheets(patient):
        result = scored(sheet)
        assert sheet.finished_at is not None  # by finished_sheets
        scores.append(
            CourseScore(
                id=str(sheet.id),
                instrument=result.instrument,
                version=result.version,
                language=result.language,
                recall_days=result.recall_days,
                total=result.total,
                suicide_item=result.suicide_item,
                taken_at=sheet.finished_at,
                prorated=result.prorated,
            )
        )
    return scores


def scores_of(patient: Patient) -> Sequence[Score]:
    """Every finished sheet as the chart reads it: with its answers, so that a triage can be read too."""
    return [
        Score(
            id=str(sheet.id),
            instrument=sheet.instrument,
            total=None,
            at=sheet.finished_at,
            version=sheet.version,
            answers=tuple(sheet.answers),
        )
        for sheet in finished_sheets(patient)
        if sheet.finished_at is not None
    ]


def sheets_in_words(patient: Patient) -> dict[str, str]:
    """What a person calls each finished sheet: its instrument, what it came to, and its day."""
    named = {}
    for sheet in finished_sheets(patient):
        result = scored(sheet)
        outcome = shown(result.total) if result.total is not None else (result.severity or "not scorable")
        title = knowledge.scale(sheet.instrument, sheet.version).title
        named[str(sheet.id)] = f"{title} {outcome} ({sheet.finished_at:%-d %b %Y})"
    return named


def alerts_of(patient: Patient) -> Sequence[SafetyAlert]:
    """Every alert there has been, open or closed."""
    rows = Alert.objects.filter(patient=patient).values_list("id", "raised_at", "closed_at")
    return [SafetyAlert(str(id), raised, closed) for id, raised, closed in rows]


def open_alerts(patient: Patient) -> Sequence[str]:
    return [
        str(id)
        for id in Alert.objects.filter(patient=patient, closed_at__isnull=True).values_list("id", flat=True)
    ]


def on_call(at: datetime) -> User | None:
    """Who answers for the clinic at a moment, by the list that was entered last."""
    now = OnCall.objects.filter(from_at__lte=at, to_at__gt=at, who__is_active=True).order_by("-id").first()
    return now.who if now else None


def named_clinician() -> User:
    """Who is called when a patient may be in danger: whoever is on call, else the prescriber with the fewest open alerts."""
    duty = on_call(clock.now())
    if duty is not None:
        return duty
    clinicians = User.objects.filter(is_active=True, role__in=[Role.PRESCRIBER, Role.DIRECTOR])
    return min(
        clinicians,
        key=lambda u: (u.role != Role.PRESCRIBER, u.alerts.filter(closed_at__isnull=True).count(), u.id),
    )


def raise_alert(
    patient: Patient | None,
    text: str,
    sheet: AnswerSheet | None = None,
    *,
    inquiry: Inquiry | None = None,
    crisis: bool = False,
) -> Alert:
    """Puts a named person on it, at once. One alert a sheet, however often it is tapped.

    A crisis climbs the ladder of `duty` until somebody takes it; everything else waits for the named person.
    """
    if sheet is not None:
        earlier = Alert.objects.filter(sheet=sheet).first()
        if earlier is not None:
            return earlier
    alert = Alert.objects.create(
        patient=patient,
        inquiry=None if patient else inquiry,
        sheet=sheet,
        text=text[:300],
        crisis=crisis,
        assigned_to=named_clinician(),
        raised_at=clock.now(),
    )
    ask_for("climb", f"climb {alert.id} 0", {"alert": str(alert.id)})
    return alert
