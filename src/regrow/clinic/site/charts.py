"""Scores over doses as plain geometry for an SVG template.

Drawn twice, wide and narrow, so that text keeps its size on a phone. No clinical rule lives here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from regrow.course import Course, baseline
from regrow.knowledge import InfusionProtocol, Scale, Titration
from regrow.scales import shown


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    text: str
    when: datetime


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    full_y: float
    full_height: float
    y: float
    height: float
    text: str
    future: bool
    mid: float


@dataclass(frozen=True)
class Line:
    y: float
    text: str


@dataclass(frozen=True)
class Trajectory:
    width: int
    height: int
    left: int
    right: int
    grid: Sequence[Line]
    dots: Sequence[Dot]
    gaps: Sequence[float]
    path: str
    response: Line | None
    remission: Line | None
    cap: Line
    zero_y: float
    bars: Sequence[Bar]
    weeks: Sequence[tuple[float, str]]
    now_x: float
    description: str


def trajectory(
    protocol: InfusionProtocol,
    rule: Titration,
    scale: Scale,
    course: Course,
    *,
    suggested: Decimal | None,
    now: datetime,
) -> Sequence[Trajectory]:
    """Scores above doses on one time line: (wide, narrow)."""
    return [_trajectory(protocol, rule, scale, course, suggested, now, width) for width in (760, 358)]


def _trajectory(
    protocol: InfusionProtocol,
    rule: Titration,
    scale: Scale,
    course: Course,
    suggested: Decimal | None,
    now: datetime,
    width: int,
) -> Trajectory:
    left, right, top, score_floor, dose_top, zero = 34, width - 14, 24, 226, 262, 330
    scores = course.scores_in_order(rule.instrument)
    doses = course.doses_in_order
    times = [s.taken_at for s in scores] + [d.ended_at for d in doses] + [now]
    start = min(times)
    planned = timedelta(days=protocol.every_days * protocol.sessions)
    end = max(max(times), start + planned) + timedelta(days=3)

    def x(moment: datetime) -> float:
        return round(left + 14 + (right - left - 28) * ((moment - start) / (end - start)), 1)

    def y(total: float) -> float:
        return round(score_floor - (score_floor - top) * total / scale.maximum, 1)

    cap = float(rule.cap)

    def dose_y(mg_per_kg: float) -> float:
        return round(zero - (zero - dose_top) * mg_per_kg / cap, 1)

    valid = [s for s in scores if s.total is not None]
    dots = [Dot(x(s.taken_at), y(float(s.total or 0)), shown(s.total or 0), s.taken_at) for s in valid]
    first = baseline(course, rule.instrument)
    half = None
    if first is not None and first.total and scale.response_fall_percent is not None:
        bound = int(Fraction(first.total) * (1 - Fraction(scale.response_fall_percent) / 100))
        half = Line(y(bound), f"response: {bound} or less (from {shown(first.total)})")
    wide = 26 if width > 400 else 14
    bars = [
        _bar(
            x(d.ended_at),
            wide,
            dose_y(float(d.ordered)),
            zero,
            float(d.delivered_percent),
            f"{d.ordered}",
            False,
        )
        for d in doses
    ]
    if suggested is not None:
        bars.append(_bar(x(now), wide, dose_y(float(suggested)), zero, 0, f"{suggested} ?", True))
    span_days = (end - start).days
    step = max(1, round(span_days / 7 / (7 if width > 400 else 4)))
    weeks = [
        (x(start + timedelta(weeks=n)), "start" if n == 0 else f"{n} wk")
        for n in range(0, span_days // 7 + 1, step)
    ]
    told = ", ".join(shown(s.total or 0) for s in valid) or "no scores yet"
    return Trajectory(
        width=width,
        height=378,
        left=left,
        right=right,
        grid=[Line(y(v), str(v)) for v in [0, *[low for low, _ in scale.bands if low], scale.maximum]],
        dots=dots,
        gaps=[x(s.taken_at) for s in scores if s.total is None],
        path=" ".join(f"{d.x},{d.y}" for d in dots),
        response=half,
        remission=Line(y(cut), f"remission: {cut} or less")
        if (cut := scale.remission_at_most) is not None
        else None,
        cap=Line(dose_y(cap), f"cap {rule.cap} mg/kg"),
        zero_y=zero,
        bars=bars,
        weeks=weeks,
        now_x=x(now),
        description=f"{scale.title} by date: {told}. Lower is better. {len(doses)} infusions. A table follows.",
    )


def _bar(x: float, width: int, y: float, zero: float, percent: float, text: str, future: bool) -> Bar:
    given = (zero - y) * min(percent, 100) / 100
    left = round(x - width / 2, 1)
    return Bar(left, width, y, round(zero - y, 1), round(zero - given, 1), round(given, 1), text, future, x)
