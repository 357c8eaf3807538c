"""At-home sessions: closed until signed, run by a nurse on video, with entries from the patient's phone."""

import uuid
from datetime import date, timedelta

import pytest
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.appointments.models import Appointment, Chair
from regrow.web.conversations.models import Message
from regrow.web.dosing_sessions.at_home import send_home_link
from regrow.web.dosing_sessions.models import DosingSession, SessionEvent
from regrow.web.dosing_sessions.services import append, record_presence, rules_of, state_of
from regrow.web.patients.services import new_patient
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing
from regrow.web.signing.models import SignedValues
from regrow.web.treatment.sessions import open_session

pytestmark = pytest.mark.django_db
HOME = "sublingual-at-home"
BORN = date(1990, 2, 3)
WELL = {"systolic_mmhg": "124", "diastolic_mmhg": "78", "pulse_per_min": "70"}


def limits() -> dict[str, str]:
    """The demo clinic's signed limits of the same route in the clinic."""
    signed = dict(knowledge.demo_limits("sublingual-supervised"))
    return {name: signed[name] for name in knowledge.protocol(HOME).unset_limits}


@pytest.fixture
def person(small_clinic):
    return new_patient(
        name="Elias Brandt",
        owner=small_clinic.staff[Role.COORDINATOR],
        phone="917-555-0111",
        birth_date=BORN,
        emergency_name="Ruth",
        emergency_phone="917-555-0112",
    )


@pytest.fixture
def lin(small_clinic) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    return client


def plan(client: Client, person, clock):
    at = (clock.at + timedelta(days=1)).strftime("%Y-%m-%dT12:00")
    return client.post(f"/patients/{person.id}/schedule/manual/", {"protocol": HOME, "first_at": at})


def sign_it(small_clinic) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    assert client.post(f"/protocols/{HOME}/sign/", limits()).status_code == 302


@pytest.fixture
def booked(small_clinic, person, lin, clock) -> Appointment:
    sign_it(small_clinic)
    Chair.objects.create(name="Home 1", place="home")
    assert plan(lin, person, clock).status_code == 302
    return Appointment.objects.get(course__patient=person)


@pytest.fixture
def opened(booked, lin, clock, small_clinic) -> DosingSession:
    order = {"choice": "changed", "dose": "40", "reason": "As agreed in the talk", "once": str(uuid.uuid4())}
    assert lin.post(f"/patients/{booked.course.patient_id}/dosing/decide/", order).status_code == 302
    clock.at = booked.starts_at
    with writing():
        record_presence(small_clinic.staff[Role.PRESCRIBER], True)
        session = open_session(booked, by=small_clinic.staff[Role.NURSE])
        send_home_link(session)
    clock.at += timedelta(seconds=20)
    return session


@pytest.fixture
def phone(opened) -> tuple[Client, str]:
    client, link = Client(), Message.objects.get(key=f"home {opened.id}").link
    client.post(link, {"year": "1990", "month": "2", "day": "3"})
    return client, link


def enter(phone: tuple[Client, str], **what: str):
    client, link = phone
    return client.post(f"{link}say/", {"once": str(uuid.uuid4()), **what}, follow=True)


def test_it_ships_closed(small_clinic, person, lin, clock) -> None:
    assert all(
        v == "unset" or v == "optional"
        for v in knowledge.document("protocol", HOME).contents["limits"].values()
    )
    answer = plan(lin, person, clock)
    assert answer.status_code == 409 and "has no signed limits" in answer.content.decode()
    assert HOME not in lin.get(f"/patients/{person.id}/schedule/").content.decode()
    assert not SignedValues.objects.filter(file_id=HOME).exists()


def test_an_at_home_protocol_needs_a_nurse_slot_and_no_chair(small_clinic, person, lin, clock) -> None:
    sign_it(small_clinic)
    answer = plan(lin, person, clock)
    assert "no nurse slot for at-home sessions yet" in answer.content.decode()
    Chair.objects.create(name="Home 1", place="home")
    plan(lin, person, clock)
    assert Appointment.objects.get(course__patient=person).chair.name == "Home 1"


def test_an_infusion_is_never_seated_at_home(booked, small_clinic) -> None:
    Chair.objects.filter(place="clinic").update(retired_at=booked.starts_at)
    from regrow.web.appointments.placement import place_series

    protocol = knowledge.protocol("iv-weekly-6")
    with pytest.raises(ActionRefused, match="The clinic has no chair yet"):
        place_series(protocol, knowledge.demo_limits("iv-weekly-6"), booked.starts_at)


def test_the_link_asks_for_the_date_of_birth_and_ends_with_the_day(opened, clock) -> None:
    link = Message.objects.get(key=f"home {opened.id}").link
    stranger = Client()
    assert "video" not in stranger.get(link).content.decode().lower().split("<main", 1)[1]
    assert stranger.post(f"{link}say/", {"say": "help"}).status_code in (200, 400)
    assert not state_of(opened, clock.at).of("symptom")
    clock.at += timedelta(days=2)
    assert stranger.get(link).status_code == 404


@pytest.mark.database
def test_what_the_person_measures_is_in_the_log_as_theirs_once(phone, opened, clock) -> None:
    once = str(uuid.uuid4())
    for _ in range(2):
        answer = enter(phone, say="measured", **WELL, once=once)
    assert "124/78 mmHg" in answer.content.decode()
    (vital,) = state_of(opened, clock.at).vitals
    assert (vital.event.author, vital.data["systolic_mmhg"]) == ("self", 124)


