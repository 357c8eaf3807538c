"""Messages in and out against real servers on this machine: retries, duplicates, opt-outs, danger, nobody lost."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from regrow.clinic.accounts.roles import Role
from regrow.clinic.checkin.facts import ask_for_score, raise_alert
from regrow.clinic.checkin.models import Alert
from regrow.clinic.frontdesk import carry as carrying
from regrow.clinic.frontdesk.facts import as_address, contact_of, send
from regrow.clinic.frontdesk.models import Contact, Inquiry, Message
from regrow.clinic.jobs.facts import do_what_is_due
from regrow.clinic.jobs.models import Job
from regrow.clinic.jobs.work import learn_who_does_what
from regrow.clinic.post import Incoming, Way
from tests.post import NUMBER, TOKEN, a_text_carrier, an_imap_server, an_smtp_server, deliver, dovecot

pytestmark = [pytest.mark.django_db, pytest.mark.database]
learn_who_does_what()
PUBLIC = "https://clinic.example"
HERS = "+19175550100"


@pytest.fixture
def texts(monkeypatch):
    with a_text_carrier() as carrier:
        monkeypatch.setenv("REGROW_TEXTS", carrier.address)
        monkeypatch.setenv("REGROW_ADDRESS", PUBLIC)
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


def test_a_check_in_leaves_by_text_and_its_link_leaves_the_house(small_clinic, texts) -> None:
    ask_for_score(small_clinic.patient, "phq-9")
    assert do_what_is_due() == 1
    (sent,) = texts.got
    assert sent["To"] == HERS and sent["From"] == NUMBER
    assert sent["StatusCallback"] == f"{PUBLIC}/post/text/arrived/"
    assert f"{PUBLIC}/c/" in sent["Body"]
    token = sent["Body"].split("/c/")[1].split("/")[0]
    kept = Message.objects.get()
    assert kept.state == "sent" and kept.carried_as.startswith("SM")
    assert token not in kept.text + kept.link


def test_what_did_not_go_out_goes_again_later(small_clinic, texts, clock) -> None:
    texts.answers = [(503, {"message": "busy"}), (429, {"message": "too many"})]
    send(small_clinic.patient, "new-link")
    assert do_what_is_due() == 1
    message = Message.objects.get()
    assert message.state == "waiting" and "503" in message.problem
    assert do_what_is_due() == 0  # not at once
    clock.at += timedelta(minutes=1)
    do_what_is_due()
    clock.at += timedelta(minutes=3)
    do_what_is_due()
    message.refresh_from_db()
    assert message.state == "sent" and len(texts.got) == 1


def test_what_cannot_go_out_says_why_and_a_crisis_text_then_alarms(small_clinic, texts) -> None:
    texts.answers = [(400, {"message": "not a mobile number"})]
    send(small_clinic.patient, "crisis", who="Dr Lin")
    do_what_is_due()
    message = Message.objects.get(kind="crisis", patient=small_clinic.patient)
    assert message.state == "failed" and "not a mobile number" in message.problem
    assert "call them" in Alert.objects.get().text


def test_a_worker_that_died_is_followed_by_another(small_clinic, texts, clock) -> None:
    send(small_clinic.patient, "new-link")
    Job.objects.update(lease_until=clock.at + timedelta(minutes=2), tries=1)  # taken, and then killed
    assert do_what_is_due() == 0
    clock.at += timedelta(minutes=3)
    assert do_what_is_due() == 1
    assert len(texts.got) == 1


def test_a_text_from_somebody_new_is_an_inquiry_once_and_answered_in_their_language(
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
    do_what_is_due()
    (answer,) = texts.got
    assert answer["To"] == "+13475550199"
    assert "Una persona le responde" in answer["Body"] and "988" in answer["Body"]


def test_a_text_nobody_signed_is_refused(small_clinic, client, texts) -> None:
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


def test_stop_works_at_once_and_never_cuts_clinical_duty(small_clinic, client, texts, clock) -> None:
    patient = small_clinic.patient
    posted(client, "Please stop texting me", "SM1")
    contact = Contact.objects.get(address=HERS)
    assert contact.opted_out_at == clock.at and contact.patient == patient
    do_what_is_due()
    assert [t["Body"].split(": ")[1][:25] for t in texts.got] == ["you get no more automatic"]
    ask_for_score(patient, "phq-9")  # a reminder: not sent, and it says so
    assert Message.objects.get(kind="reminder").state == "refused"
    posted(client, "I want to die", "SM2")
    do_what_is_due()
    assert "988" in texts.got[-1]["Body"] and len(texts.got) == 2
    assert Alert.objects.get().patient == patient
    posted(client, "START", "SM3")
    ask_for_score(patient, "phq-9")
    do_what_is_due()
    assert "/c/" in texts.got[-1]["Body"]


def test_danger_from_a_stranger_at_night_puts_a_named_person_on_a_clock(
    small_clinic, client, texts, clock
) -> None:
    clock.at = datetime(2026, 11, 1, 4, 40, tzinfo=UTC)  # 0:40, in the night of the clock change
    lin = small_clinic.staff[Role.PRESCRIBER]
    lin.phone = "917-555-0142"
    lin.save()
    posted(client, "ya no quiero vivir", "SM1", sender="+13475550199")
    do_what_is_due()
    alert = Alert.objects.get()
    assert alert.crisis and alert.inquiry is not None and alert.assigned_to == lin
    to = {t["To"]: t["Body"] for t in texts.got}
    assert "988" in to["+13475550199"] and "gracias por contarnos" in to["+13475550199"]
    assert "an alert waits for you" in to["+19175550142"]
    assert "quiero" not in to["+19175550142"]  # nothing about anybody leaves by text


def test_a_reminder_at_night_waits_for_the_morning(small_clinic, texts, clock) -> None:
    clock.at = datetime(2026, 11, 1, 4, 40, tzinfo=UTC)
    ask_for_score(small_clinic.patient, "phq-9")
    assert do_what_is_due() == 0
    clock.at = datetime(2026, 11, 1, 14, 0, tzinfo=UTC)  # nine by the new clock
    assert do_what_is_due() == 1
    assert len(texts.got) == 1


def test_the_carrier_tells_later_that_it_did_not_arrive(small_clinic, client, texts) -> None:
    from twilio.request_validator import RequestValidator

    send(small_clinic.patient, "crisis", who="Dr Lin")
    do_what_is_due()
    form = {
        "MessageSid": Message.objects.get().carried_as,
        "MessageStatus": "undelivered",
        "ErrorCode": "30005",
    }
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/post/text/arrived/", form)
    client.post("/post/text/arrived/", form, headers={"X-Twilio-Signature": signature})
    assert Message.objects.get(kind="crisis").state == "failed"
    assert "did not arrive" in Alert.objects.get().text


def test_two_people_with_one_telephone_are_told_apart_by_a_person(small_clinic, client, texts) -> None:
    from regrow.clinic.chart.facts import new_patient

    other = new_patient(name="Ana Ortiz", owner=small_clinic.staff[Role.COORDINATOR], phone="(917) 555-0100")
    posted(client, "Can we come earlier?", "SM1")
    contact = Contact.objects.get(address=HERS)
    assert contact.patient is None
    desk = Client()
    desk.force_login(small_clinic.staff[Role.FRONT_DESK])
    page = desk.get(f"/inbox/{contact.id}/").content.decode()
    assert "2 patients share this address" in page
    desk.post(f"/inbox/{contact.id}/attach/", {"mrn": other.mrn})
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
    do_what_is_due()
    job = Job.objects.get()
    assert job.done_at is None and job.given_up_at is None
    Job.objects.update(run_after=job.run_after - timedelta(hours=1))
    do_what_is_due()
    assert Message.objects.get().state == "failed" and "550" in Message.objects.get().problem
    send(patient, "new-link", link="/c/x/")
    do_what_is_due()
    (mail,) = mails.got
    assert mail["To"] == "maya@example.org" and mail["Subject"] == "A new link"
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
        carrying.fetch()
        carrying.fetch()
    assert {i.contact for i in Inquiry.objects.all()} == {
        "ruth@example.org",
        "jo@example.org",
        "broken@example.org",
    }
    assert Message.objects.filter(direction="in").count() == 3
    (alert,) = Alert.objects.all()
    assert alert.inquiry.contact == "jo@example.org"
    assert Contact.objects.get(address="broken@example.org").opted_out_at


@pytest.mark.skipif(dovecot() is None, reason="no IMAP server on this machine: apt install dovecot-imapd")
def test_an_email_that_cannot_be_taken_stays_unread_and_holds_nobody_up(
    small_clinic, tmp_path_factory, monkeypatch
) -> None:
    with an_imap_server(Path(tmp_path_factory.mktemp("imap")) / "box") as (address, new):
        monkeypatch.setenv("REGROW_IMAP", address)
        deliver(new, a_mail("first", id="<1@x>", sender="a@example.org"), "a")
        deliver(new, a_mail("second", id="<2@x>", sender="b@example.org"), "b")
        real = carrying.take

        def stumbles(incoming: Incoming, *, key: str) -> Message | None:
            if "first" in incoming.text:
                raise RuntimeError("the database was away")
            return real(incoming, key=key)

        with monkeypatch.context() as broken:
            broken.setattr(carrying, "take", stumbles)
            carrying.fetch()
        assert [i.contact for i in Inquiry.objects.all()] == ["b@example.org"]
        carrying.fetch()
    assert {i.contact for i in Inquiry.objects.all()} == {"a@example.org", "b@example.org"}


def test_a_person_answers_from_the_thread_once(small_clinic, client, texts) -> None:
    posted(client, "Is it safe?", "SM1")
    contact = Contact.objects.get(address=HERS)
    desk = Client()
    desk.force_login(small_clinic.staff[Role.FRONT_DESK])
    assert "Needs reply" in desk.get("/inbox/").content.decode()
    once = {"once": "7f4b4e2e-3a45-4a5a-9b1c-0d3a1f6f0a11", "text": "Yes; let us talk about it."}
    for _ in range(2):
        desk.post(f"/inbox/{contact.id}/answer/", once)
    do_what_is_due()
    assert [t["Body"] for t in texts.got] == ["Yes; let us talk about it."]


def test_words_of_danger_on_the_public_form_show_help_first(small_clinic, client) -> None:
    answer = client.post(
        "/write/", {"name": "Jo", "contact": "jo@example.org", "message": "I don't want to live"}, follow=True
    )
    assert "You're not alone" in answer.content.decode()
    assert Alert.objects.get().crisis


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("917-555-0100", (Way.TEXT, HERS)),
        ("+1 (917) 555 0100", (Way.TEXT, HERS)),
        ("A@B.org ", (Way.EMAIL, "a@b.org")),
        ("12", None),
        ("", None),
    ],
)
def test_addresses_are_written_one_way(given: str, expected: tuple[Way, str] | None) -> None:
    assert as_address(given) == expected


def test_a_number_is_one_contact_however_it_is_written(small_clinic) -> None:
    one = contact_of(*as_address("917-555-0100"))  # type: ignore[misc]
    assert contact_of(*as_address("+19175550100")) == one  # type: ignore[misc]
    assert one.patient == small_clinic.patient


def test_alerts_that_are_no_crisis_tell_the_named_person_only(small_clinic) -> None:
    alert = raise_alert(small_clinic.patient, "Asked to be called")
    do_what_is_due()
    assert [(s.what, s.who) for s in alert.steps.all()] == [("named", alert.assigned_to)]
