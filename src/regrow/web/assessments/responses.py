"""What other desks may ask of the patient's side."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from regrow.chart import Score
from regrow.course import CourseScore
from regrow.knowledge import Scale
from regrow.scales import ScoredSheet, score, shown
from regrow.web.alerts.api import raise_alert
from regrow.web.conversations.api import send
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.formats import short_day

from .links import LINK_DAYS, make_link
from .models import QuestionnaireResponse, SecureLink


def send_questionnaire(
    patient: Patient,
    instruments: Sequence[str],
    *,
    message: str = "checkin",
    occasion: str = "",
    key: str | None = None,
    until: datetime | None = None,
) -> Sequence[QuestionnaireResponse]:
    """Opens a sheet for each instrument behind one new link, and sends it.

    A sheet that somebody has begun moves to the new link with its answers; the old link ends, so one check-in has one
    link at a time.
    """
    link, token = make_link(patient, "checkin", until=until)
    now, sheets = clock.now(), []
    for place, instrument in enumerate(instruments):
        scale = knowledge.scale(instrument)
        begun = QuestionnaireResponse.objects.filter(
            patient=patient,
            instrument=instrument,
            version=scale.version,
            completed_at__isnull=True,
            sent_at__gte=clock.now() - timedelta(days=LINK_DAYS["checkin"]),
        ).last()
        if begun is not None:
            if begun.link is not None:
                SecureLink.objects.filter(id=begun.link.id, revoked_at__isnull=True).update(
                    revoked_at=clock.now()
                )
            begun.link = link
            begun.save(update_fields=["link"])
            sheets.append(begun)
            continue
        sheets.append(
            QuestionnaireResponse.objects.create(
                patient=patient,
                link=link,
                instrument=instrument,
                version=scale.version,
                language=patient.language if patient.language in scale.languages else scale.language,
                answers=[None] * len(scale.items),
                # In the order in which they are asked, also when the clock has not moved between two.
                sent_at=now + timedelta(microseconds=place),
            )
        )
    send(patient, message, link=f"/c/{token}/", occasion=occasion, key=key)
    return sheets


def ask_for_score(patient: Patient, instrument: str) -> QuestionnaireResponse:
    """Asks for one instrument now, because a person wants it."""
    return send_questionnaire(patient, [instrument])[0]


def completed_responses(patient: Patient) -> QuerySet[QuestionnaireResponse]:
    return QuestionnaireResponse.objects.filter(patient=patient, completed_at__isnull=False).order_by(
        "completed_at"
    )


def record_clinician_rating(
    patient: Patient, scale: Scale, answers: Sequence[int | None], *, once: str | None
) -> QuestionnaireResponse:
    """A sheet typed in or rated by the staff; item about suicide above 0 raises its alert. A second click adds none.

    Raises `BadAnswers` when the answers do not fit the instrument.
    """
    result = score(scale, answers, sex=patient.sex)
    sheet, new = QuestionnaireResponse.objects.get_or_create(
        id=uuid.UUID(once) if once else uuid.uuid4(),
        defaults={
            "patient": patient,
            "instrument": scale.id,
            "version": scale.version,
            "answers": list(answers),
            "sent_at": clock.now(),
            "completed_at": clock.now(),
        },
    )
    if new:
        response_completed(patient)
    if new and result.alerts:
        items = ", ".join(map(str, result.alerts))
        level = f", {result.severity}" if scale.scoring == "levels" and result.severity else ""
        raise_alert(
            patient,
            f"{scale.title}: item {items} about suicide is above 0{level}",
            source=alert_source(sheet),
            crisis=True,
        )
    return sheet


def alert_source(sheet: QuestionnaireResponse) -> str:
    """The key under which a response raises its one safety alert."""
    return f"response {sheet.id}"


_on_completed: list[Callable[[Patient], None]] = []


def on_completed(handler: Callable[[Patient], None]) -> None:
    """Register what runs, in the same transaction, when a patient's response is completed."""
    if handler not in _on_completed:
        _on_completed.append(handler)


def response_completed(patient: Patient) -> None:
    """Run the registered handlers: outreach and tasks of a course depend on its responses."""
    for handler in _on_completed:
        handler(patient)


def score_response(sheet: QuestionnaireResponse) -> ScoredSheet:
    """By the version it was answered on; totals of another version are compared only where its file says so."""
    scale = knowledge.scale(sheet.instrument, sheet.version).in_language(sheet.language)
    return score(scale, sheet.answers, sex=sheet.patient.sex)


def course_scores(patient: Patient) -> Sequence[CourseScore]:
    scores = []
    for sheet in completed_responses(patient):
        result = score_response(sheet)
        assert sheet.completed_at is not None  # by finished_sheets
        scores.append(
            CourseScore(
                id=str(sheet.id),
                instrument=result.instrument,
                version=result.version,
                language=result.language,
                recall_days=result.recall_days,
                total=result.total,
                suicide_item=result.suicide_item,
                taken_at=sheet.completed_at,
                prorated=result.prorated,
            )
        )
    return scores


def chart_scores(patient: Patient) -> Sequence[Score]:
    """Every finished sheet as the chart reads it: with its answers, so that a triage can be read too."""
    return [
        Score(
            id=str(sheet.id),
            instrument=sheet.instrument,
            total=None,
            at=sheet.completed_at,
            version=sheet.version,
            answers=tuple(sheet.answers),
        )
        for sheet in completed_responses(patient)
        if sheet.completed_at is not None
    ]


def score_summary(patient: Patient) -> dict[str, str]:
    """What a person calls each finished sheet: its instrument, what it came to, and its day."""
    named = {}
    for sheet in completed_responses(patient):
        result = score_response(sheet)
        outcome = shown(result.total) if result.total is not None else (result.severity or "not scorable")
        title = knowledge.scale(sheet.instrument, sheet.version).title
        named[str(sheet.id)] = f"{title} {outcome} ({short_day(sheet.completed_at or sheet.sent_at)})"
    return named
