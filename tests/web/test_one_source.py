"""What several screens show comes from one place: stage, calendar day, order, chart number."""

from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from regrow.scales import highest_total_with_fall
from regrow.web.accounts.roles import Role
from regrow.web.patients.models import Patient
from regrow.web.patients.services import new_patient
from regrow.web.staff import journeys, pipeline
from regrow.web.treatment import course_builder, orders
from regrow.web.treatment.decisions import sign_decision

pytestmark = pytest.mark.django_db


def signed_in(small_clinic, role: Role) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[role])
    return client


def test_chart_and_pipeline_show_the_same_stage(small_clinic, clock) -> None:
    row = next(r for r in pipeline.rows(clock.at) if r.id == str(small_clinic.patient.id))
    label = journeys.status_of(small_clinic.patient, clock.at).label
    chart = signed_in(small_clinic, Role.NURSE).get(reverse("chart", args=[small_clinic.patient.id]))

    assert row.standing.label == label == "Induction, 0 of 6"
    assert label in chart.content.decode()


def test_tomorrow_is_tomorrow_where_the_clinic_is(small_clinic, clock) -> None:
    clock.at = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # November 30, 8:00 PM in New York
    form = {"why": "calls back", "until": "2026-12-01"}

    answer = signed_in(small_clinic, Role.COORDINATOR).post(
        reverse("snooze", args=[small_clinic.patient.id]), form
    )

    assert answer.status_code == 302
    assert small_clinic.patient.milestones.filter(kind="snoozed").count() == 1


def test_one_signature_reads_the_chart_once(small_clinic, answered) -> None:
    """The order must rest on the records that the suggestion rests on."""
    read, one, two = [], course_builder.chart_of, orders.chart_of
    with (
        patch.object(course_builder, "chart_of", lambda *a, **k: read.append(1) or one(*a, **k)),
        patch.object(orders, "chart_of", lambda *a, **k: read.append(1) or two(*a, **k)),
    ):
        decision = sign_decision(
            small_clinic.course,
            choice="accepted",
            dose="0.5",
            reason="",
            signed_by=small_clinic.staff[Role.PRESCRIBER],
        )

    assert decision.order["weight_kg"] == "80.0"
    assert len(read) == 1


@pytest.mark.database
def test_chart_numbers_go_on_after_99999(small_clinic) -> None:
    Patient.objects.filter(id=small_clinic.patient.id).update(mrn="99999")

    made = [new_patient(name=n, owner=small_clinic.staff[Role.COORDINATOR]).mrn for n in ("B", "C")]

    assert made == ["100000", "100001"]


@pytest.mark.parametrize(
    ("baseline", "percent", "highest"), [(21, 50, 10), (20, 50, 10), (27, "33.3", 18), (1, 50, 0)]
)
def test_the_response_line_is_the_highest_total_that_has_fallen_enough(baseline, percent, highest) -> None:
    from decimal import Decimal

    assert highest_total_with_fall(baseline, Decimal(percent)) == highest
