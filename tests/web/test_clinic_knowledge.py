"""Patient page actions: insurance card photo, sharing the plan, progress chart."""

import io
import uuid
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from regrow.web.accounts.roles import Role
from regrow.web.alerts.models import SafetyAlert
from regrow.web.assessments.links import make_link
from regrow.web.assessments.responses import record_clinician_rating
from regrow.web.audit.models import AuditRow
from regrow.web.billing.jpeg import LONGEST_SIDE, NoPhoto, as_jpeg
from regrow.web.billing.models import InsuranceCardPhoto
from regrow.web.conversations.inbound import receive
from regrow.web.conversations.models import ContactPoint, Inquiry, Message
from regrow.web.gateways.base import Channel, InboundMessage
from regrow.web.patients.models import Milestone
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing
from regrow.web.portal.models import AftercarePlan, PlanShare

pytestmark = pytest.mark.django_db
BORN = {"year": "1990", "month": "2", "day": "3"}
THEM = {"name": "Dr Ana Ruiz", "email": "Ana.Ruiz@example.org", "agree": "yes"}


@pytest.fixture
def patient(small_clinic):
    found = small_clinic.patient
    found.birth_date = date(1990, 2, 3)
    found.save()
    return found


def enter(patient, purpose: str = "page") -> tuple[Client, str]:
    """A telephone that has given the date of birth, and the token it came with."""
    with writing():
        _link, token = make_link(patient, purpose)
    client, first = Client(), {"page": "p", "intake": "i", "plan": "t"}[purpose]
    client.post(f"/{first}/{token}/", BORN)
    return client, token


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 250), **more: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind, **more)
    return made.getvalue()


def upload(client: Client, token: str, raw: bytes, name: str = "card.jpg", side: str = "front"):
    return client.post(f"/k/{token}/", {side: SimpleUploadedFile(name, raw)})


# The card


def test_a_card_photo_is_stored_without_location() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif.get_ifd(0x8825)[1] = "N"  # a position
    jpeg, width, height = as_jpeg(picture("JPEG", (4000, 2500), exif=exif))
    kept = Image.open(io.BytesIO(jpeg))
    assert not kept.getexif()
    assert (max(kept.size), kept.size) == (LONGEST_SIDE, (width, height))
    assert height > width  # turned as it was held


