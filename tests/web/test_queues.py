"""Alerts leave first: queues with threads of their own, gateways that do not answer, workers that die."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from regrow.web.accounts.roles import Role
from regrow.web.alerts.services import raise_alert
from regrow.web.conversations.models import Message
from regrow.web.conversations.outbox import STOPPED
from regrow.web.conversations.services import contact_point, normalize_address, queue_message, send
from regrow.web.gateways.breaker import breaker
from regrow.web.platform import jobs
from regrow.web.platform.jobs import Queue, RetryLater, Worker, enqueue, renew_leases, run_due_jobs
from regrow.web.platform.models import Job
from tests.fake_gateways import NUMBER, a_text_carrier

pytestmark = pytest.mark.django_db
PUBLIC = "https://clinic.example"
WAITING = 200


@pytest.fixture(autouse=True)
def rested() -> Iterator[None]:
    yield
    for gateway in ("email", "text"):
        breaker.answered(gateway)


@pytest.fixture
def texts(monkeypatch):
    with a_text_carrier() as carrier:
        monkeypatch.setenv("REGROW_SMS", carrier.address)
        monkeypatch.setenv("REGROW_PUBLIC_URL", PUBLIC)
        yield carrier


@contextmanager
def a_server_that_never_answers() -> Iterator[int]:
    """Takes connections and says nothing; yields its port."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hold() -> None:
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=hold, daemon=True).start()
        yield listener.getsockname()[1]
    for connection in held:
        connection.close()


@pytest.fixture
def hanging_mail_server(monkeypatch):
    with a_server_that_never_answers() as port:
        monkeypatch.setenv("REGROW_SMTP", f"smtp://clinic%40clinic.example@127.0.0.1:{port}?tls=none")
        yield


