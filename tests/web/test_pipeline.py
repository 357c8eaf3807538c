"""The board: every person on it with an owner, the steps that only a prescriber takes, what is put off and closed."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.alerts.services import raise_alert
from regrow.web.conversations.owners import reassign_orphaned
from regrow.web.patients.models import Milestone
from regrow.web.patients.services import new_patient, record
from regrow.web.staff.pipeline import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(small_clinic):
    return new_patient(name="Elias Brandt", owner=small_clinic.staff[Role.COORDINATOR])


def client_of(small_clinic, role: Role) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[role])
    return client


def stage(clock, patient) -> str:
    return next(r.standing.stage for r in rows(clock.at) if r.id == str(patient.id))


@pytest.mark.database
def test_a_patient_moves_through_the_pipeline_to_scheduling(small_clinic, person, clock) -> None:
    assert stage(clock, person) == "screen"
    record(person, "diagnosis", {"icd10": "F33.2"}, author="prescriber")
    assert stage(clock, person) == "eligibility"
    desk, prescriber = (client_of(small_clinic, role) for role in (Role.COORDINATOR, Role.PRESCRIBER))
    refused = desk.post(f"/patients/{person.id}/stage/", {"kind": "determined", "text": "spravato"})
    assert refused.status_code == 409 and "Only a prescriber" in refused.content.decode()
    prescriber.post(f"/patients/{person.id}/stage/", {"kind": "determined", "text": "spravato"})
    for expected, kind in (
        ("benefits", "benefits"),
        ("authorization", "authorized"),
        ("estimate", "estimate_given"),
    ):
        assert stage(clock, person) == expected
        page = desk.get("/pipeline/").content.decode()
        assert "Elias Brandt" in page
        for _ in range(2):
            desk.post(f"/patients/{person.id}/stage/", {"kind": kind})
    assert stage(clock, person) == "scheduled"
    assert Milestone.objects.filter(patient=person).count() == 4


@pytest.mark.database
def test_every_patient_has_an_owner(small_clinic, person, clock) -> None:
    coordinator = small_clinic.staff[Role.COORDINATOR]
    coordinator.is_active = False
    coordinator.save()
    page = client_of(small_clinic, Role.FRONT_DESK).get("/pipeline/").content.decode()
    assert "no longer active" in page
    reassign_orphaned()
    assert all(row.owner.is_active for row in rows(clock.at))
    assert "has left → Front desk" in Milestone.objects.filter(patient=person).last().text


def test_an_open_alert_is_on_top_and_cannot_be_snoozed(small_clinic, person, clock) -> None:
    raise_alert(person, "wrote that it gets dark", crisis=True)
    assert rows(clock.at)[0].name == "Elias Brandt"
    page = client_of(small_clinic, Role.FRONT_DESK).get("/pipeline/").content.decode()
    assert f'until-{person.id}"' not in page


def test_snoozing_needs_a_date_and_a_reason(small_clinic, person, clock) -> None:
    desk = client_of(small_clinic, Role.FRONT_DESK)
    for wrong in (
        {},
        {"until": "2026-10-01", "why": "past"},
        {"until": "2026-12-01"},
        {"until": "x", "why": "why"},
    ):
        assert desk.post(f"/patients/{person.id}/snooze/", wrong).status_code == 400
    desk.post(f"/patients/{person.id}/snooze/", {"until": "2026-11-02", "why": "travels"})
    assert next(r for r in rows(clock.at) if r.id == str(person.id)).until == date(2026, 11, 2)
    clock.at += timedelta(days=8)
    assert next(r for r in rows(clock.at) if r.id == str(person.id)).until is None


def test_closing_needs_a_reason_and_can_be_undone(small_clinic, person, clock) -> None:
    desk = client_of(small_clinic, Role.COORDINATOR)
    assert desk.post(f"/patients/{person.id}/stage/", {"kind": "closed", "text": ""}).status_code == 400
    desk.post(f"/patients/{person.id}/stage/", {"kind": "closed", "text": "cost"})
    assert stage(clock, person) == "closed"
    clock.at += timedelta(minutes=1)
    desk.post(f"/patients/{person.id}/stage/", {"kind": "reopened"})
    assert stage(clock, person) == "screen"


def test_an_owner_is_changed_with_a_trace(small_clinic, person) -> None:
    nurse = small_clinic.staff[Role.NURSE]
    client_of(small_clinic, Role.FRONT_DESK).post(f"/patients/{person.id}/assign/", {"owner": nurse.id})
    person.refresh_from_db()
    assert person.owner == nurse
    assert Milestone.objects.get().text == "Coordinator → Nurse"


@pytest.mark.database
def test_a_milestone_cannot_be_changed(small_clinic, person, clock) -> None:
    Milestone.objects.create(patient=person, kind="notified", at=clock.at)
    for statement in ("UPDATE patients_milestone SET kind = 'closed'", "DELETE FROM patients_milestone"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as c,
        ):
            c.execute(statement)


@pytest.mark.database
def test_a_patient_closed_long_ago_is_not_queried_until_reopened(small_clinic, person, clock) -> None:
    def on_board() -> bool:
        return str(person.id) in {r.id for r in rows(clock.at)}

    desk = client_of(small_clinic, Role.COORDINATOR)
    desk.post(f"/patients/{person.id}/stage/", {"kind": "closed", "text": "moved"})
    assert on_board() and stage(clock, person) == "closed"
    clock.at += timedelta(days=31)
    assert not on_board()
    desk.post(f"/patients/{person.id}/stage/", {"kind": "reopened"})
    assert on_board() and stage(clock, person) != "closed"


def test_closing_a_chart_closes_its_course_and_cancels_what_is_booked(small_clinic, clock) -> None:
    desk = client_of(small_clinic, Role.COORDINATOR)
    patient, course = small_clinic.patient, small_clinic.course
    assert course.appointments.filter(canceled_at=None).count() == 6
    answer = desk.post(f"/patients/{patient.id}/stage/", {"kind": "closed", "text": "cost"})
    assert answer.status_code == 302
    course.refresh_from_db()
    assert course.closed_at == clock.at
    assert not course.appointments.filter(canceled_at=None).exists()


def test_a_chart_with_an_open_session_is_not_closed(small_clinic, session, clock) -> None:
    desk = client_of(small_clinic, Role.COORDINATOR)
    answer = desk.post(f"/patients/{small_clinic.patient.id}/stage/", {"kind": "closed", "text": "cost"})
    assert "A session of this patient is open" in answer.content.decode()
    small_clinic.course.refresh_from_db()
    assert small_clinic.course.closed_at is None


def test_a_patient_with_an_open_alert_is_not_snoozed(small_clinic, clock) -> None:
    from regrow.web.alerts.services import raise_alert

    raise_alert(small_clinic.patient, "Wants to die", crisis=True)
    desk = client_of(small_clinic, Role.COORDINATOR)
    answer = desk.post(
        f"/patients/{small_clinic.patient.id}/snooze/", {"until": "2026-11-02", "why": "travels"}
    )
    assert "A safety alert of this patient is open" in answer.content.decode()
    assert not small_clinic.patient.milestones.filter(kind="snoozed").exists()


@pytest.mark.parametrize("moment", ["2020-01-01T10:00", "9999-12-31T10:00"])
def test_a_consultation_is_not_scheduled_in_the_past_or_far_away(
    request: pytest.FixtureRequest, moment: str
) -> None:
    from tests.web.test_forms import CASES, World

    world, case = World(request), CASES["InterviewTimeForm"]
    found = case.where(world)
    assert isinstance(found, str)
    answer = world.client(case.role).post(found, {"interview_at": moment})
    assert "Enter a time in the next 12 months." in answer.content.decode()


def test_time_off_that_ends_in_the_year_9999_is_refused_at_its_field(request: pytest.FixtureRequest) -> None:
    from tests.web.test_forms import CASES, World

    world, case = World(request), CASES["TimeOffForm"]
    found = case.where(world)
    address, more = found if isinstance(found, tuple) else (found, {})
    answer = world.client(case.role).post(address, {**case.valid, **more, "last_day": "9999-12-31"})
    assert answer.status_code == 400
    assert "Enter a date within the next 5 years." in answer.content.decode()
