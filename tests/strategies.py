"""Hypothesis strategies for the core's values."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from regrow.session import Event, Kind, SessionOrder

START = datetime(
    2026, 11, 1, 4, 30, tzinfo=UTC
)  # half an hour before daylight-saving time ends, in New York: 00:30


def order() -> SessionOrder:
    """Case A of the infusion arithmetic: 40 mg in 100.8 mL over 40 min."""
    return SessionOrder(
        id="order",
        mg_per_kg=Decimal("0.5"),
        dose_mg=Decimal("40"),
        prepared_mg=Decimal("40.00"),
        total_ml=Decimal("100.80"),
        rate_ml_per_h=Decimal("151.2"),
        minutes=40,
        weight_kg=Decimal("80"),
    )


def event(id: str, kind: Kind, minute: float, **data: object) -> Event:
    at = START + timedelta(minutes=minute)
    return Event(id, kind, at, at, "nina", data)


@st.composite
def pump_logs(draw: st.DrawFn) -> list[Event]:
    """A start, then any pauses, resumes, rate changes, stops and corrections in the next two hours."""
    events = [event("start", Kind.START, 0)]
    for n in range(draw(st.integers(0, 12))):
        minute = draw(st.integers(0, 7200)) / 60
        kind = draw(st.sampled_from([Kind.PAUSE, Kind.RESUME, Kind.RATE, Kind.STOP, Kind.VITAL]))
        data: dict[str, object] = {}
        if kind is Kind.RATE:
            data = {"rate_ml_per_h": draw(st.sampled_from(["75.6", "151.2", "200"]))}
        if kind is Kind.VITAL:
            data = {"systolic_mmhg": 130, "diastolic_mmhg": 80, "pulse_per_min": 70, "spo2_percent": 98}
        events.append(event(f"e{n}", kind, minute, **data))
    if len(events) > 1 and draw(st.booleans()):
        wrong = draw(st.sampled_from(events[1:]))
        events.append(event("fix", Kind.CORRECTION, 121, corrects=wrong.id, data=None))
    return events
