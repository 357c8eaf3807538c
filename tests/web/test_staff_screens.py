"""Staff screens: double clicks, stale pages, bad input, an unsigned protocol."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from regrow.web.accounts.roles import Role
from regrow.web.alerts.models import SafetyAlert
from regrow.web.appointments.models import Appointment
from regrow.web.assessments.links import make_link
from regrow.web.assessments.responses import ask_for_score
from regrow.web.conversations.models import Inquiry, Message
from regrow.web.patients.models import ClinicalFact
from regrow.web.signing.models import SignedValues
from regrow.web.treatment.models import DoseDecision

pytestmark = pytest.mark.django_db


def client_of(small_clinic, role: Role) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[role])
    return client


@pytest.mark.database
def test_an_inquiry_has_an_owner_at_once_and_a_double_click_saves_once(small_clinic) -> None:
    form = {"name": "Ana " + "x" * 60, "contact": "917 555 0100", "message": "", "once": str(uuid.uuid4())}
    for _ in range(2):
        assert Client().post(reverse("contact"), form).status_code == 302

    assert [i.owner.first_name for i in Inquiry.objects.all()] == ["Coordinator"]


@pytest.mark.parametrize("contact", ["", "here", "555"])
def test_an_inquiry_without_contact_shows_the_error_and_keeps_the_text(small_clinic, contact: str) -> None:
    answer = Client().post(reverse("contact"), {"name": "Ana", "contact": contact, "message": "My own words"})

    assert answer.status_code == 400
    assert "My own words" in answer.content.decode()
    assert not Inquiry.objects.exists()


def test_the_schedule_tab_opens_the_suggested_schedules(small_clinic) -> None:
    from regrow.web.patients.services import new_patient

    patient = new_patient(name="Elias", owner=small_clinic.staff[Role.COORDINATOR])
    page = client_of(small_clinic, Role.COORDINATOR).get(reverse("chart", args=[patient.id])).content.decode()

    assert f'href="{reverse("schedule", args=[patient.id])}" >Schedule</a>' in page
    assert reverse("schedule-manual", args=[patient.id]) not in page


def test_an_unsigned_protocol_cannot_be_used(small_clinic, clock) -> None:
    from django.db import connection

    from regrow.web.patients.services import new_patient

    with connection.cursor() as cursor:  # a newer version of the protocol, not signed yet
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER signing_signedvalues_no_update")
        else:
            cursor.execute("DROP TRIGGER signing_signedvalues_no_change ON signing_signedvalues")
    SignedValues.objects.update(version=0)
    other = new_patient(name="Elias", owner=small_clinic.staff[Role.COORDINATOR])
    at = (clock.at + timedelta(days=1)).strftime("%Y-%m-%dT10:00")
    form = {"protocol": "iv-weekly-6", "first_at": at}
    answer = client_of(small_clinic, Role.PRESCRIBER).post(reverse("schedule-manual", args=[other.id]), form)

    assert answer.status_code == 409
    assert "no signed limits" in answer.content.decode()
    assert not Appointment.objects.filter(course__patient=other).exists()


@pytest.mark.database
def test_the_series_is_booked_whole_at_the_same_clock_time_across_the_end_of_summer_time(
    small_clinic,
) -> None:
    """1 November 2026 lies between the first and the second session."""
    from zoneinfo import ZoneInfo

    appointments = list(small_clinic.course.appointments.all())

    assert len(appointments) == 6
    local = {b.starts_at.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M") for b in appointments}
    assert {"11:00"} == local
    assert timedelta(days=7, hours=1) == appointments[1].starts_at - appointments[0].starts_at


@pytest.mark.database
def test_two_series_never_share_a_chair_or_a_nurse(small_clinic, clock) -> None:
    """There is one nurse: the same hour cannot be had twice."""
    from regrow.web.patients.services import new_patient

    other = new_patient(name="Elias", owner=small_clinic.staff[Role.COORDINATOR])
    form = {"protocol": "iv-weekly-6", "first_at": "2026-10-26T11:30"}
    answer = client_of(small_clinic, Role.PRESCRIBER).post(reverse("schedule-manual", args=[other.id]), form)

    assert answer.status_code == 409
    assert "No nurse is available on Mon, Oct 26, 11:30 AM" in answer.content.decode()


def test_a_change_of_dose_needs_a_reason_and_stays_under_the_cap(small_clinic, answered) -> None:
    client = client_of(small_clinic, Role.PRESCRIBER)
    where = reverse("decide", args=[small_clinic.patient.id])

    assert "Enter the reason" in client.post(where, {"choice": "changed", "dose": "0.6"}).content.decode()
    too_much = client.post(where, {"choice": "changed", "dose": "5", "reason": "slip"})
    assert "up to its cap of 0.9 mg/kg" in too_much.content.decode()
    assert (
        "Enter the dose as a number"
        in client.post(where, {"choice": "changed", "dose": "half", "reason": "x"}).content.decode()
    )
    assert not DoseDecision.objects.exists()
    assert client.post(where, {"choice": "changed", "dose": "0.4", "reason": "frail"}).status_code == 302
    assert DoseDecision.objects.get().order["dose_mg"].rstrip("0") + "0" == "32.0"


def test_an_order_accepted_on_a_stale_page_is_refused(small_clinic, answered) -> None:
    client = client_of(small_clinic, Role.PRESCRIBER)
    answer = client.post(
        reverse("decide", args=[small_clinic.patient.id]), {"choice": "accepted", "dose": "0.6"}
    )

    assert answer.status_code == 409
    assert "the suggestion is now 0.5" in answer.content.decode()


def test_a_session_does_not_open_without_a_signed_order(small_clinic) -> None:
    answer = client_of(small_clinic, Role.NURSE).post(
        reverse("open-session", args=[small_clinic.appointment.id])
    )

    assert answer.status_code == 409
    assert "The prescriber can sign one" in answer.content.decode()


@pytest.mark.database
def test_an_event_uploaded_twice_is_stored_once(small_clinic, session) -> None:
    client = client_of(small_clinic, Role.NURSE)
    where = reverse("add-events", args=[small_clinic.patient.id, session.id])
    body = {"events": [line("ride", name="Ana")]}
    first = client.post(where, body, content_type="application/json").json()
    again = client.post(where, body, content_type="application/json").json()

    assert session.events.filter(kind="ride").count() == 1
    assert first["taken"] == again["taken"]


def test_a_reading_that_cannot_be_is_refused_and_nothing_is_written(small_clinic, session) -> None:
    where = reverse("add-events", args=[small_clinic.patient.id, session.id])
    before = session.events.count()
    body = {"events": [line("vital", systolic_mmhg=15, diastolic_mmhg=80)]}
    answer = client_of(small_clinic, Role.NURSE).post(where, body, content_type="application/json")

    assert answer.status_code == 400
    assert "enter a value from 40 to 300" in answer.content.decode()
    assert session.events.count() == before


def line(kind: str, **data) -> dict:
    return {"id": str(uuid.uuid4()), "kind": kind, "device_time": "2026-10-26T15:00:00Z", "data": data}


def check_in(small_clinic, answers: list[int]) -> tuple[Client, str]:
    ask_for_score(small_clinic.patient, "phq-9")
    link = Message.objects.first().link
    phone = Client()
    for number, answer in enumerate(answers, 1):
        phone.post(f"{link}{number}/", {"answer": answer})
    return phone, link


def test_item_nine_shows_help_at_once_and_raises_one_alert_for_a_named_clinician(small_clinic) -> None:
    phone, link = check_in(small_clinic, [1] * 8)
    helped = phone.post(f"{link}9/", {"answer": 2}, follow=True)

    assert "Call 988 now" in helped.content.decode()
    assert "Prescriber" in helped.content.decode()
    phone.post(f"{link}9/", {"answer": 2})
    assert [small_clinic.staff[Role.PRESCRIBER]] == [a.assigned_to for a in SafetyAlert.objects.all()]


def test_an_alert_closes_only_with_what_was_done_and_only_by_a_prescriber(small_clinic) -> None:
    check_in(small_clinic, [1] * 8 + [1])
    where = reverse("resolve-alert", args=[SafetyAlert.objects.get().id])

    assert (
        client_of(small_clinic, Role.NURSE).post(where, {"done": "Spoke with her at noon."}).status_code
        == 403
    )
    assert client_of(small_clinic, Role.PRESCRIBER).post(where, {"done": "ok"}).status_code == 400
    assert SafetyAlert.objects.get().resolved_at is None
    client_of(small_clinic, Role.PRESCRIBER).post(where, {"done": "Called at 15:10, safe, plan made."})
    assert SafetyAlert.objects.get().resolved_by == small_clinic.staff[Role.PRESCRIBER]


@pytest.mark.database
def test_a_finished_sheet_cannot_be_changed_and_a_bad_answer_is_refused(small_clinic) -> None:
    phone, link = check_in(small_clinic, [0] * 5)
    assert phone.post(f"{link}6/", {"answer": 7}).status_code == 400
    for number in range(6, 10):
        phone.post(f"{link}{number}/", {"answer": 0})
    phone.post(f"{link}1/", {"answer": 3})

    assert small_clinic.patient.responses.get().answers == [0] * 9


def test_a_secure_link_expires(small_clinic, clock) -> None:
    _, token = make_link(small_clinic.patient, "page")
    assert Client().get(f"/p/{token}/").status_code == 200
    clock.at += timedelta(days=61)
    expired = Client().get(f"/p/{token}/")
    assert (expired.status_code, small_clinic.patient.name in expired.content.decode()) == (404, False)


@pytest.mark.database
def test_an_invalid_fact_keeps_its_input_and_a_double_save_is_one_fact(small_clinic) -> None:
    client = client_of(small_clinic, Role.PRESCRIBER)
    where = reverse("record-fact", args=[small_clinic.patient.id, "diagnosis"])
    wrong = client.post(where, {"icd10": "sad", "text": "for two years"})
    assert (wrong.status_code, "for two years" in wrong.content.decode()) == (400, True)
    form = {"icd10": "F33.2", "text": "", "once": str(uuid.uuid4())}
    client.post(where, form)
    client.post(where, form)

    assert ClinicalFact.objects.filter(kind="diagnosis").count() == 1


def test_a_weight_in_pounds_is_stored_in_kilograms(small_clinic) -> None:
    where = reverse("record-fact", args=[small_clinic.patient.id, "weight"])
    client_of(small_clinic, Role.PRESCRIBER).post(where, {"value": "176.4", "unit": "lb"})

    assert ClinicalFact.objects.filter(kind="measurement").last().data["value"] == "80.0"


def test_the_letter_is_one_tagged_page(small_clinic, answered) -> None:
    answer = client_of(small_clinic, Role.COORDINATOR).get(reverse("letter", args=[small_clinic.patient.id]))

    assert answer.content.startswith(b"%PDF")
    assert (
        answer.content.count(b"/Type /Page\n")
        + answer.content.count(b"/Type/Page\n")
        + answer.content.count(b"/Type/Page/")
        == 1
    )


@pytest.mark.database
def test_an_import_twice_changes_nothing_and_a_change_supersedes(small_clinic) -> None:
    from regrow.interop import read_bundle
    from regrow.web.patients.imports import apply_import
    from regrow.web.patients.services import current_facts
    from tests.core.test_fhir import bundle, observation, patient

    first = read_bundle(bundle(patient(), observation("o", "29463-7", 80, "kg")))
    person, changed = apply_import(first, author="import")
    assert changed == 2
    assert apply_import(first, author="import")[1] == 0
    later = read_bundle(bundle(patient(), observation("o", "29463-7", 81, "kg")))
    assert apply_import(later, author="import")[1] == 1
    assert [f.data["value"] for f in current_facts(person)] == ["81"]
    assert ClinicalFact.objects.filter(patient=person).count() == 2


def test_the_session_keeps_its_order_in_the_decision_beside_what_was_suggested(session) -> None:
    decision = DoseDecision.objects.get()

    rule = decision.suggested["rule"]
    assert (rule["outcome"], rule["first_dose"], rule["dose_mg_per_kg"]) == ("hold", True, "0.5")
    assert decision.suggested["protocol"] == "iv-weekly-6"
    assert set(decision.suggested["made_with"]) == {"regrow", "python", "numpy"}
    assert json.dumps(decision.order)  # plain values only


def test_a_prescriber_can_state_what_a_payer_asks_and_no_record_shows(small_clinic) -> None:
    client = client_of(small_clinic, Role.PRESCRIBER)
    where = reverse("coverage", args=[small_clinic.patient.id])
    before = client.get(where).content.decode().count("I attest: yes")
    form = {"criterion": "pdmp", "holds": "yes", "back": "coverage"}
    answer = client.post(reverse("record-fact", args=[small_clinic.patient.id, "attestation"]), form)

    assert answer.url == where
    assert client.get(where).content.decode().count("I attest: yes") == before - 1
    assert "I attest: yes" not in client_of(small_clinic, Role.COORDINATOR).get(where).content.decode()


def test_a_fact_struck_out_decides_nothing_and_stays_on_record(small_clinic) -> None:
    from regrow.web.patients.services import chart_of, current_facts, record

    fact = record(small_clinic.patient, "condition", {"text": "Cerebral aneurysm"}, author="prescriber")
    where = reverse("mark-in-error", args=[small_clinic.patient.id, fact.id])
    client = client_of(small_clinic, Role.PRESCRIBER)
    client.post(where)
    client.post(where)

    assert list(chart_of(small_clinic.patient).conditions) == []
    assert not current_facts(small_clinic.patient).filter(id=fact.id).exists()
    assert sorted(f.kind for f in ClinicalFact.objects.exclude(kind="measurement")) == ["condition", "struck"]


@pytest.mark.database
def test_a_session_that_runs_past_midnight_stays_on_the_board_until_it_is_closed(
    small_clinic, session, clock
) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.NURSE])
    board = {"headers": {"Accept": "application/json"}}
    clock.at += timedelta(days=1)
    (tile,) = client.get("/sessions/log/", **board).json()["tiles"]
    assert tile["session"] == str(session.id)

    session.closed_at = clock.at
    session.save()
    assert client.get("/sessions/log/", **board).json()["tiles"] == []
