"""After the series: the talk about a booster comes before the effect wears off, and a lost response is a task, once."""

from datetime import timedelta

import pytest
from django.test import Client

from regrow import knowledge
from regrow.clinic.accounts.roles import Role
from regrow.clinic.checkin.models import AnswerSheet, HandedOver
from regrow.clinic.checkin.rounds import make_rounds
from regrow.clinic.frontdesk.models import Message
from regrow.clinic.treatment.checks import checks_due
from regrow.clinic.treatment.decisions import sign_decision
from regrow.clinic.treatment.maintenance import tasks_after
from tests.given import give

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
    for booking, total in zip(course.bookings.order_by("number"), (21, 18, 15, 12, 10, 9), strict=True):
        clock.at = booking.starts_at - timedelta(hours=1)
        _score(small_clinic, clock, total)
        decision = sign_decision(
            course,
            choice="changed",
            dose="0.5",
            reason="as before",
            signed_by=small_clinic.staff[Role.PRESCRIBER],
        )
        clock.at = booking.starts_at
        give(decision, nurse=small_clinic.staff[Role.NURSE], at=clock.at)
    clock.at += timedelta(days=5)  # the weekly score looks back before the last dose less and less
    _score(small_clinic, clock, 8)
    return course


def _score(small_clinic, clock, total: int) -> None:
    AnswerSheet.objects.create(
        patient=small_clinic.patient,
        instrument="phq-9",
        version=knowledge.scale("phq-9").version,
        answers=answers(total),
        asked_at=clock.at,
        finished_at=clock.at,
    )


def kinds(course, now) -> list[str]:
    return [key.split(":")[0] for key, _ in tasks_after(course, now)]


def test_the_talk_comes_before_the_effect_is_expected_to_wear_off_and_only_once(finished, clock) -> None:
    days = next(d for d in range(60) if kinds(finished, clock.at + timedelta(days=d)))
    clock.at += timedelta(days=days)
    assert kinds(finished, clock.at) == ["booster-talk"]
    for _ in range(3):
        finished.look_again_at = None
        finished.save()
        make_rounds()
    task = HandedOver.objects.get(key="booster-talk")
    assert task.owner == finished.patient.owner
    assert "model's estimate" in task.text


def test_a_response_that_is_lost_is_a_task(finished, small_clinic, clock) -> None:
    clock.at += timedelta(days=1)
    _score(small_clinic, clock, 15)
    assert "risen" in kinds(finished, clock.at)
    (text,) = [t for key, t in tasks_after(finished, clock.at) if key.startswith("risen")]
    assert "risen to 15 from 8" in text


def test_nothing_is_due_while_sessions_are_to_come(small_clinic, clock) -> None:
    assert tasks_after(small_clinic.course, clock.at) == ()


# What is watched


def signs(small_clinic, **limits: str):
    client = Client()
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    return client.post("/protocols/checks/", limits)


def test_checks_are_due_by_what_the_director_signed_and_once(small_clinic, finished, clock) -> None:
    make_rounds()
    assert not HandedOver.objects.filter(key__startswith="check:").exists()
    assert signs(small_clinic, misuse_every_days="30").status_code == 302
    clock.at += timedelta(days=31)
    for _ in range(2):
        _look(small_clinic)
    task = HandedOver.objects.get(key__startswith="check:")
    assert task.text.startswith("Misuse: ask") and "days since the first dose" in task.text
    task.done_at, task.done = clock.at, "asked; PDMP looked at"
    task.save()
    assert not checks_due(small_clinic.course, clock.at + timedelta(days=29))
    assert len(checks_due(small_clinic.course, clock.at + timedelta(days=30))) == 1


def test_the_four_questions_come_by_link_and_a_person_takes_over_when_nobody_answers(
    small_clinic, finished, clock
) -> None:
    signs(small_clinic, questions_every_days="30")
    clock.at += timedelta(days=31)
    _look(small_clinic)
    asked = Message.objects.get(key__contains="check:questions")
    assert "four short questions" in asked.text and not HandedOver.objects.filter(key__startswith="check:")
    clock.at += timedelta(days=8)
    _look(small_clinic)
    assert HandedOver.objects.get(key__startswith="check:questions")
    assert Message.objects.filter(key__contains="check:questions").count() == 1


@pytest.mark.parametrize("given", ["0", "-3", "2.5", "often", "9999"])
def test_an_interval_is_a_whole_number_and_nothing_else_is_signed(small_clinic, given) -> None:
    answer = signs(small_clinic, misuse_every_days=given)
    assert answer.status_code == 409 and "Misuse, after so many days" in answer.content.decode()


def test_only_the_director_signs_intervals(small_clinic) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    assert client.post("/protocols/checks/", {"misuse_every_days": "30"}).status_code == 409
    assert "not signed: no reminders" in client.get("/protocols/checks/").content.decode()


def _look(small_clinic) -> None:
    small_clinic.course.refresh_from_db()
    small_clinic.course.look_again_at = None
    small_clinic.course.save()
    make_rounds()