def test_a_slip_of_the_finger_is_asked_again_and_what_was_typed_stays(phone, opened, clock) -> None:
    answer = enter(phone, say="measured", systolic_mmhg="78", diastolic_mmhg="124", pulse_per_min="70")
    text = answer.content.decode()
    assert answer.status_code == 400 and "look at the numbers again" in text and 'value="78"' in text
    assert not state_of(opened, clock.at).vitals


def test_the_address_must_be_written_down_and_read_back_before_a_dose(
    phone, opened, clock, small_clinic
) -> None:
    nurse = small_clinic.staff[Role.NURSE]
    assert enter(phone, say="place", place="x").status_code == 400
    enter(phone, say="place", place="12 Elm Street, Queens")
    open_ids = {c.id for c in state_of(opened, clock.at).before if c.open}
    assert "location" not in open_ids and "location-read-back" in open_ids
    with writing(), pytest.raises(ActionRefused, match="Address read back"):
        append(opened, "administer", {"mg": "40"}, author=nurse)
    chair = Client()
    chair.force_login(nurse)
    page = chair.get(
        f"/patients/{opened.appointment.course.patient_id}/sessions/{opened.id}/"
    ).content.decode()
    assert "12 Elm Street, Queens" in page and "Ruth, 917-555-0112" in page
    assert "Call 911 to the confirmed address" in page


def test_one_tap_for_help_is_an_alarm_of_the_highest_sort(phone, opened, clock) -> None:
    answer = enter(phone, say="help")
    assert "has seen that you need help" in answer.content.decode()
    (alarm,) = [a for a in state_of(opened, clock.at).alarms if a.priority == "high"]
    assert "Asks for help" in alarm.text


def test_a_call_for_help_is_recorded_against_any_rule(phone, opened, clock) -> None:
    """With a name alert and no third identifier, entries are refused; a call for help is not."""
    order = opened.events.get(kind="order")
    data = order.data | {"name_alike": True}
    SessionEvent.objects.create(
        id=uuid.uuid4(),
        session=opened,
        number=opened.events.count() + 1,
        kind="order",
        data=data,
        device_time=clock.at,
        server_time=clock.at,
        author=order.author,
        role=order.role,
    )
    clock.at += timedelta(seconds=5)
    assert enter(phone, say="measured", **WELL).status_code == 409
    assert "has seen that you need help" in enter(phone, say="help").content.decode()
    assert any("Asks for help" in a.text for a in state_of(opened, clock.at).alarms)


def test_a_call_for_help_after_the_session_raises_an_alert(phone, opened, clock) -> None:
    opened.closed_at = clock.at
    opened.save()
    assert "call you" in enter(phone, say="help").content.decode()
    assert opened.appointment.course.patient.alerts.get().is_crisis


def run_to_the_dose(phone, opened, clock, nurse) -> None:
    enter(phone, say="place", place="12 Elm Street, Queens")
    enter(phone, say="measured", **WELL)
    clock.at += timedelta(seconds=20)
    with writing():
        append(opened, "identity", {"by": ["name", "born"]}, author=nurse)
        for item in rules_of(opened).before:
            if item.kind == "check" and item.id != "location":
                append(opened, "check", {"check": item.id}, author=nurse)
        clock.at += timedelta(seconds=20)
        append(opened, "administer", {"mg": "40"}, author=nurse)


@pytest.mark.database
def test_a_whole_session_at_home_from_the_dose_to_the_close(phone, opened, clock, small_clinic) -> None:
    nurse = small_clinic.staff[Role.NURSE]
    run_to_the_dose(phone, opened, clock, nurse)
    assert "Rest." in phone[0].get(phone[1]).content.decode()
    clock.at += timedelta(minutes=11)
    late = state_of(opened, clock.at)
    assert any("No answer" in a.text for a in late.alarms if a.priority == "high")
    for _ in range(5):
        enter(phone, say="measured", **WELL)
        clock.at += timedelta(minutes=10)
    enter(phone, say="measured", **WELL)
    clock.at += timedelta(seconds=20)
    with writing():
        append(opened, "scale", {"scale": "moaas", "total": 5}, author=nurse)
        append(opened, "scale", {"scale": "cadss-6", "total": 0}, author=nurse)
        for criterion in rules_of(opened).discharge:
            if criterion.kind == "finding":
                append(opened, "finding", {"criterion": criterion.id, "holds": True}, author=nurse)
        append(opened, "ride", {"name": "Ruth"}, author=nurse)
        clock.at += timedelta(seconds=5)
        append(opened, "handover", {"name": "Ruth"}, author=nurse)
        clock.at += timedelta(seconds=5)
        append(
            opened, "close", {}, author=nurse
        )  # nothing was drawn from the cabinet, and nothing is missing
    assert "Session complete" in phone[0].get(phone[1]).content.decode()
    assert enter(phone, say="measured", **WELL).status_code == 409


def test_the_at_home_page_shows_nothing_of_a_session_in_the_clinic(session, small_clinic) -> None:
    from regrow.web.assessments.links import make_link

    patient = small_clinic.patient
    with writing():
        _link, token = make_link(patient, "home")
    answer = Client().get(f"/h/{token}/")
    assert (answer.status_code, patient.name in answer.content.decode()) == (404, False)
