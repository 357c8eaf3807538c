"""Outreach along a course, and escalation of an alert until it is acknowledged."""

from datetime import UTC, datetime, timedelta

import pytest

from regrow.web.accounts.roles import Role
from regrow.web.alerts.escalation import escalate_all
from regrow.web.alerts.models import AlertEvent, OnCallShift
from regrow.web.alerts.services import raise_alert
from regrow.web.assessments.models import QuestionnaireResponse
from regrow.web.assessments.responses import completed_responses, record_clinician_rating
from regrow.web.conversations.models import Message
from regrow.web.courses.models import StaffTask
from regrow.web.platform.content import knowledge
from regrow.web.platform.jobs import run_due_jobs, run_periodic
from regrow.web.signing.models import SignedValues
from regrow.web.treatment.outreach import run_outreach

pytestmark = pytest.mark.django_db


def passes(clock, **time) -> None:
    """Time passes, as the worker lives it."""
    end = clock.at + timedelta(**time)
    while clock.at < end:
        clock.at = min(end, clock.at + timedelta(minutes=10))
        run_periodic(all_of_them=True)
        run_due_jobs()


def sent() -> list[tuple[str, str]]:
    return [
        (m.occasion, m.state)
        for m in Message.objects.filter(kind="reminder").order_by("created_at", "occasion")
    ]


@pytest.mark.database
def test_a_check_in_is_asked_chased_and_handed_to_its_owner(small_clinic, clock) -> None:
    clock.at = small_clinic.appointment.starts_at - timedelta(hours=30)
    passes(clock, hours=31)
    kept = [key for key, _ in sent()]
    assert kept.count("before-dose:1") in (2, 3)
    assert kept.count("day-before:1") == 1
    assert QuestionnaireResponse.objects.count() == 1  # asked again is the same sheet
    (handed,) = StaffTask.objects.exclude(key__startswith="late:")
    assert handed.key == "before-dose:1" and handed.owner == small_clinic.patient.owner
    assert handed.created_at < small_clinic.appointment.starts_at


def test_an_answer_ends_the_asking(small_clinic, clock) -> None:
    clock.at = small_clinic.appointment.starts_at - timedelta(hours=26)
    run_outreach()
    record_clinician_rating(small_clinic.patient, knowledge.scale("phq-9"), [1] * 8 + [0], once=None)
    passes(clock, hours=26)
    assert [key for key, _ in sent()].count("before-dose:1") == 1
    assert not StaffTask.objects.exists()
    assert completed_responses(small_clinic.patient).count() == 1


@pytest.mark.database
def test_rounds_made_twice_at_once_ask_once(small_clinic, clock) -> None:
    clock.at = small_clinic.appointment.starts_at - timedelta(hours=26)
    run_outreach()
    small_clinic.course.next_outreach_at = None
    small_clinic.course.save()
    run_outreach()
    assert len(sent()) == len(set(sent())) == 2


def test_a_canceled_session_sends_no_check_in(small_clinic, clock) -> None:
    small_clinic.appointment.canceled_at = clock.at
    small_clinic.appointment.save()
    clock.at = small_clinic.appointment.starts_at - timedelta(hours=26)
    run_outreach()
    assert not [key for key, _ in sent() if key.endswith(":1")]
    small_clinic.appointment.canceled_at = None
    small_clinic.appointment.save()
    small_clinic.course.refresh_from_db()
    small_clinic.course.next_outreach_at = None
    small_clinic.course.save()
    run_outreach()
    assert "before-dose:1" in [key for key, _ in sent()]


def _sign(small_clinic, **minutes: str) -> None:
    duty = knowledge.duty()
    SignedValues.objects.create(
        kind="duty",
        file_id=duty.id,
        version=duty.version,
        values=minutes,
        signed_by=small_clinic.staff[Role.DIRECTOR],
        signed_at=datetime(2026, 10, 1, tzinfo=UTC),
    )


def notified_steps() -> list[tuple[str, str]]:
    return [(s.step, s.staff.role) for s in AlertEvent.objects.filter(kind="notified").order_by("at", "id")]


@pytest.mark.database
def test_an_alert_escalates_until_acknowledged(small_clinic, clock, client) -> None:
    _sign(small_clinic, on_call_after_min="10", director_after_min="20", clinicians_after_min="40")
    alert = raise_alert(small_clinic.patient, "wrote that the nights are very dark", crisis=True)
    run_due_jobs()
    assert notified_steps() == [("named", "prescriber")]
    passes(clock, minutes=25)
    assert notified_steps() == [("named", "prescriber"), ("director", "director")]  # no clinician was on call
    client.force_login(small_clinic.staff[Role.NURSE])
    client.post(f"/alerts/{alert.id}/acknowledge/")
    client.post(f"/alerts/{alert.id}/attempt/", {"attempt": "call"})
    passes(clock, minutes=60)
    assert len(notified_steps()) == 2
    alert.refresh_from_db()
    assert alert.acknowledged_by == alert.assigned_to == small_clinic.staff[Role.NURSE]
    assert alert.resolved_at is None  # having it is not having done it
    assert [s.kind for s in alert.steps.all()] == ["notified", "notified", "acknowledged", "attempted"]


