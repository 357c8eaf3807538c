"""Two users save at the same time: no request ends in an error of the program, and no acknowledged entry is lost.

Every form of the site is sent twice at once, by the cases of `test_forms`. CI takes a share of them, another one each
run; REGROW_TEST_FORMS=all takes every form.
"""

import os
import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.assessments.links import make_link
from regrow.web.assessments.models import QuestionnaireResponse, SecureLink
from regrow.web.assessments.responses import ask_for_score
from regrow.web.audit.log import verify
from regrow.web.patients.models import Patient
from regrow.web.platform.database import writing
from tests.run_seed import first_seed
from tests.web.test_forms import CASES, World

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable"),
    pytest.mark.skipif(
        os.environ["REGROW_DATABASE_URL"].startswith("sqlite"), reason="SQLite has one writer at a time"
    ),
]
SAVED = sorted(name for name, case in CASES.items() if case.method == "post" and case.then == 302)
SHARE = len(SAVED) if os.environ.get("REGROW_TEST_FORMS") == "all" else 12
CHOSEN = random.Random(first_seed()).sample(SAVED, SHARE)


def at_once(*posts: Callable[[], int]) -> list[int]:
    """The statuses of requests that begin at the same moment, each in a thread with a connection of its own."""
    gate, statuses = threading.Barrier(len(posts)), [0] * len(posts)

    def run(n: int) -> None:
        gate.wait()
        try:
            statuses[n] = posts[n]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(posts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return statuses


def poster(client: Client, address: str, data: dict[str, Any]) -> Callable[[], int]:
    client.raise_request_exception = False
    return lambda: client.post(address, data).status_code


def made(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a case; a file is made for each request."""
    return {name: value() if callable(value) else value for name, value in data.items()}


@pytest.mark.parametrize("name", CHOSEN)
def test_a_form_sent_twice_at_once_is_saved_or_refused_with_a_reason(
    name: str, request: pytest.FixtureRequest
) -> None:
    world, case = World(request), CASES[name]
    with writing():
        found = case.where(world)
    address, more = found if isinstance(found, tuple) else (found, {})
    first = world.client(case.role)
    clients = [first, world.client(case.role)]
    clients[1].cookies = first.cookies
    data = [{**made(case.valid), **more, "once": str(uuid.uuid4())} for _ in clients]
    statuses = at_once(*(poster(client, address, each) for client, each in zip(clients, data, strict=True)))
    assert 302 in statuses
    assert set(statuses) <= {200, 302, 400, 404, 409}
    assert list(verify()) == []


def verified(small_clinic, purpose: str) -> tuple[SecureLink, str, Sequence[Client]]:
    """A link of a patient who has given the date of birth, and nine devices with its cookie."""
    patient = small_clinic.patient
    patient.birth_date = date(1990, 2, 3)
    patient.save()
    link, token = make_link(patient, purpose)
    first = Client()
    first.post(f"/{purpose[0]}/{token}/", {"month": "2", "day": "3", "year": "1990"})
    devices = [Client() for _ in range(9)]
    for device in devices:
        device.cookies = first.cookies
    return link, token, devices


def test_nine_answers_sent_at_once_are_all_kept(small_clinic) -> None:
    ask_for_score(small_clinic.patient, "phq-9")
    sheet = QuestionnaireResponse.objects.get()
    link, token, devices = verified(small_clinic, "checkin")
    QuestionnaireResponse.objects.update(link=link)
    statuses = at_once(
        *(poster(device, f"/c/{token}/{n}/", {"answer": "1"}) for n, device in enumerate(devices, 1))
    )
    sheet.refresh_from_db()
    assert statuses == [302] * 9
    assert sheet.answers == [1] * 9 and sheet.completed_at is not None


def test_wrong_birth_dates_sent_at_once_are_all_counted(small_clinic) -> None:
    patient = small_clinic.patient
    patient.birth_date = date(1990, 2, 3)
    patient.save()
    token = make_link(patient, "page")[1]
    wrong = {"month": "1", "day": "1", "year": "1980"}
    statuses = at_once(*(poster(Client(), f"/p/{token}/", wrong) for _ in range(8)))
    link = SecureLink.objects.get(purpose="page")
    assert link.revoked_at is not None
    assert 400 in statuses and 404 in statuses


def test_of_two_who_close_one_alert_the_second_sees_who_was_first(small_clinic) -> None:
    from regrow.web.alerts.models import SafetyAlert
    from regrow.web.alerts.services import raise_alert

    alert = raise_alert(small_clinic.patient, "Wants to die", crisis=True)
    clients = []
    for role in (Role.PRESCRIBER, Role.DIRECTOR):
        clients.append(Client())
        clients[-1].force_login(small_clinic.staff[role])
    address = f"/alerts/{alert.id}/resolve/"
    done = ["Spoke with her, safe tonight", "Called the sister, she is with her"]
    statuses = at_once(
        *(poster(client, address, {"done": text}) for client, text in zip(clients, done, strict=True))
    )
    assert sorted(statuses) == [302, 409]
    assert SafetyAlert.objects.get().resolution == done[statuses.index(302)]


def test_an_inquiry_scheduled_by_two_at_once_opens_one_chart(request: pytest.FixtureRequest) -> None:
    world, case = World(request), CASES["InterviewTimeForm"]
    before = Patient.objects.count()
    found = case.where(world)
    address, more = found if isinstance(found, tuple) else (found, {})
    clients = [world.client(case.role) for _ in range(2)]
    statuses = at_once(*(poster(client, address, {**case.valid, **more}) for client in clients))
    assert set(statuses) <= {302, 409}
    assert Patient.objects.count() == before + 1


def test_ten_charts_made_at_once_have_ten_numbers(small_clinic) -> None:
    from regrow.web.patients.services import new_patient

    def make() -> int:
        new_patient(name="Elias Brandt", owner=small_clinic.staff[Role.COORDINATOR])
        return 302

    assert at_once(*[make] * 10) == [302] * 10
    assert Patient.objects.values("mrn").distinct().count() == 11


def test_of_two_who_sign_one_dose_the_second_sees_the_first(small_clinic, answered) -> None:
    from regrow.web.treatment.models import DoseDecision

    clients = []
    for role in (Role.PRESCRIBER, Role.DIRECTOR):
        clients.append(Client())
        clients[-1].force_login(small_clinic.staff[role])
    address = f"/patients/{small_clinic.patient.id}/dosing/decide/"
    data = {"choice": "changed", "dose": "0.5", "reason": "She felt it strongly", "seen": ""}
    statuses = at_once(*(poster(client, address, data) for client in clients))
    assert sorted(statuses) == [302, 409]
    assert DoseDecision.objects.count() == 1
