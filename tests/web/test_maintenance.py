"""After induction: the booster task precedes the expected loss of effect; a lost response is one task."""

from datetime import timedelta

import pytest
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.assessments.models import QuestionnaireResponse
from regrow.web.conversations.models import Message
from regrow.web.courses.models import StaffTask
from regrow.web.platform.content import knowledge
from regrow.web.treatment.decisions import sign_decision
from regrow.web.treatment.monitoring_checks import checks_due
from regrow.web.treatment.outreach import run_outreach
from regrow.web.treatment.reassessment_tasks import reassessment_tasks
from tests.session_factory import give

pytestmark = [pytest.mark.django_db]


def answers(total: int) -> list[int]:
    sheet = [0] * 9
    for n in range(total):
        sheet[n % 8] += 1
    return sheet


@pytest.fixture
def finished(small_clinic, clock):
    """Six sessions held, from 21 down to 8."""
    course = small_clinic.course
    for appointment, total in zip(
        course.appointments.order_by("number"), (21, 18, 15, 12, 10, 9), strict=True
    ):
        clock.at = appointment.starts_at - timedelta(hours=1)
        _score(small_clinic, clock, total)
        decision = sign_decision(
            course,
            choice="changed",
            dose="0.5",
            reason="as before",
            signed_by=small_clinic.staff[Role.PRESCRIBER],
        )
        clock.at = appointment.starts_at
        give(decision, nurse=small_clinic.staff[Role.NURSE], at=clock.at)
    clock.at += timedelta(days=5)  # the weekly score looks back before the last dose less and less
    _score(small_clinic, clock, 8)
    return course


def _score(small_clinic, clock, total: int) -> None:
    QuestionnaireResponse.objects.create(
        patient=small_clinic.patient,
        instrument="phq-9",
        version=knowledge.scale("phq-9").version,
        answers=answers(total),
        sent_at=clock.at,
        completed_at=clock.at,
    )


def kinds(course, now) -> list[str]:
    return [key.split(":")[0] for key, _ in reassessment_tasks(course, now)]


def test_the_booster_task_is_created_once_before_the_effect_wears_off(finished, clock) -> None:
    days = next(d for d in range(60) if kinds(finished, clock.at + timedelta(days=d)))
    clock.at += timedelta(days=days)
    assert kinds(finished, clock.at) == ["booster-talk"]
    for _ in range(3):
        finished.next_outreach_at = None
        finished.save()
        run_outreach()
    task = StaffTask.objects.get(key="booster-talk")
    assert task.owner == finished.patient.owner
    assert "model's estimate" in task.text


def test_a_response_that_is_lost_is_a_task(finished, small_clinic, clock) -> None:
    clock.at += timedelta(days=1)
    _score(small_clinic, clock, 15)
    assert "risen" in kinds(finished, clock.at)
    (text,) = [t for key, t in reassessment_tasks(finished, clock.at) if key.startswith("risen")]
    assert "risen to 15 from 8" in text


def test_nothing_is_due_while_sessions_are_to_come(small_clinic, clock) -> None:
    assert reassessment_tasks(small_clinic.course, clock.at) == ()


# What is watched


def signs(small_clinic, **limits: str):
    client = Client()
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    return client.post("/protocols/monitoring/", limits)


def test_checks_are_due_by_what_the_director_signed_and_once(small_clinic, finished, clock) -> None:
    run_outreach()
    assert not StaffTask.objects.filter(key__startswith="check:").exists()
    assert signs(small_clinic, misuse_every_days="30").status_code == 302
    clock.at += timedelta(days=31)
    for _ in range(2):
        _look(small_clinic)
    task = StaffTask.objects.get(key__startswith="check:")
    assert task.text.startswith("Misuse: ask") and "days since the first dose" in task.text
    task.done_at, task.resolution = clock.at, "asked; PDMP looked at"
    task.save()
    assert not checks_due(small_clinic.course, clock.at + timedelta(days=29))
    assert len(checks_due(small_clinic.course, clock.at + timedelta(days=30))) == 1


def test_an_unanswered_monitoring_check_in_becomes_a_task(small_clinic, finished, clock) -> None:
    signs(small_clinic, questions_every_days="30")
    clock.at += timedelta(days=31)
    _look(small_clinic)
    asked = Message.objects.get(key__contains="check:questions")
    assert "four quick safety questions" in asked.text and not StaffTask.objects.filter(
        key__startswith="check:"
    )
    clock.at += timedelta(days=8)
    _look(small_clinic)
    assert StaffTask.objects.get(key__startswith="check:questions")
    assert Message.objects.filter(key__contains="check:questions").count() == 1


@pytest.mark.parametrize("given", ["0", "-3", "2.5", "often", "9999"])
def test_an_interval_is_a_whole_number_and_nothing_else_is_signed(small_clinic, given) -> None:
    answer = signs(small_clinic, misuse_every_days=given)
    assert answer.status_code == 400 and "Enter a whole number from 1 to 2000" in answer.content.decode()


def test_only_the_director_signs_intervals(small_clinic) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    assert client.post("/protocols/monitoring/", {"misuse_every_days": "30"}).status_code == 409
    assert "not signed: no reminders" in client.get("/protocols/monitoring/").content.decode()


def _look(small_clinic) -> None:
    small_clinic.course.refresh_from_db()
    small_clinic.course.next_outreach_at = None
    small_clinic.course.save()
    run_outreach()