def test_without_signed_minutes_all_clinicians_are_notified_at_once(small_clinic, clock) -> None:
    raise_alert(small_clinic.patient, "wrote that the nights are very dark", crisis=True)
    escalate_all()
    assert {role for _, role in notified_steps()} == {"prescriber", "director", "nurse"}


def test_on_the_weekend_the_clinician_on_call_is_assigned(small_clinic, clock) -> None:
    nurse, director = small_clinic.staff[Role.NURSE], small_clinic.staff[Role.DIRECTOR]
    OnCallShift.objects.create(
        staff=nurse, from_at=clock.at, to_at=clock.at + timedelta(days=2), entered_by=director
    )
    assert raise_alert(small_clinic.patient, "x", crisis=True).assigned_to == nurse
    clock.at += timedelta(days=3)
    assert raise_alert(small_clinic.patient, "y", crisis=True).assigned_to.role == Role.PRESCRIBER


def test_an_alert_of_an_opted_out_patient_escalates(small_clinic, clock) -> None:
    from regrow.web.conversations.services import contact_points

    for contact in contact_points(small_clinic.patient):
        contact.opted_out_at = clock.at
        contact.save()
    clock.at = datetime(2026, 11, 1, 5, 50, tzinfo=UTC)
    raise_alert(small_clinic.patient, "x", crisis=True)
    escalate_all()
    assert notified_steps()
    assert not Message.objects.filter(kind="reminder", state="sent").exists()


def test_the_director_signs_the_minutes_and_enters_who_is_on_call(small_clinic, clock, client) -> None:
    from regrow.web.alerts.escalation import escalation_minutes
    from regrow.web.alerts.services import on_call

    minutes = {"on_call_after_min": "10", "director_after_min": "20.0", "clinicians_after_min": "40"}
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    assert client.post("/alerts/escalation/", {"what": "minutes", **minutes}).status_code == 409
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    assert "everyone is notified at once" in client.get("/alerts/escalation/").content.decode()
    for wrong in ("", "soon", "-1", "NaN", "9999"):
        answer = client.post(
            "/alerts/escalation/", {"what": "minutes", **minutes, "director_after_min": wrong}
        )
        assert answer.status_code == 400, wrong
    client.post("/alerts/escalation/", {"what": "minutes", **minutes})
    assert escalation_minutes() == {
        "on_call_after_min": "10",
        "director_after_min": "20",
        "clinicians_after_min": "40",
    }
    nurse = small_clinic.staff[Role.NURSE]
    span = {"from_at": "2026-10-26T08:00", "to_at": "2026-10-27T08:00"}
    backwards = {"from_at": span["to_at"], "to_at": span["from_at"]}
    assert (
        client.post("/alerts/escalation/", {"what": "on-call", "staff": nurse.id, **backwards}).status_code
        == 400
    )
    for _ in range(2):
        client.post("/alerts/escalation/", {"what": "on-call", "staff": nurse.id, **span})
    assert on_call(clock.at) == nurse
    client.post("/alerts/escalation/", {"end": OnCallShift.objects.get().id})
    assert on_call(clock.at) is None


def test_fasting_times_use_the_patients_time_zone(small_clinic, clock, client) -> None:
    from regrow.web.appointments.preparation import fasting_times

    patient, starts_at = (
        small_clinic.patient,
        datetime(2026, 11, 1, 15, 0, tzinfo=UTC),
    )  # the day of the change
    assert fasting_times(patient, starts_at) == []  # unsigned
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    client.post("/alerts/escalation/", {"what": "hours", "no_food_hours": "6", "no_drink_hours": "2"})
    assert fasting_times(patient, starts_at) == [
        "No food after 4:00 AM",
        "Water is fine until 8:00 AM",
    ]
    early = datetime(
        2026, 11, 1, 10, 0, tzinfo=UTC
    )  # 5:00; six elapsed hours before is midnight by the old clock
    assert fasting_times(patient, early)[0] == "No food after 12:00 AM"
    patient.time_zone, patient.language = "America/Los_Angeles", "es"
    assert fasting_times(patient, starts_at)[1] == "Puede tomar agua hasta esta hora: 5:00\u00a0a.\u00a0m."
