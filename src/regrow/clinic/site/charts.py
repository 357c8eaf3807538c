"""The two charts as plain geometry for SVG templates: scores over doses, and the session strip.

Drawn twice, wide and narrow, so that text keeps its size on a phone. No clinical rule lives here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from regrow import knowledge
from regrow.course import Course, baseline
from regrow.knowledge import Limits, Protocol, Scale
from regrow.pharmacology import PumpRun, plasma
from regrow.scales import shown
from regrow.session import SessionOrder, SessionState


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
    protocol: Protocol, scale: Scale, course: Course, *, suggested: Decimal | None, now: datetime
) -> Sequence[Trajectory]:
    """Scores above doses on one time line: (wide, narrow)."""
    return [_trajectory(protocol, scale, course, suggested, now, width) for width in (760, 358)]


def _trajectory(
    protocol: Protocol, scale: Scale, course: Course, suggested: Decimal | None, now: datetime, width: int
) -> Trajectory:
    left, right, top, score_floor, dose_top, zero = 34, width - 14, 24, 226, 262, 330
    scores = course.scores_in_order(protocol.instrument)
    doses = course.doses_in_order
    times = [s.taken_at for s in scores] + [d.ended_at for d in doses] + [now]
    start = min(times)
    planned = timedelta(days=protocol.every_days * protocol.sessions)
    end = max(max(times), start + planned) + timedelta(days=3)

    def x(moment: datetime) -> float:
        return round(left + 14 + (right - left - 28) * ((moment - start) / (end - start)), 1)

    def y(total: float) -> float:
        return round(score_floor - (score_floor - top) * total / scale.maximum, 1)

    cap = float(protocol.cap_mg_per_kg)

    def dose_y(mg_per_kg: float) -> float:
        return round(zero - (zero - dose_top) * mg_per_kg / cap, 1)

    valid = [s for s in scores if s.total is not None]
    dots = [Dot(x(s.taken_at), y(float(s.total or 0)), shown(s.total or 0), s.taken_at) for s in valid]
    first = baseline(course, protocol.instrument)
    half = None
    if first is not None and first.total and scale.response_fall_percent is not None:
        bound = int(Fraction(first.total) * (1 - Fraction(scale.response_fall_percent) / 100))
        half = Line(y(bound), f"response: {bound} or less (from {shown(first.total)})")
    wide = 26 if width > 400 else 14
    bars = [
        _bar(
            x(d.ended_at),
            wide,
            dose_y(float(d.ordered_mg_per_kg)),
            zero,
            float(d.delivered_percent),
            f"{d.ordered_mg_per_kg}",
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
        cap=Line(dose_y(cap), f"cap {protocol.cap_mg_per_kg} mg/kg"),
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


@dataclass(frozen=True)
class Caret:
    x: float
    upper: str
    lower: str
    pulse_y: float
    label_y: float
    text: str


@dataclass(frozen=True)
class Strip:
    width: int
    height: int
    left: int
    right: int
    grid: Sequence[Line]
    limit: Line
    carets: Sequence[Caret]
    pulse_path: str
    past: str
    ahead: str
    top_ng: Line
    runs: Sequence[tuple[float, float]]
    planned: tuple[float, float] | None
    marks: Sequence[tuple[float, str]]
    now_x: float
    minutes: Sequence[tuple[float, str]]
    model: str
    now_ng_per_ml: int
    site: str


def strip(
    protocol: Protocol, limits: Limits, order: SessionOrder, state: SessionState, now: datetime
) -> Strip:
    """The session on one time line: pressure, pulse, estimated ketamine, pump, symptoms."""
    width, left, right = 560, 40, 540
    start = state.started_at or now
    runs_min = [
        (
            (r.started_at - start).total_seconds() / 60,
            (r.ended_at - start).total_seconds() / 60,
            float(r.ml_per_h),
        )
        for r in state.runs
    ]
    longest = order.minutes + float(limits.observation_min) + 240  # a session left open is not drawn for days
    now_min = min(longest, max(0.0, (now - start).total_seconds() / 60))
    end_min = (state.infusion_ends_at - start).total_seconds() / 60 if state.infusion_ends_at else now_min
    span = max(order.minutes + float(limits.observation_min), now_min + 10)

    def x(minute: float) -> float:
        return round(left + (right - left) * min(max(minute, 0), span) / span, 1)

    def y(mmhg: float) -> float:
        return round(230 - (min(max(mmhg, 40), 200) - 40) * 1.25, 1)

    model = knowledge.model("clements-1981")
    mg_per_ml = float(order.prepared_mg / order.total_ml)
    done = [PumpRun(a, b, rate / 60 * mg_per_ml) for a, b, rate in runs_min]
    rate = float(order.rate_ml_per_h)
    to_come = (
        [PumpRun(now_min if state.started_at else 0, end_min, rate / 60 * mg_per_ml)]
        if state.phase in ("infusing",) and end_min > now_min
        else []
    )
    if state.started_at is None:
        to_come = [PumpRun(0, order.minutes, rate / 60 * mg_per_ml)]
    weight = float(order.weight_kg)
    times = [span * n / 100 for n in range(101)]
    curve = plasma(model, weight, [*done, *to_come], times)
    here = plasma(model, weight, done, [now_min])[0].ng_per_ml
    top = max([50.0, *(c.ng_per_ml for c in curve)])

    def conc_y(ng: float) -> float:
        return round(390 - 110 * ng / top, 1)

    split = now_min if state.started_at else 0
    past = [f"{x(c.minute)},{conc_y(c.ng_per_ml)}" for c in curve if c.minute <= split]
    past += [f"{x(split)},{conc_y(here)}"] if state.started_at else []
    ahead = [f"{x(c.minute)},{conc_y(c.ng_per_ml)}" for c in curve if c.minute >= split]
    carets = []
    for vital in state.vitals:
        at = x((vital.device_time - start).total_seconds() / 60)
        upper, lower = y(vital.data["systolic_mmhg"]), y(vital.data["diastolic_mmhg"])
        carets.append(
            Caret(
                at,
                f"M{at - 7} {upper - 9} L{at} {upper} L{at + 7} {upper - 9}",
                f"M{at - 7} {lower + 9} L{at} {lower} L{at + 7} {lower + 9}",
                y(vital.data["pulse_per_min"]),
                upper - 2,
                f"{vital.data['systolic_mmhg']}/{vital.data['diastolic_mmhg']}",
            )
        )
    return Strip(
        width=width,
        height=470,
        left=left,
        right=right,
        grid=[Line(y(v), str(v)) for v in (60, 80, 100, 120, 140, 160, 180)],
        limit=Line(y(float(limits.during_systolic_mmhg)), f"limit in force {limits.during_systolic_mmhg}"),
        carets=carets,
        pulse_path=" ".join(f"{c.x},{c.pulse_y}" for c in carets),
        past=" ".join(past),
        ahead=" ".join(ahead),
        top_ng=Line(conc_y(top), f"{top:.0f}"),
        runs=[(x(a), round(x(b) - x(a), 1)) for a, b, _ in runs_min],
        planned=(x(to_come[0].start_min), round(x(to_come[0].end_min) - x(to_come[0].start_min), 1))
        if to_come
        else None,
        marks=[
            (x((s.device_time - start).total_seconds() / 60), f"{s.data['symptom']} {s.data['severity']}")
            for s in state.symptoms
        ],
        now_x=x(now_min),
        minutes=[(x(m), f"{m}") for m in range(0, int(span) + 1, 10 if span <= 100 else 30)],
        model=model.title,
        now_ng_per_ml=round(here),
        site=model.site,
    )
