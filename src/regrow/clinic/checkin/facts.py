"""What other desks may ask of the patient's side."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from regrow import knowledge
from regrow.chart import Score
from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.chart.models import Patient
from regrow.clinic.frontdesk.facts import send
from regrow.clinic.site import clock
from regrow.course import CourseScore, SafetyAlert
from regrow.knowledge import Scale
from regrow.scales import ScoredSheet, score, shown

from .models import Alert, AnswerSheet, Link

LINK_DAYS = {"checkin": 7, "page": 60}


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(patient: Patient, purpose: str) -> tuple[Link, str]:
    """A new link and its token, which is shown only now."""
    token = secrets.token_urlsafe(24)
    link = Link.objects.create(
        token_hash=hash_token(token),
        patient=patient,
        purpose=purpose,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=LINK_DAYS[purpose]),
    )
    return link, token


def ask_for_score(patient: Patient, instrument: str) -> AnswerSheet:
    """Opens a sheet and sends its link. A sheet already open is asked for again, not doubled."""
    AnswerSheet.objects.filter(
        patient=patient, instrument=instrument, finished_at__isnull=True, answers=[]
    ).delete()
    scale = knowledge.scale(instrument)
    link, token = make_link(patient, "checkin")
    sheet = AnswerSheet.objects.create(
        patient=patient,
        link=link,
        instrument=instrument,
        version=scale.version,
        answers=[None] * len(scale.items),
        asked_at=clock.now(),
    )
    send(
        patient,
        "Your weekly check-in is ready. It takes about a minute. In crisis, call or text 988.",
        f"/c/{token}/",
    )
    return sheet


def send_page_link(patient: Patient) -> str:
    _, token = make_link(patient, "page")
    send(patient, "Your own page for the days after your session.", f"/p/{token}/")
    return token


def finished_sheets(patient: Patient) -> QuerySet[AnswerSheet]:
    return AnswerSheet.objects.filter(patient=patient, finished_at__isnull=False).order_by("finished_at")


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
    if new and result.alerts:
        items = ", ".join(map(str, result.alerts))
        level = f", {result.severity}" if scale.scoring == "levels" and result.severity else ""
        raise_alert(patient, f"{scale.title}: item {items} about suicide is above 0{level}", sheet)
    return sheet


def scored(sheet: AnswerSheet) -> ScoredSheet:
    """By the version it was answered on; totals of another version are compared only where its file says so."""
    return score(knowledge.scale(sheet.instrument, sheet.version), sheet.answers, sex=sheet.patient.sex)


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


def named_clinician() -> User:
    """Who is called when a patient may be in danger: the prescriber with the fewest open alerts."""
    clinicians = User.objects.filter(is_active=True, role__in=[Role.PRESCRIBER, Role.DIRECTOR])
    return min(
        clinicians,
        key=lambda u: (u.role != Role.PRESCRIBER, u.alerts.filter(closed_at__isnull=True).count(), u.id),
    )


def raise_alert(patient: Patient, text: str, sheet: AnswerSheet | None = None) -> Alert:
    """One alert a sheet, however often it is tapped."""
    if sheet is not None:
        alert, _ = Alert.objects.get_or_create(
            sheet=sheet,
            defaults={
                "patient": patient,
                "text": text,
                "assigned_to": named_clinician(),
                "raised_at": clock.now(),
            },
        )
        return alert
    return Alert.objects.create(
        patient=patient, text=text, assigned_to=named_clinician(), raised_at=clock.now()
    )