def wait_for(condition, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("erasable")
def test_a_crisis_alert_leaves_within_2_s_while_200_reminders_wait_for_a_hanging_mail_server(
    small_clinic, texts, hanging_mail_server
) -> None:
    prescriber = small_clinic.staff[Role.PRESCRIBER]
    prescriber.phone, prescriber.email = "+13475550123", "lin@clinic.example"
    prescriber.save()
    patient_mail = contact_point(*normalize_address("maya@example.org"))
    for n in range(WAITING):
        queue_message(small_clinic.patient, patient_mail, "Reminder", f"Reminder {n}", kind="answer")
    worker = Worker().start()
    try:
        assert wait_for(lambda: Message.objects.filter(state="sending").exists(), 3)  # it hangs
        raise_alert(small_clinic.patient, "Wants to die", crisis=True)
        assert wait_for(lambda: any(sent["To"] == "+13475550123" for sent in texts.got), 2)
        assert Message.objects.filter(kind="answer", state="sent").count() == 0
    finally:
        worker.stop()


def test_due_jobs_run_with_the_urgent_ones_first() -> None:
    ran: list[str] = []
    jobs.background_task("test: note", lambda payload: ran.append(payload["name"]))
    for name, queue in (("reminder", Queue.ROUTINE), ("text", Queue.URGENT_TEXT), ("alert", Queue.URGENT)):
        enqueue("test: note", name, {"name": name}, queue=queue)
    run_due_jobs()
    assert ran == ["alert", "text", "reminder"]


def test_a_gateway_that_did_not_answer_is_left_alone_and_costs_no_attempt(
    small_clinic, clock, hanging_mail_server, monkeypatch
) -> None:
    monkeypatch.setattr("regrow.web.gateways.email.CONNECT_TIMEOUT_S", 0.2)
    mail = contact_point(*normalize_address("maya@example.org"))
    for n in range(3):
        queue_message(small_clinic.patient, mail, "Reminder", f"Reminder {n}", kind="answer")
    run_due_jobs()
    assert sorted(Job.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    clock.at += timedelta(seconds=31)
    run_due_jobs()
    assert sorted(Job.objects.values_list("attempts", flat=True)) == [0, 1, 1] or (
        sorted(Job.objects.values_list("attempts", flat=True)) == [0, 0, 2]
    )


def test_a_crisis_message_is_tried_although_its_gateway_rests(small_clinic, texts) -> None:
    breaker.failed("text")
    send(small_clinic.patient, "crisis", who="Dr Lin")
    run_due_jobs()
    assert len(texts.got) == 1


@pytest.mark.database
@pytest.mark.parametrize(("kind", "state", "arrived"), [("answer", "unclear", 0), ("crisis", "sent", 1)])
def test_a_text_whose_worker_died_while_sending_is_unclear_and_a_crisis_text_goes_again(
    small_clinic, texts, kind, state, arrived
) -> None:
    phone = contact_point(*normalize_address("+19175550100"))
    message = queue_message(small_clinic.patient, phone, "", "Hello", kind=kind)
    Message.objects.filter(id=message.id).update(state="sending")  # and then killed
    run_due_jobs()
    message.refresh_from_db()
    assert (message.state, len(texts.got)) == (state, arrived)
    assert message.error == (STOPPED if state == "unclear" else "")


def test_an_email_whose_worker_died_while_sending_goes_again_with_the_same_id(
    small_clinic, monkeypatch
) -> None:
    from tests.fake_gateways import an_smtp_server

    with an_smtp_server() as server:
        port = server.controller.port
        monkeypatch.setenv("REGROW_SMTP", f"smtp://clinic%40clinic.example@127.0.0.1:{port}?tls=none")
        mail = contact_point(*normalize_address("maya@example.org"))
        message = queue_message(small_clinic.patient, mail, "Hello", "Hello", kind="answer")
        Message.objects.filter(id=message.id).update(state="sending")
        run_due_jobs()
    assert [str(message.id) in sent["Message-ID"] for sent in server.got] == [True]


def test_a_text_whose_answer_was_lost_is_not_sent_again_and_a_delivery_report_settles_it(
    small_clinic, client, monkeypatch
) -> None:
    monkeypatch.setattr("regrow.web.gateways.sms.TIMEOUT_S", 0.3)
    monkeypatch.setenv("REGROW_PUBLIC_URL", PUBLIC)
    with a_server_that_never_answers() as port:
        monkeypatch.setenv(
            "REGROW_SMS",
            f"twilio://ACtest:not-a-secret@127.0.0.1:{port}?from={NUMBER.replace('+', '%2B')}&tls=none",
        )
        phone = contact_point(*normalize_address("+19175550100"))
        message = queue_message(small_clinic.patient, phone, "", "Hello", kind="answer")
        run_due_jobs()
        message.refresh_from_db()
        assert message.state == "unclear" and "no answer" in message.error
        assert run_due_jobs() == 0
        report(client, message, "SM77", "delivered")
    message.refresh_from_db()
    assert (message.state, message.error, message.gateway_id) == ("delivered", "", "SM77")


def report(client, message: Message, sid: str, state: str) -> None:
    """What the carrier posts about a message, signed by its own library."""
    from twilio.request_validator import RequestValidator

    path = f"/post/text/arrived/?message={message.id}"
    form = {"MessageSid": sid, "MessageStatus": state}
    signature = RequestValidator("not-a-secret").compute_signature(PUBLIC + path, form)
    answer = client.post(path, form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204


@pytest.mark.database
def test_a_running_job_keeps_its_lease_and_is_not_taken_by_another_worker(clock) -> None:
    taken: list[int] = []

    def long(payload) -> None:
        for _ in range(3):  # six minutes; a lease lasts two
            clock.at += timedelta(minutes=1.9)
            renew_leases()
            taken.append(run_due_jobs())

    jobs.background_task("test: long", long)
    enqueue("test: long", "long", {})
    assert run_due_jobs() == 1
    assert taken == [0, 0, 0]
    assert Job.objects.get().attempts == 1


@pytest.mark.database
def test_a_worker_that_lost_its_lease_does_not_overwrite_what_the_next_one_noted(clock) -> None:
    def slow(payload) -> None:
        if Job.objects.get().attempts == 1:
            clock.at += timedelta(minutes=3)
            jobs._running.clear()  # the process was suspended: nothing was renewed
            assert run_due_jobs() == 1
            raise RetryLater("the first one ends late")

    jobs.background_task("test: slow", slow)
    enqueue("test: slow", "slow", {})
    run_due_jobs()
    job = Job.objects.get()
    assert job.done_at is not None and job.error == ""
