"""Geometry of the score and dose chart, with side effects and the model's prediction, for an SVG template.

Drawn wide and narrow, so that text keeps its size on a phone. Holds no clinical rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from regrow.course import TreatmentCourse, baseline
from regrow.individual_estimate import Estimate
from regrow.knowledge import InfusionProtocol, Scale, Titration
from regrow.pharmacology.effects import effects_in_force
from regrow.pharmacology.figure_series import answers
from regrow.scales import shown
from regrow.web.platform.content import knowledge

_FEW = 14  # up to this many dots or bars carry their figures
_MOST_WEEKS = 60


@dataclass(frozen=True)
class ScorePoint:
    x: float
    y: float
    low_y: float
    high_y: float
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
class SideEffectMark:
    """The side effects of one session, marked under its bar; `strong` where the dose was not tolerated."""

    x: float
    sign: str
    text: str
    strong: bool


@dataclass(frozen=True)
class Band:
    """The model's prediction as polygons and a line; `label_x`, `label_y` position its label."""

    wide: str
    narrow: str
    middle: str
    label_x: float
    label_y: float
    text: str


@dataclass(frozen=True)
class Trajectory:
    width: int
    height: int
    left: int
    right: int
    grid: Sequence[Line]
    dots: Sequence[ScorePoint]
    gaps: Sequence[float]
    path: str
    response: Line | None
    remission: Line | None
    cap: Line
    zero_y: float
    bars: Sequence[Bar]
    felt: Sequence[SideEffectMark]
    weeks: Sequence[tuple[float, str]]
    now_x: float
    band: Band | None
    few: bool
    description: str


def trajectory(
    protocol: InfusionProtocol,
    rule: Titration,
    scale: Scale,
    course: TreatmentCourse,
    *,
    suggested: Decimal | None,
    now: datetime,
    response_at_most: int | None,
    estimate: Estimate | None = None,
) -> Sequence[Trajectory]:
    """Draw scores above doses on one time line: (wide, narrow).

    Args:
        response_at_most: the highest total that counts as a response, as the titration rule has it.
    """
    return [
        _trajectory(protocol, rule, scale, course, suggested, now, response_at_most, estimate, width)
        for width in (760, 358)
    ]


