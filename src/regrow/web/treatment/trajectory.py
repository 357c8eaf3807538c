"""Geometry of the score and dose chart, with side effects and the model's prediction, for an SVG template.

Drawn wide and narrow, so that text keeps its size on a phone. Holds no clinical rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from regrow.course import AdministeredDose, CourseScore, TreatmentCourse, baseline
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
    """A level with its label: at the start of the line, or at its end."""

    y: float
    text: str
    at_end: bool = False


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


@dataclass(frozen=True)
class _Frame:
    """Where a time, a score and a dose lie in the drawing: scores above, doses below, one time line."""

    width: int
    start: datetime
    end: datetime
    top_score: float
    cap: float
    left = 34
    top, score_floor, dose_top, zero = 24, 226, 262, 330

    @property
    def right(self) -> int:
        return self.width - 14

    @property
    def narrow(self) -> bool:
        return self.width <= 400

    @property
    def time_width(self) -> int:
        return self.right - self.left - 28

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(self.left + 14 + self.time_width * share, 1)

    def y(self, total: float) -> float:
        share = min(max(total, 0), self.top_score) / self.top_score
        return round(self.score_floor - (self.score_floor - self.top) * share, 1)

    def dose_y(self, mg_per_kg: float) -> float:
        share = min(mg_per_kg, self.cap) / self.cap
        return round(self.zero - (self.zero - self.dose_top) * share, 1)


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
    predicted = estimate if suggested is not None else None
    ahead = [now + timedelta(days=p.days) for p in predicted.path] if predicted else []
    start, end = _span(protocol, rule, course, now, ahead)
    frame = _Frame(width, start, end, float(scale.maximum), float(rule.cap))
    scores = [s for s in course.scores_in_order(rule.instrument) if s.taken_at >= start]
    doses = [d for d in course.doses_in_order if d.ended_at >= start]
    dots = _dots(frame, scale, scores)
    return Trajectory(
        width=width,
        height=398,
        left=frame.left,
        right=frame.right,
        grid=[Line(frame.y(v), str(v)) for v in [0, *[low for low, _ in scale.bands if low], scale.maximum]],
        dots=dots,
        gaps=[frame.x(s.taken_at) for s in scores if s.total is None],
        path=" ".join(f"{d.x},{d.y}" for d in dots),
        response=_response_line(frame, dots, baseline(course, rule.instrument), response_at_most),
        remission=_remission_line(frame, dots, scale),
        cap=Line(frame.dose_y(frame.cap), f"cap {rule.cap} mg/kg"),
        zero_y=frame.zero,
        bars=_bars(frame, doses, rule.unit, suggested, now),
        felt=[
            _side_effect_mark(frame.x(d.ended_at), d.because, d.tolerated)
            for d in doses
            if d.because or not d.tolerated
        ],
        weeks=_weeks(frame),
        now_x=frame.x(now),
        band=_band(frame, dots, ahead, predicted, suggested) if predicted and ahead and dots else None,
        few=len(dots) < _FEW,
        description=_description(scale, scores, len(doses), predicted),
    )


def _span(
    protocol: InfusionProtocol,
    rule: Titration,
    course: TreatmentCourse,
    now: datetime,
    ahead: Sequence[datetime],
) -> tuple[datetime, datetime]:
    """Return the first and last moment drawn: every record and prediction, and the planned course."""
    taken = [s.taken_at for s in course.scores_in_order(rule.instrument)]
    times = [*taken, *(d.ended_at for d in course.doses_in_order), now, *ahead]
    start = max(min(times), now - timedelta(weeks=_MOST_WEEKS))
    planned = timedelta(days=protocol.every_days * protocol.sessions)
    return start, max(max(times), start + planned) + timedelta(days=3)


def _dots(frame: _Frame, scale: Scale, scores: Sequence[CourseScore]) -> Sequence[ScorePoint]:
    half = _minimal_change(scale) / 2
    return [
        ScorePoint(
            frame.x(s.taken_at),
            frame.y(float(s.total)),
            frame.y(float(s.total) + half),
            frame.y(float(s.total) - half),
            shown(s.total),
            s.taken_at,
        )
        for s in scores
        if s.total is not None
    ]


def _response_line(
    frame: _Frame, dots: Sequence[ScorePoint], first: CourseScore | None, response_at_most: int | None
) -> Line | None:
    if first is None or not first.total or response_at_most is None:
        return None
    text = f"response: {response_at_most} or less (from {shown(first.total)})"
    return _labeled(frame, dots, frame.y(response_at_most), text, -14)


def _remission_line(frame: _Frame, dots: Sequence[ScorePoint], scale: Scale) -> Line | None:
    if scale.remission_at_most is None:
        return None
    text = f"remission: {scale.remission_at_most} or less"
    return _labeled(frame, dots, frame.y(scale.remission_at_most), text, 14)


def _labeled(frame: _Frame, dots: Sequence[ScorePoint], y: float, text: str, below: int) -> Line:
    """Return a line with its label at the end where fewer points lie in the way."""
    width = 6 * len(text)

    def in_the_way(first: float, last: float) -> int:
        return sum(first - 12 <= dot.x <= last + 12 and abs(dot.y - y - below / 2) < 26 for dot in dots)

    at_end = in_the_way(frame.right - width, frame.right) < in_the_way(frame.left, frame.left + width)
    return Line(y, text, at_end)


def _bars(
    frame: _Frame, doses: Sequence[AdministeredDose], unit: str, suggested: Decimal | None, now: datetime
) -> Sequence[Bar]:
    whole = frame.end - frame.start
    apart = [(b.ended_at - a.ended_at) / whole * frame.time_width for a, b in pairwise(doses)]
    wide = min(14 if frame.narrow else 26, max(3, round(0.75 * min(apart, default=99))))
    bars = [
        _bar(
            frame.x(d.ended_at),
            wide,
            frame.dose_y(float(d.ordered)),
            frame.zero,
            float(d.delivered_percent),
            f"{d.ordered}",
            False,
        )
        for d in doses
        if d.unit == unit
    ]
    if suggested is not None:
        # A day after the last dose the labels would overlap; the next one moves to the side.
        beside = max([frame.x(now), *(frame.x(d.ended_at) + max(wide + 8, 36) for d in doses)])
        top = frame.dose_y(float(suggested))
        bars.append(_bar(beside, wide, top, frame.zero, 0, f"{suggested} ?", True))
    return bars


def _weeks(frame: _Frame) -> Sequence[tuple[float, str]]:
    days = (frame.end - frame.start).days
    step = max(1, round(days / 7 / (4 if frame.narrow else 7)))
    return [
        (frame.x(frame.start + timedelta(weeks=n)), "start" if n == 0 else f"{n} wk")
        for n in range(0, days // 7 + 1, step)
    ]


def _description(
    scale: Scale, scores: Sequence[CourseScore], infusions: int, predicted: Estimate | None
) -> str:
    points = ", ".join(shown(s.total) for s in scores if s.total is not None) or "no scores yet"
    expected = ""
    if predicted and predicted.path:
        low, _, middle, _, high = predicted.path[-1].score
        expected = (
            f" The model expects {middle:.0f} at the end, between {low:.0f} and {high:.0f} for four of five."
        )
    return (
        f"{scale.title} by date: {points}. Lower is better. {infusions} infusions.{expected} A table follows."
    )


def _minimal_change(scale: Scale) -> float:
    """Return the first published minimal important change; 0 without one."""
    return next((float(m.points) for m in scale.minimal_changes if m.points is not None), 0.0)


def _band(
    frame: _Frame,
    dots: Sequence[ScorePoint],
    ahead: Sequence[datetime],
    estimate: Estimate,
    suggested: Decimal | None,
) -> Band:
    at = [dots[-1].x, *(frame.x(moment) for moment in ahead)]

    def edge(place: int) -> list[float]:
        return [dots[-1].y, *(frame.y(point.score[place]) for point in estimate.path)]

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
