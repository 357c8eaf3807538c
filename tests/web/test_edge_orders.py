"""The sharpest edges of an order, numbered as the clinic counts them: weight, its basis, a score that came later."""

from datetime import timedelta

import pytest

from regrow.web.accounts.roles import Role
from regrow.web.patients.services import record
from regrow.web.platform.access import ActionRefused
from regrow.web.treatment.decisions import sign_decision
from regrow.web.treatment.models import DoseDecision
from regrow.web.treatment.orders import order_is_stale
from regrow.web.treatment.sessions import open_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(small_clinic, answered, clock):
    """Order steps of one course: weigh, sign, start."""

    class Desk:
        course = small_clinic.course

        def weigh(self, kg: str) -> None:
            clock.at += timedelta(minutes=1)
            data = {"kind": "weight", "value": kg, "unit": "kg", "at": clock.at.isoformat()}
            record(small_clinic.patient, "measurement", data, author="nurse")

        def sign(self, reason: str = "") -> DoseDecision:
            clock.at += timedelta(minutes=1)
            prescriber = small_clinic.staff[Role.PRESCRIBER]
            return sign_decision(
                self.course, choice="accepted", dose="0.5", reason=reason, signed_by=prescriber
            )

        def open(self):
            return open_session(small_clinic.appointment, by=small_clinic.staff[Role.NURSE])

    return Desk()


def test_edge_03_another_weight_asks_for_a_new_order_and_a_large_jump_for_a_reason(desk) -> None:
    first = desk.sign()
    desk.weigh("176.4")  # pounds, typed as kilograms
    with pytest.raises(ActionRefused, match=r"calculated for 80\.0 kg and 176\.4 kg is on file"):
        desk.open()
    with pytest.raises(ActionRefused, match=r"was 80.0 kg and is 176.4 kg now \(\+120%.*check the unit"):
        desk.sign()

    desk.weigh("82.0")
    second = desk.sign()
    assert desk.open().decision_id == second.id
    assert [d.order["dose_mg"] for d in (first, second)] == ["40.00", "41.00"]


def test_edge_03_a_large_jump_that_is_true_is_signed_with_its_reason(desk) -> None:
    desk.weigh("88.0")

    assert desk.sign(reason="Weighed twice; on steroids since September").order["weight_kg"] == "88.0"


def test_edge_04_each_order_states_its_weight_basis_and_no_bmi_changes_it(desk, small_clinic) -> None:
    height = {"kind": "height", "value": "178", "unit": "cm"}
    record(small_clinic.patient, "measurement", {**height, "at": "2026-10-01T12:00:00Z"}, author="nurse")
    orders = []
    for kg in ("93.0", "140.0"):  # a BMI of 29.4, then 44.2
        desk.weigh(kg)
        orders.append(desk.sign(reason="Weighed twice").order)

    assert [(o["weight_basis"], o["weight_kg"], o["dose_mg"]) for o in orders] == [
        ("actual", "93.0", "46.50"),
        ("actual", "140.0", "70.00"),
    ]


@pytest.mark.database
def test_edge_05_a_score_after_the_signature_makes_the_order_stale(desk, answered, clock) -> None:
    decision = desk.sign()
    assert order_is_stale(decision) == []
    clock.at += timedelta(minutes=5)
    type(answered).objects.create(
        patient=answered.patient,
        instrument="phq-9",
        version=1,
        answers=[1] * 8 + [0],
        sent_at=clock.at,
        completed_at=clock.at,
    )
    with pytest.raises(ActionRefused, match="PHQ-9 was completed after the order was signed"):
        desk.open()

    again = desk.sign()
    assert desk.open().decision_id == again.id
