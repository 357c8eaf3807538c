"""Deliveries and the controlled-substance ledger of the demo clinic."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from regrow.inventory import LedgerAction
from regrow.knowledge import SessionRules
from regrow.web.accounts.api import User
from regrow.web.dosing_sessions.api import DosingSession, state_of
from regrow.web.ledger.api import containers_offered, record_entry, record_session_use
from regrow.web.patients.api import Patient
from regrow.web.platform import clock

VIAL_MG = "500"

VIAL_LOT = "KT2231"


def fill_ledger(staff: dict[str, User]) -> None:
    """Enter a delivery of vials, every session so far in order, and a count by two people."""
    sessions = list(
        DosingSession.objects.exclude(closed_at=None)
        .order_by("closed_at")
        .select_related("appointment__course__signature", "appointment__nurse")
    )
    delivered = sessions[0].opened_at - timedelta(days=3)
    with clock.using(lambda: delivered):
        what: dict[str, Any] = {"drug": "ketamine", "form": "vial", "size_ml": "10"}
        what["ug"] = int(Decimal(VIAL_MG) * 1000)
        deliver(staff["nina"], delivered.date(), count=len(sessions) + 14, lot=VIAL_LOT, **what)
    for session in sessions:
        closed_at = session.closed_at
        assert closed_at is not None  # they were asked for so
        with clock.using(lambda at=closed_at: at):  # type: ignore[misc]
            patient = str(session.appointment.course.patient_id)
            record_session_use(
                str(session.id), patient, state_of(session, closed_at), by=session.appointment.nurse
            )
    evening = clock.now() - timedelta(hours=15)
    with clock.using(lambda: evening):
        counted = record_entry(
            LedgerAction.COUNT,
            by=staff["noel"],
            data={"lot": VIAL_LOT, "sealed": 14, "open": {}},
            device="tablet-1",
        )
        record_entry(LedgerAction.CONFIRM, by=staff["nina"], data={"entry": counted.id}, device="tablet-2")


def deliver(
    nurse: User, day: date, *, count: int, lot: str, patient: Patient | None = None, **what: Any
) -> None:
    """Receive containers of one lot with their invoice."""
    for n in range(1, count + 1):
        delivery = {
            "lot": lot,
            "received_on": day.isoformat(),
            "expiry": (day + timedelta(days=500)).isoformat(),
        }
        record_entry(
            LedgerAction.RECEIVE,
            by=nurse,
            container=f"{lot}-{n:03d}",
            patient=str(patient.id) if patient else "",
            data={**delivery, "invoice": f"INV-{lot}", "single_dose": True, **what},
        )


def next_containers(rules: SessionRules, patient: Patient, session: str, count: int) -> list[str]:
    """Return the next containers a nurse would take."""
    return [c.id for c in containers_offered(rules.medicine, str(patient.id), session)[:count]]
