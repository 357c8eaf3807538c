"""A check-in by the keys of a telephone: the carrier calls, asks what to say, and posts the keys, signed."""

import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.alerts.models import SafetyAlert
from regrow.web.alerts.services import raise_alert
from regrow.web.assessments.models import QuestionnaireResponse, SecureLink
from regrow.web.assessments.responses import send_questionnaire
from regrow.web.conversations.models import Message
from regrow.web.platform.jobs import run_due_jobs
from tests.fake_gateways import TOKEN, a_text_carrier

pytestmark = pytest.mark.django_db
PUBLIC = "https://clinic.example"


@pytest.fixture
def line(small_clinic, monkeypatch):
    patient = small_clinic.patient
    patient.birth_date, patient.checkin_channel = date(1988, 4, 14), "call"
    patient.save()
    with a_text_carrier() as carrier:
        monkeypatch.setenv("REGROW_SMS", carrier.address)
        monkeypatch.setenv("REGROW_PUBLIC_URL", PUBLIC)
        yield carrier


class Call:
    """The carrier's side of one call."""

    def __init__(self, address: str, sid: str = "CA1") -> None:
        self.sid, self.said = sid, ""
        self.next = address.removeprefix(PUBLIC)

    def post(self, digits: str = "", *, token: str = TOKEN) -> Any:
        from twilio.request_validator import RequestValidator

        form = {"CallSid": self.sid, **({"Digits": digits} if digits else {})}
        signature = RequestValidator(token).compute_signature(PUBLIC + self.next, form)
        answer = Client().post(self.next, form, headers={"X-Twilio-Signature": signature})
        if answer.status_code == 200:
            tree = ElementTree.fromstring(answer.content.decode())
            self.said = " ".join(say.text or "" for say in tree.iter("Say"))
            gather = tree.find("Gather")
            self.next = gather.attrib["action"] if gather is not None else ""
            self.tree = tree
        return answer


def called(small_clinic, line, *instruments: str) -> Call:
    send_questionnaire(small_clinic.patient, instruments or ("phq-9",))
    run_due_jobs()
    (made,) = [got for got in line.got if got["path"].endswith("/Calls.json")]
    assert not [got for got in line.got if got["path"].endswith("/Messages.json")]
    assert re.fullmatch(rf"{PUBLIC}/post/call/[\w-]{{32}}/", made["Url"])
    return Call(made["Url"])


@pytest.mark.database
def test_a_check_in_is_answered_by_keys(small_clinic, line) -> None:
    call = called(small_clinic, line, "phq-9", "own-goal")
    call.post()
    assert "date of birth" in call.said and "interest" not in call.said
    call.post("04141988")
    assert "Over the last 2 weeks" in call.said and "Press 1 for: Not at all." in call.said
    call.post("9")  # there is no such answer: asked again
    assert "Little interest" in call.said
    for _ in range(9):
        call.post("1")
    assert "Press 11 for: 10." in call.said  # two digits where there are more than nine answers
    call.post("11")
    assert "Thank you, you" in call.said and call.next == ""
    assert [s.answers for s in QuestionnaireResponse.objects.order_by("sent_at")] == [[0] * 9, [10]]
    assert not QuestionnaireResponse.objects.filter(completed_at__isnull=True).exists()


def test_a_crisis_answer_by_phone_offers_help_and_988_first(small_clinic, line) -> None:
    call = called(small_clinic, line)
    call.post()
    call.post("04141988")
    for _ in range(8):
        call.post("1")
    call.post("3")
    assert "Press 1 to speak with 988 now" in call.said
    assert SafetyAlert.objects.get().is_crisis
    call.post("1")
    dial = call.tree.find("Dial")
    assert dial is not None and dial.text == "988"


def test_a_spanish_phone_check_in_is_in_spanish(small_clinic, line) -> None:
    small_clinic.patient.language = "es"
    small_clinic.patient.save()
    call = called(small_clinic, line)
    call.post()
    assert "Hola. Este es su control" in call.said
    assert {say.attrib["language"] for say in call.tree.iter("Say")} == {"es-MX"}
    call.post("04141988")
    assert "Marque 1 para: Ningún día." in call.said


def test_a_wrong_date_ends_it_and_another_call_proves_nothing(small_clinic, line) -> None:
    call = called(small_clinic, line)
    address = call.next
    call.post()
    call.post("04141988")
    other = Call(PUBLIC + address, sid="CA2")
    other.next = call.next  # another caller who knows a question's URL
    other.post("1")
    assert QuestionnaireResponse.objects.get().answers[0] is None
    for _ in range(5):
        guess = Call(PUBLIC + address, sid="CA3")
        guess.post()
        guess.post("01011970")
    assert "Our team will call you" in guess.said
    assert SecureLink.objects.get().revoked_at
    call.post("1")
    assert "This link has ended" in call.said


def test_an_unsigned_call_is_refused_and_stores_nothing(small_clinic, line) -> None:
    call = called(small_clinic, line)
    assert call.post(token="another").status_code == 409
    assert [
        r.answers for r in QuestionnaireResponse.objects.all() if any(a is not None for a in r.answers)
    ] == []


def test_what_is_no_check_in_goes_by_text(small_clinic, line) -> None:
    raise_alert(small_clinic.patient, "x", crisis=True)
    from regrow.web.conversations.services import send

    send(small_clinic.patient, "crisis", who="Dr Lin")
    run_due_jobs()
    assert [got["path"].rsplit("/", 1)[-1] for got in line.got] == ["Messages.json"]
    assert Message.objects.filter(kind="crisis", patient=small_clinic.patient).get().state == "sent"


def test_contact_preferences_are_saved(small_clinic) -> None:
    desk = Client()
    desk.force_login(small_clinic.staff[Role.FRONT_DESK])
    where = f"/patients/{small_clinic.patient.id}/contact-preferences/"
    good = {
        "phone": "917-555-0123",
        "email": "",
        "language": "es",
        "checkin_channel": "call",
        "time_zone": "America/Chicago",
    }
    for wrong in ({"time_zone": "Chicago"}, {"phone": "12"}, {"email": "x"}, {"language": "xx"}):
        assert desk.post(where, {**good, **wrong}).status_code == 400
    desk.post(where, good)
    small_clinic.patient.refresh_from_db()
    assert (small_clinic.patient.checkin_channel, small_clinic.patient.time_zone) == (
        "call",
        "America/Chicago",
    )