@pytest.mark.parametrize(
    "raw", [b"", b"no picture", b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n broken", picture()[:60]]
)
def test_what_is_no_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(NoPhoto):
        as_jpeg(raw)


def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(NoPhoto):
        as_jpeg(picture(size=(400, 250)))


@pytest.mark.database
@pytest.mark.parametrize("purpose", ["page", "intake"])
def test_a_card_is_sent_by_either_link_and_shown_on_the_coverage_page(patient, small_clinic, purpose) -> None:
    client, token = enter(patient, purpose)
    assert upload(client, token, picture()).status_code == 302
    assert upload(client, token, picture(), side="back").status_code == 302
    assert "We received your card" in client.get(f"/k/{token}/").content.decode()
    desk = Client()
    desk.force_login(small_clinic.staff[Role.COORDINATOR])
    assert desk.get(f"/patients/{patient.id}/coverage/").content.decode().count("Insurance card, ") == 2
    before = AuditRow.objects.count()
    answer = desk.get(f"/patients/{patient.id}/coverage/card/front.jpg")
    assert (answer["Content-Type"], answer.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert "no-store" in answer["Cache-Control"]
    assert AuditRow.objects.count() == before + 1
    nurse = Client()
    nurse.force_login(small_clinic.staff[Role.NURSE])
    assert nurse.get(f"/patients/{patient.id}/coverage/card/front.jpg").status_code == 403


def test_an_invalid_photo_is_refused_and_the_old_one_stays(patient) -> None:
    client, token = enter(patient)
    upload(client, token, picture())
    answer = upload(client, token, b"MZ not a photo", "card.jpg")
    assert answer.status_code == 400 and "JPEG or PNG" in answer.content.decode()
    empty = client.post(f"/k/{token}/", {})
    assert empty.status_code == 400 and "choose a photo first" in empty.content.decode()
    assert InsuranceCardPhoto.objects.count() == 1


def test_the_card_is_asked_for_only_where_a_plan_may_pay(patient, clock) -> None:
    client, token = enter(patient)
    assert "insurance card" not in client.get(f"/p/{token}/").content.decode()
    Milestone.objects.create(patient=patient, kind="determined", text="spravato", at=clock.at)
    assert "insurance card" in client.get(f"/p/{token}/").content.decode()
    upload(client, token, picture())
    assert "insurance card" not in client.get(f"/p/{token}/").content.decode()


# The therapist


def share(patient, **changed: str):
    client, token = enter(patient)
    return client, client.post(f"/p/{token}/share/", THEM | changed), token


def test_a_plan_is_shared_only_with_permission_and_the_email_holds_no_name(patient, clock) -> None:
    AftercarePlan.objects.create(
        patient=patient, data={"choices": {"day-1": ["Walk by the river"]}}, at=clock.at
    )
    for missing, words in (
        ({"agree": ""}, "Check the box if you agree."),
        ({"email": "x"}, "Enter your therapist&#x27;s email address."),
        ({"name": ""}, "Enter your therapist&#x27;s name."),
    ):
        _, answer, _ = share(patient, **missing)
        assert answer.status_code == 400 and words in answer.content.decode()
    assert not PlanShare.objects.exists()
    share(patient)
    assert "no scores" in PlanShare.objects.get().authorization_text
    sent = Message.objects.get(to="ana.ruiz@example.org")
    assert "Maya" not in sent.text + sent.subject and "ketamine" not in sent.text.lower()
    therapist = Client()
    assert "river" not in therapist.get(sent.link).content.decode()
    page = therapist.post(sent.link, BORN, follow=True).content.decode()
    assert "Aftercare plan" in page
    assert "PHQ" not in page


@pytest.mark.database
def test_ending_it_closes_the_link_at_once_and_a_new_plan_sends_a_new_one(patient) -> None:
    client, _, token = share(patient)
    first = Message.objects.get(to="ana.ruiz@example.org").link
    client.post(f"/p/{token}/choose/", {"ride": "Ruth"})
    assert Client().get(first).status_code == 404
    second = Message.objects.filter(to="ana.ruiz@example.org").exclude(link=first).get().link
    assert Client().get(second).status_code == 200
    client.post(f"/p/{token}/share/", {"end": "yes"})
    assert Client().get(second).status_code == 404
    client.post(f"/p/{token}/choose/", {"ride": "Ana"})
    assert Message.objects.filter(to="ana.ruiz@example.org").count() == 2


def test_a_plan_is_not_sent_to_another_patients_address(patient, small_clinic) -> None:
    from regrow.web.patients.services import new_patient

    new_patient(name="Other", owner=small_clinic.staff[Role.COORDINATOR], email="ana.ruiz@example.org")
    _, answer, _ = share(patient)
    assert answer.status_code == 409 and not PlanShare.objects.exists()


def test_a_therapists_reply_joins_the_conversation_and_is_screened(patient) -> None:
    share(patient)
    with writing():
        receive(
            InboundMessage(Channel.EMAIL, "1", "ana.ruiz@example.org", "Ana", "He said he wants to die"),
            key="t1",
        )
    assert SafetyAlert.objects.get().patient == patient
    assert not Inquiry.objects.exists()
    assert (
        Message.objects.filter(direction="out", to="ana.ruiz@example.org").count() == 1
    )  # no text about 988 to her


def test_replies_of_a_therapist_with_two_patients_are_assigned_by_staff(patient, small_clinic) -> None:
    from regrow.web.patients.services import new_patient

    other = new_patient(
        name="Other", owner=small_clinic.staff[Role.COORDINATOR], birth_date=patient.birth_date
    )
    share(patient)
    _, answer, _ = share(other)
    assert answer.status_code == 302
    assert Message.objects.filter(to="ana.ruiz@example.org", direction="out").count() == 2
    with writing():
        receive(
            InboundMessage(Channel.EMAIL, "2", "ana.ruiz@example.org", "Ana", "She wants to die"), key="t2"
        )
    alert = SafetyAlert.objects.get()
    assert alert.patient is None and alert.inquiry is not None  # staff are alerted, and assign the patient
    assert Message.objects.filter(to="ana.ruiz@example.org", direction="out").count() == 2


def test_an_address_with_an_inquiry_is_not_a_therapist(patient) -> None:
    with writing():
        receive(
            InboundMessage(Channel.EMAIL, "3", "ana.ruiz@example.org", "Ana", "Could this be for me?"),
            key="t3",
        )
    _, answer, _ = share(patient)
    assert answer.status_code == 409 and not PlanShare.objects.exists()


def test_nothing_for_the_person_ever_goes_to_the_therapist(patient) -> None:
    from regrow.web.assessments.responses import ask_for_score

    patient.phone, patient.email = "", "maya@example.org"
    patient.save()
    share(patient)
    with writing():
        ask_for_score(patient, "phq-9")
    assert [m.to for m in Message.objects.filter(link__startswith="/c/")] == ["maya@example.org"]


# One of us


def test_stop_from_one_of_us_ends_nothing_and_is_no_inquiry(small_clinic) -> None:
    lin = small_clinic.staff[Role.PRESCRIBER]
    lin.phone = "917-555-0900"
    lin.save()
    with writing():
        receive(InboundMessage(Channel.TEXT, "1", "+19175550900", "", "STOP"), key="s1")
    contact = ContactPoint.objects.get()
    assert (contact.kind, contact.opted_out_at) == ("staff", None)
    assert not Inquiry.objects.exists() and not Message.objects.filter(direction="out").exists()
    desk = Client()
    desk.force_login(small_clinic.staff[Role.COORDINATOR])
    assert "STOP" in desk.get("/messages/").content.decode()


def test_a_staff_member_who_is_a_patient_is_screened_as_a_patient(patient, small_clinic) -> None:
    lin = small_clinic.staff[Role.PRESCRIBER]
    lin.phone = patient.phone
    lin.save()
    with writing():
        receive(InboundMessage(Channel.TEXT, "1", patient.phone, "", "I want to die"), key="s2")
    assert SafetyAlert.objects.get().patient == patient
    assert ContactPoint.objects.get(address="+19175550100").kind == "patient"


def test_a_number_of_ours_that_becomes_a_patients_is_theirs(patient, small_clinic) -> None:
    lin = small_clinic.staff[Role.PRESCRIBER]
    lin.phone = "917-555-0900"
    lin.save()
    with writing():
        receive(InboundMessage(Channel.TEXT, "1", "917-555-0900", "", "On my way"), key="s3")
    assert ContactPoint.objects.get().kind == "staff"
    patient.phone = "917-555-0900"
    patient.save()
    with writing():
        receive(InboundMessage(Channel.TEXT, "2", "917-555-0900", "", "I want to die"), key="s4")
    assert SafetyAlert.objects.get().patient == patient


# The curve


def test_the_progress_chart_starts_with_the_second_score(patient, clock) -> None:
    client, token = enter(patient)
    scale = knowledge.scale("phq-9")
    for n, answers in enumerate(([3] * 8 + [0], [2] * 8 + [0])):
        page = client.get(f"/p/{token}/").content.decode()
        assert ("Your progress" in page) is False
        with writing():
            record_clinician_rating(patient, scale, answers, once=str(uuid.uuid4()))
        clock.at += timedelta(days=7 * (n + 1))
    client, token = enter(patient)
    page = client.get(f"/p/{token}/").content.decode()
    assert "Your score is 8 points lower than when you started" in page
    assert ">24<" in page and ">16<" in page
    patient.language = "es"
    patient.save()
    spanish = client.get(f"/p/{token}/").content.decode()
    assert "8 puntos" in spanish and 'd="M26.0 ' in spanish


# The medicines


def test_medications_are_continued_or_asked_about_and_never_skipped(patient) -> None:
    from regrow.web.patients.services import record

    for text in ("sertraline", "lorazepam"):
        record(patient, "medicine", {"text": text, "dose_mg_per_day": "1"}, author="lin")
    client, token = enter(patient)
    page = " ".join(client.get(f"/p/{token}/").content.decode().split())
    assert "sertraline</span>: Take as usual" in page
    assert "lorazepam</span>: <b>Call us before taking this. Don't stop it on your own." in page
