"""Intake visits: narratives are never overwritten, ending needs the guide's items, the note is immutable."""

import uuid

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from regrow.web.accounts.roles import Role
from regrow.web.assessments.responses import record_clinician_rating
from regrow.web.audit.models import AuditRow
from regrow.web.interview.models import IntakeVisit, VisitNarrative, VisitNote
from regrow.web.patients.models import Milestone
from regrow.web.patients.services import new_patient, record
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing
from regrow.web.staff.pipeline import rows

pytestmark = pytest.mark.django_db
ARRIVED = {
    "place": "12 Elm Street, Queens",
    "identity": "photo-id",
    "emergency_name": "Lucía, sister",
    "emergency_phone": "917-555-0177",
    "callback": "917-555-0100",
}
WHY = "Two trials without response; she prefers the drip."


@pytest.fixture
def newcomer(small_clinic):
    return new_patient(name="Amara Diallo", owner=small_clinic.staff[Role.COORDINATOR], phone="+13475550199")


@pytest.fixture
def lin(small_clinic) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    return client


def at(name: str, patient, *more: object) -> str:
    return reverse(name, args=[patient.id, *more])


def say(client: Client, talk: IntakeVisit, section: str, text: str, base: int = 0, **more: object):
    given = {"talk": talk.id, "section": section, "text": text, "base": base} | more
    return client.post(at("save-narrative", talk.patient), given, headers={"accept": "application/json"})


def everything(patient) -> None:
    """What the guide wants on record besides the arrival and the words."""
    record(patient, "diagnosis", {"icd10": "F33.2"}, author="lin")
    record(patient, "trial", {"drug": "sertraline", "outcome": "no_response"}, author="lin")
    for c in knowledge.candidacy_rules().criteria:
        data = {"criterion": c.determination, "holds": True, "text": c.ask}
        record(patient, "attestation", data, author="lin")
    with writing():
        record_clinician_rating(patient, knowledge.scale("phq-9"), [2] * 8 + [0], once=str(uuid.uuid4()))
        record_clinician_rating(
            patient, knowledge.scale("c-ssrs-screener"), [0, 0, None, None, None, 0], once=str(uuid.uuid4())
        )


def begun(client: Client, patient) -> IntakeVisit:
    client.post(at("start-visit", patient))
    return IntakeVisit.objects.get(patient=patient, ended_at=None)


def test_name_birth_date_and_sex_are_saved_in_the_chart(lin, newcomer) -> None:
    lin.post(
        at("record-fact", newcomer, "person"),
        {"name": "Ada King", "birth_date": "1985-03-14", "sex": "female"},
    )

    newcomer.refresh_from_db()
    assert (newcomer.name, f"{newcomer.birth_date}", newcomer.sex) == ("Ada King", "1985-03-14", "female")


@pytest.mark.database
def test_a_double_tap_starts_one_visit(lin, newcomer) -> None:
    begun(lin, newcomer)
    begun(lin, newcomer)
    assert IntakeVisit.objects.count() == 1


@pytest.mark.database
def test_a_narrative_is_saved_and_equal_text_is_no_change(lin, newcomer) -> None:
    talk = begun(lin, newcomer)
    assert say(lin, talk, "now", "She cannot sleep").json()["saved"] == 1
    assert say(lin, talk, "now", "She cannot sleep", 0).json()["saved"] == 1
    assert say(lin, talk, "now", "She cannot sleep at all", 1).json()["saved"] == 2
    assert "She cannot sleep at all" in lin.get(at("intake-visit", newcomer)).content.decode()


@pytest.mark.database
def test_a_second_window_gets_a_conflict_and_the_first_text_stays(lin, newcomer) -> None:
    talk = begun(lin, newcomer)
    say(lin, talk, "now", "from the first window")
    answer = say(lin, talk, "now", "from the second window", 0)
    assert answer.status_code == 409
    assert answer.json() == {"saved": 1, "text": "from the first window"}
    assert VisitNarrative.objects.get().text == "from the first window"


@pytest.mark.database
def test_a_minute_of_typing_is_one_row_in_the_audit(lin, newcomer, clock) -> None:
    from datetime import timedelta

    talk = begun(lin, newcomer)
    before = AuditRow.objects.count()
    for n in range(60):
        say(lin, talk, "now", "word " * (n + 1), n)
        clock.at += timedelta(seconds=1)
    assert AuditRow.objects.count() == before + 1
    clock.at += timedelta(minutes=6)
    say(lin, talk, "now", "and later", 60)
    assert AuditRow.objects.count() == before + 2


@pytest.mark.parametrize(
    ("section", "text", "base"), [("nowhere", "x", 0), ("now", "x" * 20001, 0), ("now", "x", "not a number")]
)
def test_an_invalid_narrative_is_refused_with_the_reason(lin, newcomer, section, text, base) -> None:
    talk = begun(lin, newcomer)
    answer = say(lin, talk, section, text, base)
    assert answer.status_code == 409 and len(answer.json()["problem"]) > 20
    assert not VisitNarrative.objects.exclude(text="").exists()


