"""Messages in and out against real servers on this machine: retries, duplicates, opt-outs, crisis phrases."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.alerts.models import SafetyAlert
from regrow.web.alerts.services import raise_alert
from regrow.web.assessments.responses import ask_for_score
from regrow.web.conversations import inbound as carrying
from regrow.web.conversations.models import ContactPoint, Inquiry, Message
from regrow.web.conversations.services import contact_point, normalize_address, send
from regrow.web.gateways.base import Channel, InboundMessage
from regrow.web.platform.jobs import run_due_jobs
from regrow.web.platform.models import Job
from tests.fake_gateways import (
    NUMBER,
    TOKEN,
    a_text_carrier,
    an_imap_server,
    an_smtp_server,
    deliver,
    dovecot,
)

pytestmark = pytest.mark.django_db
PUBLIC = "https://clinic.example"
HERS = "+19175550100"


@pytest.fixture
def texts(monkeypatch):
    with a_text_carrier() as carrier:
        monkeypatch.setenv("REGROW_SMS", carrier.address)
        monkeypatch.setenv("REGROW_PUBLIC_URL", PUBLIC)
        yield carrier


@pytest.fixture
def mails(monkeypatch):
    with an_smtp_server() as server:
        port = server.controller.port
        monkeypatch.setenv("REGROW_SMTP", f"smtp://clinic%40clinic.example@127.0.0.1:{port}?tls=none")
        yield server


def posted(
    client: Client, body: str, sid: str, *, sender: str = HERS, token: str = TOKEN, **more: str
) -> Any:
    """What the carrier posts for a text, signed by its own library."""
    from twilio.request_validator import RequestValidator

    form = {"MessageSid": sid, "From": sender, "To": NUMBER, "Body": body, "NumMedia": "0", **more}
    signature = RequestValidator(token).compute_signature(f"{PUBLIC}/post/text/", form)
    return client.post("/post/text/", form, headers={"X-Twilio-Signature": signature})


def test_a_check_in_is_texted_and_its_token_is_not_stored(small_clinic, texts) -> None:
    ask_for_score(small_clinic.patient, "phq-9")
    assert run_due_jobs() == 1
    (sent,) = texts.got
    assert sent["To"] == HERS and sent["From"] == NUMBER
    assert sent["StatusCallback"] == f"{PUBLIC}/post/text/arrived/?message={Message.objects.get().id}"
    assert f"{PUBLIC}/c/" in sent["Body"]
    token = sent["Body"].split("/c/")[1].split("/")[0]
    kept = Message.objects.get()
    assert kept.state == "sent" and kept.gateway_id.startswith("SM")
    assert token not in kept.text + kept.link


@pytest.mark.database
def test_what_did_not_go_out_goes_again_later(small_clinic, texts, clock) -> None:
    texts.answers = [(503, {"message": "busy"}), (429, {"message": "too many"})]
    send(small_clinic.patient, "new-link")
    assert run_due_jobs() == 1
    message = Message.objects.get()
    assert message.state == "waiting" and "503" in message.error
    assert run_due_jobs() == 0  # not at once
    clock.at += timedelta(minutes=1)
    run_due_jobs()
    clock.at += timedelta(minutes=3)
    run_due_jobs()
    message.refresh_from_db()
    assert message.state == "sent" and len(texts.got) == 1


def test_a_failed_crisis_text_stores_the_error_and_raises_an_alert(small_clinic, texts) -> None:
    texts.answers = [(400, {"message": "not a mobile number"})]
    send(small_clinic.patient, "crisis", who="Dr Lin")
    run_due_jobs()
    message = Message.objects.get(kind="crisis", patient=small_clinic.patient)
    assert message.state == "failed" and "not a mobile number" in message.error
    assert "call the patient" in SafetyAlert.objects.get().text


@pytest.mark.database
def test_a_worker_that_died_is_followed_by_another(small_clinic, texts, clock) -> None:
    send(small_clinic.patient, "new-link")
    Job.objects.update(lease_until=clock.at + timedelta(minutes=2), attempts=1)  # taken, and then killed
    assert run_due_jobs() == 0
    clock.at += timedelta(minutes=3)
    assert run_due_jobs() == 1
    assert len(texts.got) == 1


@pytest.mark.database
def test_a_text_from_a_new_number_is_one_inquiry_answered_in_its_language(
    small_clinic, client, texts
) -> None:
    for _ in range(3):  # the carrier was not sure that we had it
        assert (
            posted(
                client, "Hola, quisiera información sobre el tratamiento", "SM1", sender="+13475550199"
            ).status_code
            == 200
        )
    inquiry = Inquiry.objects.get()
    assert (inquiry.language, inquiry.channel, inquiry.owner) == (
        "es",
        "text",
        small_clinic.staff[Role.COORDINATOR],
    )
    run_due_jobs()
    (answer,) = texts.got
    assert answer["To"] == "+13475550199"
    assert "Le responderemos en 24 horas" in answer["Body"] and "988" in answer["Body"]


def test_an_unsigned_text_webhook_is_refused(small_clinic, client, texts) -> None:
    assert posted(client, "Hello", "SM1", token="somebody else").status_code == 409
    assert client.post("/post/text/", {"MessageSid": "SM2", "From": HERS, "Body": "Hello"}).status_code == 409
    from twilio.request_validator import RequestValidator

    form = {"MessageSid": "SM3", "From": HERS, "Body": "Hello"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/post/text/", form)
    changed = client.post(
        "/post/text/", {**form, "Body": "Goodbye"}, headers={"X-Twilio-Signature": signature}
    )
    assert changed.status_code == 409
    assert not Message.objects.exists()


@pytest.mark.database
def test_stop_works_at_once_and_never_cuts_clinical_duty(small_clinic, client, texts, clock) -> None:
    patient = small_clinic.patient
    posted(client, "Please stop texting me", "SM1")
    contact = ContactPoint.objects.get(address=HERS)
    assert contact.opted_out_at == clock.at and contact.patient == patient
    run_due_jobs()
    assert [t["Body"].split(": ")[1][:25] for t in texts.got] == ["you won't get automated m"]
    ask_for_score(patient, "phq-9")  # a reminder: not sent, and it says so
    assert Message.objects.get(kind="reminder").state == "refused"
    posted(client, "I want to die", "SM2")
    run_due_jobs()
    assert "988" in texts.got[-1]["Body"] and len(texts.got) == 2
    assert SafetyAlert.objects.get().patient == patient
    posted(client, "START", "SM3")
    ask_for_score(patient, "phq-9")
    run_due_jobs()
    assert "/c/" in texts.got[-1]["Body"]


def test_a_crisis_text_from_an_unknown_number_at_night_alerts_a_named_clinician(
    small_clinic, client, texts, clock
) -> None:
    clock.at = datetime(2026, 11, 1, 4, 40, tzinfo=UTC)  # 0:40, in the night of the clock change
    lin = small_clinic.staff[Role.PRESCRIBER]
    lin.phone = "917-555-0142"
    lin.save()
    posted(client, "ya no quiero vivir", "SM1", sender="+13475550199")
    run_due_jobs()
    alert = SafetyAlert.objects.get()
    assert alert.is_crisis and alert.inquiry is not None and alert.assigned_to == lin
    to = {t["To"]: t["Body"] for t in texts.got}
    assert "988" in to["+13475550199"] and "gracias por contarnos" in to["+13475550199"]
    assert "safety alert open since" in to["+19175550142"]
    assert "quiero" not in to["+19175550142"]  # nothing about anybody leaves by text


def test_a_reminder_at_night_waits_for_the_morning(small_clinic, texts, clock) -> None:
    clock.at = datetime(2026, 11, 1, 4, 40, tzinfo=UTC)
    ask_for_score(small_clinic.patient, "phq-9")
    assert run_due_jobs() == 0
    clock.at = datetime(2026, 11, 1, 14, 0, tzinfo=UTC)  # nine by the new clock
    assert run_due_jobs() == 1
    assert len(texts.got) == 1


@pytest.mark.database
def test_a_late_delivery_failure_is_recorded(small_clinic, client, texts) -> None:
    from twilio.request_validator import RequestValidator

    send(small_clinic.patient, "crisis", who="Dr Lin")
    run_due_jobs()
    form = {
        "MessageSid": Message.objects.get().gateway_id,
        "MessageStatus": "undelivered",
        "ErrorCode": "30005",
    }
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/post/text/arrived/", form)
    client.post("/post/text/arrived/", form, headers={"X-Twilio-Signature": signature})
    assert Message.objects.get(kind="crisis").state == "failed"
    assert "was not delivered" in SafetyAlert.objects.get().text


def test_a_shared_phone_number_is_assigned_by_staff(small_clinic, client, texts) -> None:
    from regrow.web.patients.services import new_patient

    other = new_patient(name="Ana Ortiz", owner=small_clinic.staff[Role.COORDINATOR], phone="(917) 555-0100")
    posted(client, "Can we come earlier?", "SM1")
    contact = ContactPoint.objects.get(address=HERS)
    assert contact.patient is None
    desk = Client()
    desk.force_login(small_clinic.staff[Role.FRONT_DESK])
    page = desk.get(f"/messages/{contact.id}/").content.decode()
    assert "2 patients share this address" in page
    desk.post(f"/messages/{contact.id}/link/", {"mrn": other.mrn})
    contact.refresh_from_db()
    assert contact.patient == other
    assert Message.objects.get(direction="in").patient == other


def test_an_email_leaves_with_its_own_id_and_a_refused_address_is_not_tried_again(
    small_clinic, mails
) -> None:
    patient = small_clinic.patient
    patient.phone, patient.email = "", "maya@example.org"
    patient.save()
    mails.refuse = ["451 come back later", "550 no such mailbox"]
    send(patient, "new-link", link="/c/x/")
    run_due_jobs()
    job = Job.objects.get()
    assert job.done_at is None and job.failed_at is None
    Job.objects.update(run_after=job.run_after - timedelta(hours=1))
    run_due_jobs()
    assert Message.objects.get().state == "failed" and "550" in Message.objects.get().error
    send(patient, "new-link", link="/c/x/")
    run_due_jobs()
    (mail,) = mails.got
    assert mail["To"] == "maya@example.org" and mail["Subject"] == "New link"
    assert mail["Message-ID"].startswith(f"<{Message.objects.get(state='sent').id}@")
    assert mail["Auto-Submitted"] == "auto-generated"


def a_mail(
    text: str, *, id: str, sender: str = "Ruth Okonkwo <ruth@example.org>", **more: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        sender,
        "info@clinic.example",
        "A question",
        id,
    )
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


@pytest.mark.database
@pytest.mark.skipif(dovecot() is None, reason="no IMAP server on this machine: apt install dovecot-imapd")
def test_email_comes_in_once_and_automatons_are_not_answered(
    small_clinic, tmp_path_factory, monkeypatch
) -> None:
    with an_imap_server(Path(tmp_path_factory.mktemp("imap")) / "box") as (address, new):
        monkeypatch.setenv("REGROW_IMAP", address)
        html = EmailMessage()
        html["From"], html["Subject"], html["Message-ID"] = "jo@example.org", "Hi", "<html@x>"
        html.set_content("<style>p{}</style><p>I cannot go on &amp; need you</p>", subtype="html")
        deliver(new, a_mail("Does my insurance pay?", id="<1@x>"), "a")
        deliver(new, a_mail("Does my insurance pay?", id="<1@x>"), "b")  # delivered twice
        deliver(new, a_mail("I am away", id="<2@x>", Auto_Submitted="auto-replied"), "c")
        deliver(new, html, "d")
        deliver(
            new,
            b"From: broken@example.org\r\nContent-Type: text/plain; charset=no-such\r\n\r\nStop texting\xff\xfe",
            "e",
        )
        carrying.fetch_email()
        carrying.fetch_email()
    assert {i.contact for i in Inquiry.objects.all()} == {
        "ruth@example.org",
        "jo@example.org",
        "broken@example.org",
    }
    assert Message.objects.filter(direction="in").count() == 3
    (alert,) = SafetyAlert.objects.all()
    assert alert.inquiry.contact == "jo@example.org"
    assert ContactPoint.objects.get(address="broken@example.org").opted_out_at


@pytest.mark.skipif(dovecot() is None, reason="no IMAP server on this machine: apt install dovecot-imapd")
def test_an_email_that_fails_stays_unread_and_blocks_no_other(
    small_clinic, tmp_path_factory, monkeypatch
) -> None:
    with an_imap_server(Path(tmp_path_factory.mktemp("imap")) / "box") as (address, new):
        monkeypatch.setenv("REGROW_IMAP", address)
        deliver(new, a_mail("first", id="<1@x>", sender="a@example.org"), "a")
        deliver(new, a_mail("second", id="<2@x>", sender="b@example.org"), "b")
        real = carrying.receive

        def stumbles(incoming: InboundMessage, *, key: str) -> Message | None:
            if "first" in incoming.text:
                raise RuntimeError("the database was away")
            return real(incoming, key=key)

        with monkeypatch.context() as broken:
            broken.setattr(carrying, "receive", stumbles)
            carrying.fetch_email()
        assert [i.contact for i in Inquiry.objects.all()] == ["b@example.org"]
        carrying.fetch_email()
    assert {i.contact for i in Inquiry.objects.all()} == {"a@example.org", "b@example.org"}


@pytest.mark.database
def test_a_person_answers_from_the_thread_once(small_clinic, client, texts) -> None:
    posted(client, "Is it safe?", "SM1")
    contact = ContactPoint.objects.get(address=HERS)
    desk = Client()
    desk.force_login(small_clinic.staff[Role.FRONT_DESK])
    assert "Needs reply" in desk.get("/messages/").content.decode()
    once = {"once": "7f4b4e2e-3a45-4a5a-9b1c-0d3a1f6f0a11", "text": "Yes; let us talk about it."}
    for _ in range(2):
        desk.post(f"/messages/{contact.id}/reply/", once)
    run_due_jobs()
    assert [t["Body"] for t in texts.got] == ["Yes; let us talk about it."]


def test_a_crisis_phrase_on_the_contact_form_shows_help_first(small_clinic, client) -> None:
    answer = client.post(
        "/contact/",
        {"name": "Jo", "contact": "jo@example.org", "message": "I don't want to live"},
        follow=True,
    )
    assert "You're not alone" in answer.content.decode()
    assert SafetyAlert.objects.get().is_crisis


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("917-555-0100", (Channel.TEXT, HERS)),
        ("+1 (917) 555 0100", (Channel.TEXT, HERS)),
        ("A@B.org ", (Channel.EMAIL, "a@b.org")),
        ("12", None),
        ("", None),
    ],
)
def test_addresses_are_written_one_way(given: str, expected: tuple[Channel, str] | None) -> None:
    assert normalize_address(given) == expected


@pytest.mark.database
def test_a_number_is_one_contact_however_it_is_written(small_clinic) -> None:
    one = contact_point(*normalize_address("917-555-0100"))  # type: ignore[misc]
    assert contact_point(*normalize_address("+19175550100")) == one  # type: ignore[misc]
    assert one.patient == small_clinic.patient


def test_a_noncrisis_alert_notifies_the_assigned_clinician_only(small_clinic) -> None:
    alert = raise_alert(small_clinic.patient, "Asked to be called")
    run_due_jobs()
    assert [(s.step, s.staff) for s in alert.steps.all()] == [("named", alert.assigned_to)]
