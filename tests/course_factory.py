"""A course in few words: weeks, scores and doses, under the limits of the demo clinic."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from regrow.course import (
    AdministeredDose,
    AlertRecord,
    ClinicianStatement,
    CourseScore,
    Signed,
    TreatmentCourse,
    WeightRecord,
)
from regrow.dosing import Suggestion, suggest
from tests.content import knowledge

T0 = datetime(2026, 7, 6, 13, 0, tzinfo=UTC)
DOSE_AFTER_SCORE = timedelta(hours=2)  # a score is answered on the morning of the session


def week(number: float) -> datetime:
    return T0 + timedelta(weeks=number)


def score(
    number: float, total: int | None, item_9: int | None = 0, scale: str = "phq-9", **more
) -> CourseScore:
    known = knowledge.scale(scale)
    return CourseScore(
        id=more.pop("id", f"s{number}"),
        instrument=scale,
        version=known.version,
        language=more.pop("language", known.language),
        recall_days=known.recall_days,
        total=total,
        suicide_item=item_9,
        taken_at=week(number),
        **more,
    )


def dose(
    number: float,
    ordered: str = "0.5",
    percent: str = "100",
    *,
    tolerated: bool = True,
    unit: str = "mg/kg",
    **more,
) -> AdministeredDose:
    return AdministeredDose(
        session_id=f"d{number}",
        ended_at=week(number) + DOSE_AFTER_SCORE,
        ordered=Decimal(ordered),
        unit=unit,
        delivered_mg=Decimal(40),
        delivered_percent=Decimal(percent),
        tolerated=tolerated,
        **more,
    )


def word(kind: str, number: float, about: str = "") -> ClinicianStatement:
    return ClinicianStatement(f"{kind}{number}", kind, week(number) + timedelta(minutes=5), about)


def signed(protocol: str = "iv-weekly-6", **limits: str) -> Signed:
    known = knowledge.protocol(protocol)
    return Signed("g", protocol, known.version, {**knowledge.demo_limits(protocol), **limits}, week(-4))


def course(
    scores=(), doses=(), *, kg: str = "80", alerts=(), under: Signed | None = None, **more
) -> TreatmentCourse:
    under = under or signed()
    return TreatmentCourse(
        id="c",
        protocol_id=under.protocol_id,
        scores=tuple(scores),
        doses=tuple(doses),
        alerts=tuple(AlertRecord(id, week(-1)) for id in alerts),
        signed=under,
        weights=(WeightRecord("w", Decimal(kg), week(-2)),),
        **more,
    )


def asked(of: TreatmentCourse, number: float, rule: str = "weekly-6") -> Suggestion:
    """What a rule says an hour after that week's check-in."""
    titration = knowledge.titration(rule)
    scale = knowledge.scale(titration.instrument)
    return suggest(
        titration, scale, of, at=week(number) + timedelta(hours=1), weights=knowledge.dosing_weights()
    )
