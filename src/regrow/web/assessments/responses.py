"""Questionnaire responses: request, record, score and list them."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

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
    """Open a response for each instrument behind one new link, and send it.

    A started response moves to the new link with its answers and the old link ends, so a check-in has one link.
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
                # Ordered by when they are asked, even at equal times.
                sent_at=now + timedelta(microseconds=place),
            )
        )
    send(patient, message, link=f"/c/{token}/", occasion=occasion, key=key)
    return sheets


def ask_for_score(patient: Patient, instrument: str) -> QuestionnaireResponse:
    """Request one instrument now."""
    return send_questionnaire(patient, [instrument])[0]


def completed_responses(patient: Patient) -> QuerySet[QuestionnaireResponse]:
    return QuestionnaireResponse.objects.filter(patient=patient, completed_at__isnull=False).order_by(
        "completed_at"
    )


def record_clinician_rating(
    patient: Patient, scale: Scale, answers: Sequence[int | None], *, once: str | None
) -> QuestionnaireResponse:
    """Store a response that staff rated or typed in; a positive suicide item raises an alert. Idempotent by `once`.

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
    """Score with the version it was answered on; other versions are compared only where the file allows it."""
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
    """Return completed responses as chart scores, with answers, so that a triage can be read too."""
    return [
        Score(
            id=str(sheet.id),
            instrument=sheet.instrument,
            total=None if (total := score_response(sheet).total) is None else Decimal(shown(total)),
            at=sheet.completed_at,
            version=sheet.version,
            answers=tuple(sheet.answers),
        )
        for sheet in completed_responses(patient)
        if sheet.completed_at is not None
    ]


def score_summary(patient: Patient) -> dict[str, str]:
    """Return a label of each completed response: instrument, result and day."""
    named = {}
    for sheet in completed_responses(patient):
        result = score_response(sheet)
        outcome = shown(result.total) if result.total is not None else (result.severity or "not scorable")
        title = knowledge.scale(sheet.instrument, sheet.version).title
        named[str(sheet.id)] = f"{title} {outcome} ({short_day(sheet.completed_at or sheet.sent_at)})"
    return named
