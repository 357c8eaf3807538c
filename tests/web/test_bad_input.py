"""Bad input is refused with a reason and writes nothing, at every address."""

import html
import os
import random
import re
import uuid

import pytest
from django.db import connection
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.assessments.links import make_link
from regrow.web.assessments.responses import ask_for_score
from regrow.web.conversations.models import Message
from tests.run_seed import first_seed
from tests.web.addresses import urlpatterns

from .test_roles import PUBLIC, WHO, address

pytestmark = [pytest.mark.django_db]
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


# Each run takes some of the payloads; REGROW_TEST_PAYLOADS=17 takes all.
PAYLOADS = int(os.environ.get("REGROW_TEST_PAYLOADS", "3"))
# One of them on PostgreSQL too, which refuses NUL and text longer than its column; SQLite takes both.
PARTS = [pytest.param(0, marks=pytest.mark.database), *range(1, PAYLOADS)]
# Parts of random input: text a person pastes, numbers out of range, dates that do not exist, other scripts, markup.
SCRAPS = [
    "",
    " ",
    "x",
    "-1",
    "0",
    "1e400",
    "NaN",
    "9" * 40,
    "3.5",
    "½",
    "٣",
    "\x00",
    "\u202e",
    "😀" * 30,
    "x" * 6000,
]
SCRAPS += [
    "2026-02-30",
    "9999-12-31T23:59",
    "25:61",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "../../etc/passwd",
]
SCRAPS += ["https://example.org/", "true", "null", "[]", "iv-weekly-6", "phq-9", str(uuid.UUID(int=1))]
# Tables that record requests, not what was entered.
LOGS = {"audit_audithead", "audit_auditrow", "django_session"}
FIELD = re.compile(r'name="([^"]+)"')


def chosen(part: int) -> dict[str, str]:
    return random.Random(first_seed()).sample(GARBAGE, len(GARBAGE))[part]


def rows() -> dict[str, int]:
    """The number of rows of every table that holds what was entered."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - LOGS)
        counts = ", ".join(f'(SELECT count(*) FROM "{table}")' for table in tables)
        cursor.execute(f"SELECT {counts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


def faults_of_posting(client: Client, where: str, sent: dict[str, str]) -> list[str]:
    """Post; a refusal must give its reason and must have written nothing. Return what is wrong."""
    before = rows()
    answer = client.post(where, sent)
    fields = {name: value[:40] for name, value in sent.items()}
    if answer.status_code >= 500:
        return [f"{where} breaks on {fields}"]
    if "example.org" in answer.headers.get("Location", ""):
        return [f"{where} leads away on {fields}"]
    if answer.status_code < 400:
        return []
    wrote = rows() != before
    text = answer.content.decode()
    is_page = answer.headers["Content-Type"].startswith("text/html")
    silent = 'role="alert"' not in text if is_page else not text.strip()
    if answer.status_code == 405:  # no form leads to an address that is only read
        silent = not answer.headers["Allow"]
    return [f"{where} refused {fields}, yet wrote something"] * wrote + [
        f"{where} refused {fields} without a reason"
    ] * silent


def staff(small_clinic) -> list[Client]:
    clients = [Client(raise_request_exception=False) for _ in range(2)]
    for client, role in zip(clients, (Role.DIRECTOR, Role.COORDINATOR), strict=True):
        client.force_login(small_clinic.staff[role])
    return clients


def staff_addresses(small_clinic, session) -> list[str]:
    open_to_staff = [p for p in urlpatterns if p.name in WHO or p.name in PUBLIC - {"logout"}]
    return [address(pattern, small_clinic, session) for pattern in open_to_staff]


@pytest.mark.no_cover
@pytest.mark.parametrize("part", PARTS)
def test_every_address_refuses_bad_input_with_a_reason_and_writes_nothing(
    part: int, small_clinic, session
) -> None:
    addresses = staff_addresses(small_clinic, session)
    assert len(addresses) > 100
    faults = []
    clients = staff(small_clinic)
    for where in addresses:
        for client in clients:
            faults += faults_of_posting(client, where, chosen(part))
            if client.get(where, chosen(part)).status_code >= 500:
                faults.append(f"{where} breaks when read with {chosen(part)}")
    assert faults == []


@pytest.mark.database
def test_every_form_refuses_random_input_with_a_reason_and_writes_nothing(small_clinic, session) -> None:
    """The fields of each page's own forms, filled with scraps."""
    chance = random.Random(first_seed())
    client = staff(small_clinic)[0]
    faults, filled = [], 0
    for where in staff_addresses(small_clinic, session):
        page = client.get(where)
        if not page.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for target, names in forms_on(where, page.content.decode()):
            filled += 1
            faults += faults_of_posting(client, target, {name: chance.choice(SCRAPS) for name in names})
    assert faults == []
    assert filled > 40


def forms_on(where: str, page: str) -> list[tuple[str, list[str]]]:
    """(address, names of the fields) of each form that is posted, but for signing out."""
    found = []
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL):
        action = re.search(r'action="([^"]+)"', attributes)
        target = html.unescape(action[1]) if action else where
        if 'method="post"' in attributes and "logout" not in target:
            found.append((target, sorted(set(FIELD.findall(inside)) - {"csrfmiddlewaretoken"})))
    return found


@pytest.mark.parametrize("part", PARTS)
def test_every_patient_address_refuses_bad_input_with_a_reason_and_writes_nothing(
    part: int, small_clinic
) -> None:
    ask_for_score(small_clinic.patient, "phq-9")
    checkin = Message.objects.first().link
    _, token = make_link(small_clinic.patient, "page")
    phone = Client(raise_request_exception=False)
    faults = []
    for where in (
        checkin,
        f"{checkin}1/",
        f"{checkin}10/",
        f"{checkin}help/",
        f"{checkin}done/",
        f"/p/{token}/",
        f"/p/{token}/call/",
    ):
        faults += faults_of_posting(phone, where, chosen(part))
        assert phone.get(where, chosen(part)).status_code < 500, where
    assert faults == []


def test_an_unknown_learn_page_is_not_found() -> None:
    answer = Client(raise_request_exception=False).get("/learn/nothing/")

    assert answer.status_code == 404
    assert "<h1" in answer.content.decode()