def _trajectory(
    protocol: InfusionProtocol,
    rule: Titration,
    scale: Scale,
    course: TreatmentCourse,
    suggested: Decimal | None,
    now: datetime,
    response_at_most: int | None,
    estimate: Estimate | None,
    width: int,
) -> Trajectory:
    left, right, top, score_floor, dose_top, zero = 34, width - 14, 24, 226, 262, 330
    scores = course.scores_in_order(rule.instrument)
    doses = course.doses_in_order
    ahead = (
        [now + timedelta(days=p.days) for p in estimate.path] if estimate and suggested is not None else []
    )
    times = [s.taken_at for s in scores] + [d.ended_at for d in doses] + [now, *ahead]
    start = max(min(times), now - timedelta(weeks=_MOST_WEEKS))
    planned = timedelta(days=protocol.every_days * protocol.sessions)
    end = max(max(times), start + planned) + timedelta(days=3)
    scores = [s for s in scores if s.taken_at >= start]
    doses = [d for d in doses if d.ended_at >= start]

    def x(moment: datetime) -> float:
        return round(left + 14 + (right - left - 28) * ((moment - start) / (end - start)), 1)

    def y(total: float) -> float:
        within = min(max(total, 0), scale.maximum)
        return round(score_floor - (score_floor - top) * within / scale.maximum, 1)

    cap = float(rule.cap)

    def dose_y(mg_per_kg: float) -> float:
        return round(zero - (zero - dose_top) * min(mg_per_kg, cap) / cap, 1)

    valid = [s for s in scores if s.total is not None]
    matters = _matters(scale)
    dots = [
        ScorePoint(
            x(s.taken_at),
            y(float(s.total or 0)),
            y(float(s.total or 0) + matters / 2),
            y(float(s.total or 0) - matters / 2),
            shown(s.total or 0),
            s.taken_at,
        )
        for s in valid
    ]
    first = baseline(course, rule.instrument)
    half = None
    if first is not None and first.total and response_at_most is not None:
        text = f"response: {response_at_most} or less (from {shown(first.total)})"
        half = Line(y(response_at_most), text)
    apart = [(b.ended_at - a.ended_at) / (end - start) * (right - left - 28) for a, b in pairwise(doses)]
    wide = min(26 if width > 400 else 14, max(3, round(0.75 * min(apart, default=99))))
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
        if d.unit == rule.unit
    ]
    if suggested is not None:
        # A day after the last dose the labels would overlap; the next one moves to the side.
        beside = max([x(now), *(x(d.ended_at) + max(wide + 8, 36) for d in doses)])
        bars.append(_bar(beside, wide, dose_y(float(suggested)), zero, 0, f"{suggested} ?", True))
    span_days = (end - start).days
    step = max(1, round(span_days / 7 / (7 if width > 400 else 4)))
    weeks = [
        (x(start + timedelta(weeks=n)), "start" if n == 0 else f"{n} wk")
        for n in range(0, span_days // 7 + 1, step)
    ]
    points = ", ".join(shown(s.total or 0) for s in valid) or "no scores yet"
    expected = (
        f" The model expects {estimate.path[-1].score[2]:.0f} at the end, between {estimate.path[-1].score[0]:.0f} and "
        f"{estimate.path[-1].score[4]:.0f} for four of five."
        if estimate and ahead
        else ""
    )
    return Trajectory(
        width=width,
        height=398,
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
        felt=[
            _side_effect_mark(x(d.ended_at), d.because, d.tolerated)
            for d in doses
            if d.because or not d.tolerated
        ],
        weeks=weeks,
        now_x=x(now),
        band=_band(dots, ahead, estimate, x, y, suggested) if estimate and ahead and dots else None,
        few=len(dots) < _FEW,
        description=f"{scale.title} by date: {points}. Lower is better. {len(doses)} infusions.{expected} A table follows.",
    )


def _matters(scale: Scale) -> float:
    """Return the first published minimal important change; 0 without one."""
    return next((float(m.points) for m in scale.minimal_changes if m.points is not None), 0.0)


def _band(
    dots: Sequence[ScorePoint],
    ahead: Sequence[datetime],
    estimate: Estimate,
    x: Callable[[datetime], float],
    y: Callable[[float], float],
    suggested: Decimal | None,
) -> Band:
    at = [dots[-1].x, *(x(moment) for moment in ahead)]

    def edge(place: int) -> list[float]:
        return [dots[-1].y, *(y(point.score[place]) for point in estimate.path)]

    def between(high: int, low: int) -> str:
        up = list(zip(at, edge(high), strict=True))
        down = list(zip(at, edge(low), strict=True))[::-1]
        return " ".join(f"{a},{b}" for a, b in up + down)

    middle = edge(2)
    return Band(
        between(4, 0),
        between(3, 1),
        " ".join(f"{a},{b}" for a, b in zip(at, middle, strict=True)),
        at[-1],
        middle[-1],
        f"model, {suggested}",
    )


def _side_effect_mark(x: float, because: str, tolerated: bool) -> SideEffectMark:
    words = because or "not tolerated"
    if tolerated:
        return SideEffectMark(x, "•", words, False)
    return SideEffectMark(x, "!", f"not tolerated: {words}" if because else words, True)


def _bar(x: float, width: int, y: float, zero: float, percent: float, text: str, future: bool) -> Bar:
    given = (zero - y) * min(percent, 100) / 100
    left = round(x - width / 2, 1)
    return Bar(left, width, y, round(zero - y, 1), round(zero - given, 1), round(given, 1), text, future, x)


@dataclass(frozen=True)
class DoseOptionBand:
    """The expected score of one dose option, on a line from 0 to the scale's maximum, 420 units wide."""

    low: float
    wide: float
    lower: float
    narrow: float
    middle: float
    response: float | None


def dose_option_band(scale: Scale, band: Sequence[float], bound: int | None) -> DoseOptionBand:
    """Return the 50% and 80% interval bands about the median; one point of the scale is at least visible."""

    def x(total: float) -> float:
        return round(20 + 380 * total / scale.maximum, 1)

    low, lower, middle, upper, high = band
    return DoseOptionBand(
        x(low),
        max(x(high) - x(low), 10),
        x(lower),
        max(x(upper) - x(lower), 8),
        x(middle),
        x(bound) if bound is not None else None,
    )


@dataclass(frozen=True)
class Shapes:
    """Each dose-response hypothesis as a path with its weight; the doses are marked below."""

    paths: Sequence[tuple[str, str, float]]
    marks: Sequence[tuple[float, str, str]]


def shapes(weights: dict[str, float], marked: Sequence[tuple[Decimal, str]]) -> Shapes:
    """`weights` by hypothesis; `marked` are (dose, CSS class). Up to 1.0 mg/kg, 300 units wide."""
    doses, found = answers(effects_in_force(knowledge))
    highest = max(max(curve) for curve in found.values())

    def x(dose: float) -> float:
        return round(10 + 280 * dose, 1)

    most = max(weights.values())
    paths = []
    for name, weight in weights.items():
        points = " ".join(
            f"{x(d)},{102 - 84 * s / highest:.1f}"
            for d, s in zip(doses, found[name], strict=True)
            if d <= 1.0
        )
        paths.append((name, points, round(0.25 + 0.7 * weight / most, 2)))
    return Shapes(paths, [(x(float(dose)), f"{dose}", css) for dose, css in marked])
