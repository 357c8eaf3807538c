"""The patient's progress chart: a small figure and one sentence about the course's scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from regrow.scales import shown
from regrow.web.assessments.api import completed_responses, score_response
from regrow.web.patients.api import Patient
from regrow.web.platform.content import knowledge

WIDTH, HEIGHT, EDGE = 320.0, 120.0, 26.0


@dataclass(frozen=True)
class Point:
    at: datetime
    score: str
    x: str  # written out: a page in Spanish would put a comma into the picture
    y: str


@dataclass(frozen=True)
class ProgressChart:
    """`lower` is the points below baseline, negative when higher, None when not comparable."""

    title: str
    points: Sequence[Point]
    path: str
    ends: Sequence[tuple[Point, str]]  # the first and the last, and the height of their labels
    lower: int | None


def progress_chart(patient: Patient, instrument: str) -> ProgressChart | None:
    """Return None until there are two scores of one version and language."""
    scale = knowledge.scale(instrument)
    sheets = list(completed_responses(patient).filter(instrument=instrument))
    if not sheets or not scale.lower_is_better:
        return None
    same = [s for s in sheets if (s.version, s.language) == (sheets[-1].version, sheets[-1].language)]
    totals = [
        (s.completed_at, Fraction(total))
        for s in same
        if s.completed_at and (total := score_response(s).total) is not None
    ]
    if len(totals) < 2:
        return None
    begin, end = totals[0][0], totals[-1][0]
    whole = max((end - begin).total_seconds(), 1.0)
    points = [
        Point(
            at,
            shown(total),
            f"{EDGE + (WIDTH - 2 * EDGE) * (at - begin).total_seconds() / whole:.1f}",
            f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * float(total) / scale.maximum:.1f}",
        )
        for at, total in totals
    ]
    fall = totals[0][1] - totals[-1][1]
    return ProgressChart(
        title=scale.title,
        points=points,
        ends=[(point, f"{float(point.y) - 9:.1f}") for point in (points[0], points[-1])],
        path="M" + " L".join(f"{p.x} {p.y}" for p in points),
        lower=int(fall) if fall.denominator == 1 else None,
    )
