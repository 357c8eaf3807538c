"""Administered dose and tolerability of a finished session, for the course record."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from regrow.course import AdministeredDose

from .events import Kind
from .fold import SessionState, rounded

_DISSOCIATION = "cadss-6"


def administered_dose(session_id: str, state: SessionState) -> AdministeredDose | None:
    """Return the administered dose of a session, or None before the patient has left or if no dose was given.

    `recorded_at` is when the departure was recorded. Without a recorded tolerability the dose counts as not
    tolerated.
    """
    order = state.order
    if state.ended_at is None or state.left_at is None or order is None:
        return None
    leaving = state.of(Kind.HANDOVER)
    before, highest = _pressures(state)
    left = [e for e in state.entries if e.kind in (Kind.HANDOVER, Kind.LEFT)]
    return AdministeredDose(
        session_id=session_id,
        ended_at=state.ended_at,
        ordered=order.mg_per_kg if order.mg_per_kg is not None else order.prepared_mg,
        unit="mg/kg" if order.mg_per_kg is not None else "mg",
        delivered_mg=state.delivered_mg_shown,
        delivered_percent=state.delivered_percent,
        tolerated=bool(leaving[-1].data.get("tolerated", True)) if leaving else False,
        because=", ".join(
            f"{e.data['symptom']} {e.data.get('severity', '')}".strip() for e in state.of(Kind.SYMPTOM)
        ),
        weight_kg=order.weight_kg,
        minutes=_minutes(state),
        systolic_start_mmhg=before,
        systolic_rise_mmhg=None if before is None or highest is None else highest - before,
        cadss=max(
            (e.data["total"] for e in state.of(Kind.SCALE) if e.data["scale"] == _DISSOCIATION), default=None
        ),
        recorded_at=max(left[-1].event.server_time, state.ended_at) if left else None,
    )


def _minutes(state: SessionState) -> Decimal | None:
    """Running time of the pump in minutes, without pauses; None without a pump."""
    ran = sum(((run.ended_at - run.started_at) for run in state.runs if run.ml_per_h), timedelta(0))
    return rounded(Fraction(ran // timedelta(milliseconds=1), 60_000), "0.1") if ran else None


def _pressures(state: SessionState) -> tuple[int | None, int | None]:
    """The last systolic pressure before the start, and the highest after it (mmHg)."""
    read = [e for e in state.vitals if "systolic_mmhg" in e.data and state.started_at]
    before = [e.data["systolic_mmhg"] for e in read if state.started_at and e.at <= state.started_at]
    after = [e.data["systolic_mmhg"] for e in read if state.started_at and e.at > state.started_at]
    return (before[-1] if before else None, max(after, default=None))
