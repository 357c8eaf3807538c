"""The lab: asked for, carried out beside the site, read, laid under a protocol once, printed."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from regrow.simulation import here
from regrow.web.accounts.roles import Role
from regrow.web.platform import clock
from regrow.web.simulator import tasks
from regrow.web.simulator.models import SimulationAttachment, SimulationRun

pytestmark = pytest.mark.django_db
ASKED = {"first": "iv-weekly-6", "second": "iv-weekly-fixed", "population": "practice", "size": "2000"}


@pytest.fixture
def asked(client, small_clinic, monkeypatch) -> SimulationRun:
    """A comparison that was asked for; nothing is begun behind the test's back."""
    monkeypatch.setattr("regrow.web.simulator.views.start_simulation", lambda run: None)
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    client.post(reverse("simulator"), ASKED)
    return SimulationRun.objects.get()


@pytest.fixture
def done(asked, monkeypatch) -> SimulationRun:
    monkeypatch.setattr(tasks, "_in_process", here)  # in this process, inside the test's transaction
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    SimulationRun.objects.update(size=200)
    tasks.run_simulation(asked.id)
    asked.refresh_from_db()
    return asked


def test_a_comparison_is_carried_out_and_read_on_one_page(client, done) -> None:
    assert (done.state, done.problem) == (SimulationRun.DONE, "")
    assert done.done == done.total > 0
    text = client.get(reverse("simulation", args=[done.id])).content.decode()

    for words in (
        "Response",
        "Highest systolic rise",
        "Limitations of the model",
        "not established in people",
    ):
        assert words in text
    assert done.report["parameter_hash"] in text


def test_a_comparison_is_attached_once_and_shown_at_signing(client, done) -> None:
    for _ in range(2):
        client.post(reverse("attach-simulation", args=[done.id]), {"protocol": "iv-weekly-6"})

    assert SimulationAttachment.objects.count() == 1
    assert (
        "Simulations on virtual patients"
        in client.get(reverse("sign-protocol", args=["iv-weekly-6"])).content.decode()
    )


def test_a_comparison_cannot_be_attached_to_another_protocol(client, done) -> None:
    answer = client.post(reverse("attach-simulation", args=[done.id]), {"protocol": "sc-kads"})

    assert answer.status_code == 409
    assert "did not simulate that protocol" in answer.content.decode()


def test_it_prints(client, done) -> None:
    answer = client.get(reverse("simulation-pdf", args=[done.id]))

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_two_courses_that_are_one_are_refused(client, small_clinic) -> None:
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    answer = client.post(reverse("simulator"), ASKED | {"second": "iv-weekly-6"})

    assert answer.status_code == 400
    assert "Choose two different regimens" in answer.content.decode()
    assert not SimulationRun.objects.exists()


@pytest.mark.database
def test_a_run_has_one_worker_and_restarts_after_a_crash(asked, monkeypatch) -> None:
    begun: list[uuid.UUID] = []

    class Thread:
        def __init__(self, *, args, **_) -> None:
            self.args = args

        def start(self) -> None:
            begun.append(self.args[0])

    monkeypatch.setattr(tasks.threading, "Thread", Thread)
    for _ in range(2):
        tasks.start_simulation(asked)
    assert begun == [asked.id]

    SimulationRun.objects.update(heartbeat_at=clock.now() - tasks.SILENT_FOR - timedelta(seconds=1))
    tasks.start_simulation(asked)
    assert begun == [asked.id, asked.id]


def test_a_failed_run_stores_its_error(client, asked, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    SimulationRun.objects.update(population="gone")
    tasks.run_simulation(asked.id)
    asked.refresh_from_db()

    assert asked.state == SimulationRun.FAILED
    assert "The run failed" in client.get(reverse("simulation", args=[asked.id])).content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"route": "iv", "dose": "7"}, "is not one of"),
        ({"route": "iv", "dose": "0.5", "paused": "90"}, "not within the infusion"),
        ({"route": "iv", "dose": "0.5", "paused": "20", "again": "10"}, "is not after the pause"),
        ({"route": "iv", "dose": "0.5", "paused": "nan"}, "not a minute"),
        ({"route": "iv", "dose": "0.5", "paused": "20", "again": "900"}, "a pause here lasts at most"),
        ({"route": "iv"}, "could not convert"),
    ],
)
def test_a_picture_that_cannot_be_is_refused_in_a_sentence(client, query, words: str) -> None:
    answer = client.get(reverse("how-it-works-data"), query)

    assert answer.status_code == 400
    assert words in answer.json()["problem"]
