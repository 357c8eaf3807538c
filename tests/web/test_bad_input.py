"""Bad input gives a sentence and a 4xx status, for sample payloads at every address."""

import uuid

import pytest
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.assessments.links import make_link
from regrow.web.assessments.responses import ask_for_score
from regrow.web.conversations.models import Message
from tests.web.addresses import urlpatterns

from .test_roles import PUBLIC, WHO, address

pytestmark = [pytest.mark.django_db, pytest.mark.database]
GARBAGE = [
    {},
    {"once": "not-an-id"},
    {"once": str(uuid.uuid4()), "kind": "start"},
    {
        "kind": "vital",
        "systolic_mmhg": "9" * 400,
        "diastolic_mmhg": "x",
        "pulse_per_min": "-1",
        "spo2_percent": "NaN",
    },
    {"kind": "symptom", "symptom": "Nausea", "severity": "eleven"},
    {"kind": "rate", "rate_ml_per_h": "Infinity"},
    {"kind": "override", "rule": "all"},
    {"kind": "discharge"},
    {"choice": "changed", "dose": "NaN", "reason": "x"},
    {"choice": "accepted", "dose": "1e999999"},
    {"protocol": "iv-weekly-6", "first_at": "9999-12-31T23:59"},
    {"protocol": "../../etc/passwd", "first_at": "2026-10-30T09:00"},
    {"corrects": "nothing", "done": "\x00" * 20, "name": "\x00", "contact": "a@b\x00.c"},
    {"value": "1e400", "unit": "stone", "birth_date": "0001-01-01", "name": "x", "sex": "x"},
    {"icd10": "F33.2", "text": "x" * 5000, "drug": "<script>", "outcome": "cured", "weeks": "-4"},
    {"answer": "99", "back": "https://example.org/"},
    {"lot": "KT1", "sealed": "3", "open:KT1-001": "a sip", "entry": "nothing", "incident": "nothing"},
]


@pytest.mark.parametrize("sent", GARBAGE)
def test_no_address_breaks(sent: dict[str, str], small_clinic, session) -> None:
    director = Client(raise_request_exception=False)
    director.force_login(small_clinic.staff[Role.DIRECTOR])
    desk = Client(raise_request_exception=False)
    desk.force_login(small_clinic.staff[Role.COORDINATOR])
    assert urlpatterns
    for pattern in urlpatterns:
        if pattern.name not in WHO and pattern.name not in PUBLIC - {"logout"}:
            continue
        where = address(pattern, small_clinic, session)
        for client in (director, desk):
            for answer in (client.post(where, sent), client.get(where, sent)):
                assert answer.status_code < 500, f"{pattern.name}: {answer.status_code}"
                assert "example.org" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("sent", GARBAGE)
def test_no_patients_address_breaks(sent: dict[str, str], small_clinic) -> None:
    ask_for_score(small_clinic.patient, "phq-9")
    checkin = Message.objects.first().link
    _, token = make_link(small_clinic.patient, "page")
    phone = Client(raise_request_exception=False)
    for where in (
        checkin,
        f"{checkin}1/",
        f"{checkin}10/",
        f"{checkin}help/",
        f"{checkin}done/",
        f"/p/{token}/",
        f"/p/{token}/call/",
    ):
        for answer in (phone.post(where, sent), phone.get(where, sent)):
            assert answer.status_code < 500, where


def test_an_unknown_learn_page_is_not_found() -> None:
    answer = Client(raise_request_exception=False).get("/learn/nothing/")

    assert answer.status_code == 404
