"""An order is not used when the chart changed after it was signed, until the prescriber has signed again."""

from datetime import timedelta

import pytest
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.patients.services import record
from regrow.web.platform.access import ActionRefused
from regrow.web.treatment.decisions import sign_decision
from regrow.web.treatment.sessions import open_session

pytestmark = pytest.mark.django_db


def sign(small_clinic) -> None:
    sign_decision(
        small_clinic.course,
        choice="accepted",
        dose="0.5",
        reason="",
        signed_by=small_clinic.staff[Role.PRESCRIBER],
    )


@pytest.mark.parametrize(
    ("kind", "data", "named"),
    [
        ("medicine", {"text": "phenelzine"}, "phenelzine"),
        ("condition", {"text": "Aortic dissection"}, "Aortic dissection"),
    ],
)
def test_an_order_signed_before_a_new_fact_opens_no_session(
    small_clinic, answered, clock, kind: str, data: dict, named: str
) -> None:
    sign(small_clinic)
    clock.at += timedelta(minutes=5)
    record(small_clinic.patient, kind, data, author="nurse")
    with pytest.raises(ActionRefused, match=f"Recorded after the order was signed: {named}"):
        open_session(small_clinic.appointment, by=small_clinic.staff[Role.NURSE])
    nurse = Client()
    nurse.force_login(small_clinic.staff[Role.PRESCRIBER])
    page = nurse.get(f"/patients/{small_clinic.patient.id}/dosing/").content.decode()
    assert f"Recorded after the order was signed: {named}" in page
    sign(small_clinic)
    assert open_session(small_clinic.appointment, by=small_clinic.staff[Role.NURSE]).closed_at is None


def test_an_order_of_a_closed_chart_opens_no_session(small_clinic, answered, clock) -> None:
    from regrow.web.patients.models import Milestone

    sign(small_clinic)
    director = small_clinic.staff[Role.DIRECTOR]
    Milestone.objects.create(
        patient=small_clinic.patient, kind="closed", text="cost", by=director, at=clock.at
    )
    with pytest.raises(ActionRefused, match="This chart is closed"):
        open_session(small_clinic.appointment, by=small_clinic.staff[Role.NURSE])