def test_a_determination_needs_what_the_guide_names(lin, newcomer) -> None:
    talk = begun(lin, newcomer)
    answer = lin.post(at("sign-visit", newcomer), {"outcome": "iv-racemic", "reason": WHY})
    text = answer.content.decode()
    assert answer.status_code == 409
    for words in ("s location", "emergency contact with", "diagnosis", "C-SSRS screener"):
        assert words in text
    talk.refresh_from_db()
    assert talk.ended_at is None and not Milestone.objects.filter(kind="determined").exists()


def test_an_interrupted_visit_ends_without_a_determination(lin, newcomer, clock) -> None:
    begun(lin, newcomer)
    lin.post(at("sign-visit", newcomer), {"outcome": "broken-off", "reason": "The line broke for good."})
    assert IntakeVisit.objects.get().notes.count() == 1
    row = next(r for r in rows(clock.at) if r.id == str(newcomer.id))
    assert row.standing.stage == "screen"
    begun(lin, newcomer)
    assert IntakeVisit.objects.count() == 2


@pytest.mark.database
def test_the_end_writes_the_note_the_determination_and_the_next_stage(lin, newcomer, clock) -> None:
    talk = begun(lin, newcomer)
    lin.post(at("record-arrival", newcomer), ARRIVED)
    everything(newcomer)
    say(lin, talk, "hopes", "To walk the dog again.")
    answer = lin.post(at("sign-visit", newcomer), {"outcome": "iv-racemic", "reason": WHY}, follow=True)
    text = answer.content.decode()
    assert "Intake note" in text and "12 Elm Street, Queens" in text and WHY in text
    assert "To walk the dog again." in text and "Signed by Prescriber" in text
    lin.post(at("sign-visit", newcomer), {"outcome": "iv-racemic", "reason": WHY})  # a second tap
    assert VisitNote.objects.count() == 1
    assert Milestone.objects.get(kind="determined").text == "iv-racemic"
    assert next(r for r in rows(clock.at) if r.id == str(newcomer.id)).standing.stage == "estimate"
    newcomer.refresh_from_db()
    assert newcomer.emergency_name == "Lucía, sister"


@pytest.mark.parametrize(
    ("outcome", "stage"), [("either", "benefits"), ("spravato", "benefits"), ("neither", "eligibility")]
)
def test_each_determination_leads_to_its_stage(lin, newcomer, clock, outcome, stage) -> None:
    talk = begun(lin, newcomer)
    lin.post(at("record-arrival", newcomer), ARRIVED)
    everything(newcomer)
    say(lin, talk, "hopes", "Sleep.")
    lin.post(at("sign-visit", newcomer), {"outcome": outcome, "reason": WHY})
    assert next(r for r in rows(clock.at) if r.id == str(newcomer.id)).standing.stage == stage


@pytest.mark.database
def test_addenda_follow_the_signed_note_which_stays_unchanged(lin, newcomer) -> None:
    talk = begun(lin, newcomer)
    lin.post(at("sign-visit", newcomer), {"outcome": "open", "reason": "An ECG is wanted first."})
    assert say(lin, talk, "now", "late words").status_code == 409
    lin.post(at("add-addendum", newcomer, talk.id), {"text": "The ECG came: normal."})
    page = lin.get(at("visit-note", newcomer, talk.id)).content.decode()
    assert "The ECG came: normal." in page and page.count("Signed by") == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        VisitNote.objects.update(sections=[])


def test_a_nurse_can_read_a_note_but_not_add_to_it(small_clinic, lin, newcomer) -> None:
    talk = begun(lin, newcomer)
    nurse = Client()
    nurse.force_login(small_clinic.staff[Role.NURSE])
    assert nurse.get(at("visit-note", newcomer, talk.id)).status_code == 200
    before = VisitNote.objects.count()
    assert nurse.post(at("add-addendum", newcomer, talk.id), {"text": "x"}).status_code == 403
    assert VisitNote.objects.count() == before


def test_a_note_is_not_found_under_another_patients_url(small_clinic, lin, newcomer) -> None:
    talk = begun(lin, newcomer)
    answer = lin.get(at("visit-note", small_clinic.patient, talk.id))
    assert (answer.status_code, newcomer.name in answer.content.decode()) == (404, False)


def test_invalid_visit_setup_shows_the_error_and_keeps_the_input(lin, newcomer) -> None:
    begun(lin, newcomer)
    answer = lin.post(at("record-arrival", newcomer), ARRIVED | {"emergency_phone": "none"})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "Enter a 10-digit phone number." in text and "12 Elm Street, Queens" in text


def test_the_video_link_is_the_visits_own_or_the_clinics(lin, newcomer, settings, small_clinic) -> None:
    from regrow.web.conversations.models import Inquiry

    begun(lin, newcomer)
    assert settings.CLINIC.video_link in lin.get(at("intake-visit", newcomer)).content.decode()
    Inquiry.objects.create(
        name="A",
        contact="917-555-0100",
        received_at=newcomer.created_at,
        owner=small_clinic.staff[Role.COORDINATOR],
        patient=newcomer,
        video_link="https://meet.example.org/own",
    )
    assert "https://meet.example.org/own" in lin.get(at("intake-visit", newcomer)).content.decode()
