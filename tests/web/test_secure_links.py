"""Links of patients: guessing, replay, expiry, sharing and enumeration are refused, and look the same from outside."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from regrow.web.alerts.models import SafetyAlert
from regrow.web.assessments.links import make_link
from regrow.web.assessments.models import QuestionnaireResponse, SecureLink
from regrow.web.assessments.responses import ask_for_score, send_questionnaire
from regrow.web.conversations.models import Message

pytestmark = pytest.mark.django_db
BORN = {"month": "4", "day": "14", "year": "1988"}


@pytest.fixture
def hers(small_clinic):
    small_clinic.patient.birth_date = date(1988, 4, 14)
    small_clinic.patient.save()
    return small_clinic.patient


def path(patient) -> str:
    before = set(Message.objects.values_list("link", flat=True))
    ask_for_score(patient, "phq-9")
    return Message.objects.exclude(link__in=before).get().link


def body(answer) -> str:
    """The page without what is drawn anew each time."""
    return re.sub(r'value="[\w]{64}"', "", answer.content.decode())


def opened(client: Client, where: str):
    client.post(where, BORN)
    return client.get(where, follow=True)


def test_nothing_is_shown_before_the_date_of_birth(hers, client) -> None:
    where = path(hers)
    page = client.get(where).content.decode()
    assert "date of birth" in page and hers.name not in page and "PHQ" not in page and "interest" not in page
    assert "interest or pleasure" in opened(client, where).content.decode()


def test_a_link_that_is_shared_shows_nothing_on_another_device(hers, client) -> None:
    where = path(hers)
    opened(client, where)
    client.post(f"{where}1/", {"answer": "1"})
    other = Client()
    for address in (where, f"{where}1/", f"{where}help/", f"{where}done/"):
        answer = other.get(address)
        assert "date of birth" in answer.content.decode(), address
    other.post(f"{where}2/", {"answer": "3"})
    assert QuestionnaireResponse.objects.get().answers[1] is None


@pytest.mark.database
def test_a_link_ends_after_some_wrong_dates(hers, client) -> None:
    where = path(hers)
    for n in range(5):
        answer = Client().post(where, {**BORN, "year": str(1960 + n)})
    assert answer.status_code == 404
    assert body(opened(client, where)) == body(client.get("/c/unknown-token-unknown-token-1234/"))
    assert SecureLink.objects.get().revoked_at


@pytest.mark.parametrize("wrong", [{"month": "13"}, {"day": "x"}, {"year": ""}, {"month": "2", "day": "30"}])
def test_an_impossible_birth_date_gets_a_clear_message(hers, client, wrong) -> None:
    answer = client.post(path(hers), {**BORN, **wrong})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_unknown_ended_and_misused_links_look_the_same(hers, client, clock) -> None:
    known = path(hers)
    _, page = make_link(hers, "page")
    unknown = body(client.get("/c/" + "x" * 32 + "/"))
    assert body(client.get(f"/c/{page}/")) == unknown  # another purpose
    clock.at += timedelta(days=8)
    gone = client.get(known)
    assert gone.status_code == 404 and body(gone) == unknown
    assert hers.name not in unknown


@pytest.mark.database
def test_guessing_is_slowed_down_by_the_network_address(hers, clock) -> None:
    visitor = Client(REMOTE_ADDR="203.0.113.9")
    codes = [visitor.get(f"/c/{n:032d}/").status_code for n in range(22)]
    assert codes[:20] == [404] * 20 and codes[20:] == [429] * 2
    assert (
        Client(REMOTE_ADDR="203.0.113.10").get(f"/c/{1:032d}/").status_code == 404
    )  # others are not held up
    clock.at += timedelta(minutes=11)
    assert visitor.get(f"/c/{1:032d}/").status_code == 404


@pytest.mark.database
def test_a_finished_check_in_cannot_be_answered_again(hers, client) -> None:
    where = path(hers)
    opened(client, where)
    for number in range(1, 10):
        client.post(f"{where}{number}/", {"answer": "0"})
    sheet = QuestionnaireResponse.objects.get()
    finished = sheet.completed_at
    assert finished
    client.post(f"{where}1/", {"answer": "3"})
    sheet.refresh_from_db()
    assert sheet.answers == [0] * 9 and sheet.completed_at == finished


@pytest.mark.database
def test_a_new_link_ends_the_old_one_and_moves_its_answers(hers, client) -> None:
    first = path(hers)
    opened(client, first)
    client.post(f"{first}1/", {"answer": "2"})
    second = path(hers)
    assert second != first
    assert client.get(first).status_code == 404
    answer = opened(client, second)
    assert answer.redirect_chain[-1][0] == f"{second}2/"
    assert QuestionnaireResponse.objects.get().answers[0] == 2


def test_several_instruments_behind_one_link_are_one_walk(hers, client) -> None:
    send_questionnaire(hers, ["phq-9", "gad-7", "own-goal"])
    where = Message.objects.get().link
    opened(client, where)
    count = 0
    answer = client.get(where, follow=True)
    while "done" not in answer.redirect_chain[-1][0]:
        count += 1
        answer = client.post(answer.redirect_chain[-1][0], {"answer": "0"}, follow=True)
        assert count < 30
    assert count == 9 + 7 + 1
    assert not QuestionnaireResponse.objects.filter(completed_at__isnull=True).exists()


def test_a_red_flag_after_a_session_raises_an_alert(hers, client) -> None:
    send_questionnaire(hers, ["after-session"], message="day-1")
    where = Message.objects.get().link
    opened(client, where)
    for number, answer in enumerate("00010", 1):
        client.post(f"{where}{number}/", {"answer": answer})
    (alert,) = SafetyAlert.objects.all()
    assert "Chest pain" in alert.text and not alert.is_crisis


def test_the_token_is_nowhere_but_in_the_message(hers) -> None:
    token = path(hers).split("/")[2]
    assert not SecureLink.objects.filter(token_hash=token).exists()
    assert len(token) == 32
