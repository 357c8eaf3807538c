"""A simulated patient monitor that replays a curve in HL7 v2, for training and tests."""

from datetime import datetime
from itertools import pairwise

from regrow.knowledge import Curve, MonitorRules

from .hl7v2 import oru_of

PRESSURE = ("systolic_mmhg", "diastolic_mmhg")


def values_at(curve: Curve, minute: float) -> dict[str, int]:
    """Return the curve at a minute, linear between points; after its end, the last point."""
    minute = min(max(minute, curve.points[0][0]), curve.points[-1][0])
    before, after = next((a, b) for a, b in pairwise(curve.points) if a[0] <= minute <= b[0])
    share = (minute - before[0]) / (after[0] - before[0])
    found = [a + (b - a) * share for a, b in zip(before, after, strict=True)]
    return {name: round(value) for name, value in zip(curve.columns, found, strict=True) if name != "minute"}


def message_of(
    rules: MonitorRules,
    curve: Curve,
    minute: float,
    device: str,
    patient: str,
    *,
    id: str,
    now: datetime,
    cuff: bool,
) -> str:
    """Build the ORU^R01 of that minute; with a blood pressure only when the cuff has just measured."""
    lines = []
    for name, value in values_at(curve, minute).items():
        if name in PRESSURE and not cuff:
            continue
        sign = rules.signs[name]
        unit = next(u for u in sign.units if u.startswith("MDC_"))
        lines.append((now, min(sign.mdc), name, unit, value))
    return oru_of(id, device, patient, lines)
