"""Intake form and consent: answers decide nothing, crisis phrases raise alerts, a consent is signed once."""

import re
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.alerts.models import SafetyAlert
from regrow.web.assessments.links import make_link, send_intake_form
from regrow.web.assessments.models import IntakeQuestionnaire, QuestionnaireResponse
from regrow.web.conversations.models import Message
from regrow.web.patients.consents import consent_in_force
from regrow.web.patients.models import ClinicalFact, SignedConsent
from regrow.web.patients.services import chart_of, new_patient
from regrow.web.platform.content import knowledge
from regrow.web.platform.formats import long_day
from regrow.web.staff.pipeline import rows
from tests.readability import ease_in_spanish, school_years

pytestmark = pytest.mark.django_db
ABOUT = {
    "name": "Amara Diallo",
    "month": "2",
    "day": "3",
    "year": "1990",
    "emergency_name": "Ana",
    "emergency_phone": "917-555-0177",
}


@pytest.fixture
def newcomer(small_clinic, clock):
    patient = new_patient(
        name="+13475550199", owner=small_clinic.staff[Role.COORDINATOR], phone="+13475550199", language="es"
    )
    send_intake_form(patient, clock.at, key="x")
    return patient


def begun(newcomer) -> tuple[Client, str]:
    return Client(), Message.objects.get(patient=newcomer).link


def walk(client: Client, where: str, *, health: str = "no", drugs=("sertraline",), words: str = "") -> str:
    page = client.get(where, follow=True)
    for _ in range(60):
        here = page.redirect_chain[-1][0] if page.redirect_chain else ""
        place = here.rstrip("/").rsplit("/", 1)[-1]
        if "Cuestionario inicial terminado" in page.content.decode():
            return "done"
        given = {
            "about": ABOUT,
            "medicines": {"drug": list(drugs)},
            "helped": {f"{d}-outcome": "no_response" for d in drugs} | {f"{d}-weeks": "8" for d in drugs},
            "else": {"words": words},
        }.get(place, {"answer": health})
        page = client.post(here, given, follow=True)
        assert page.status_code == 200, page.content.decode()
    raise AssertionError("the walk does not end")


def test_the_intake_form_is_completed_and_a_check_in_follows(newcomer, clock) -> None:
    client, where = begun(newcomer)
    first = client.get(where, follow=True).content.decode()
    assert "Sobre usted" in first and '<html lang="es"' in first
    assert walk(client, where) == "done"
    newcomer.refresh_from_db()
    assert (newcomer.name, newcomer.birth_date, newcomer.emergency_name) == (
        "Amara Diallo",
        date(1990, 2, 3),
        "Ana",
    )
    intake = IntakeQuestionnaire.objects.get()
    assert intake.completed_at and intake.data["drugs"] == {
        "sertraline": {"outcome": "no_response", "weeks": "8"}
    }
    assert set(intake.data["health"].values()) == {"no"}
    assert {s.instrument for s in QuestionnaireResponse.objects.filter(patient=newcomer)} == {
        "phq-9",
        "gad-7",
    }
    assert next(r for r in rows(clock.at) if r.id == str(newcomer.id)).standing.missing == [
        "a consultation time"
    ]


def test_what_they_say_decides_nothing(newcomer) -> None:
    client, where = begun(newcomer)
    walk(client, where, health="yes")
    chart = chart_of(newcomer)
    assert not chart.attestations and not chart.trials


def test_the_intake_form_resumes_at_the_first_open_screen(newcomer) -> None:
    client, where = begun(newcomer)
    page = client.get(where, follow=True)
    client.post(page.redirect_chain[-1][0], ABOUT)
    later = Client()
    assert "fecha de nacimiento" in later.get(where).content.decode()  # another device proves whose it is
    later.post(where, {"month": "2", "day": "3", "year": "1990"})
    assert "/q-" in later.get(where, follow=True).redirect_chain[-1][0]


def stored_about(newcomer) -> tuple:
    """Everything the first page of the intake form can change."""
    patient = type(newcomer).objects.filter(id=newcomer.id).values().get()
    intake = IntakeQuestionnaire.objects.filter(patient=newcomer).values().get()
    return patient, intake, ClinicalFact.objects.count(), SafetyAlert.objects.count()


@pytest.mark.parametrize("wrong", [{"name": ""}, {"month": "13"}, {"year": "2030"}, {"day": ""}])
def test_a_missing_answer_is_named_and_the_input_stays(newcomer, wrong) -> None:
    client, where = begun(newcomer)
    here = client.get(where, follow=True).redirect_chain[-1][0]
    before = stored_about(newcomer)
    answer = client.post(here, {**ABOUT, **wrong})
    page = answer.content.decode()
    assert answer.status_code == 400 and 'role="alert"' in page
    assert stored_about(newcomer) == before
    for name, typed in {**ABOUT, **wrong}.items():
        (field,) = re.findall(rf'<(?:input|select)[^>]*name="{name}"[^>]*>', page)
        assert typed == "" or f'value="{typed}"' in field, name


def test_a_crisis_phrase_in_the_intake_form_raises_an_alert(newcomer) -> None:
    client, where = begun(newcomer)
    walk(client, where, words="ya no quiero vivir")
    (alert,) = SafetyAlert.objects.filter(patient=newcomer)
    assert alert.is_crisis


@pytest.mark.database
def test_a_finished_one_cannot_be_changed(newcomer) -> None:
    client, where = begun(newcomer)
    walk(client, where)
    before = IntakeQuestionnaire.objects.get().data
    client.post(f"{where}q-seizures/", {"answer": "yes"})
    assert IntakeQuestionnaire.objects.get().data == before


# The consent


@pytest.fixture
def page(small_clinic) -> str:
    return f"/p/{make_link(small_clinic.patient, 'page')[1]}/consent/"


SIGNED = {"agree": "yes", "name": " maya  ORTIZ "}


@pytest.mark.database
def test_a_consent_is_signed_by_ones_own_name_and_once(small_clinic, client, page) -> None:
    for wrong, says in (
        ({"agree": "yes", "name": "X"}, "full legal name"),
        ({"name": "Maya Ortiz"}, "Check the box"),
    ):
        answer = client.post(page, wrong)
        assert answer.status_code == 400 and says in answer.content.decode()
    for _ in range(2):
        client.post(page, SIGNED)
    (signed,) = SignedConsent.objects.all()
    assert (signed.version, signed.language, len(signed.text_hash)) == (1, "en", 64)
    assert "Signed by" in client.get(page).content.decode()
    assert consent_in_force(small_clinic.patient) == signed


def test_nothing_is_signed_while_a_session_is_open(small_clinic, session, client, page) -> None:
    answer = client.post(page, SIGNED)
    assert answer.status_code == 409 and "sign on the day of a session" in answer.content.decode()
    assert not SignedConsent.objects.exists()


@pytest.mark.database
def test_a_signed_consent_is_shown_as_signed(small_clinic, client, page) -> None:
    client.post(page, SIGNED)
    for statement in ("UPDATE patients_signedconsent SET version = 9", "DELETE FROM patients_signedconsent"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as c,
        ):
            c.execute(statement)


def test_the_reading_level_shown_is_that_of_the_text() -> None:
    from regrow.web.platform.evidence_figures import plain_figures

    consent = knowledge.consent()
    assert consent.texts
    for language, text in consent.texts.items():
        whole = " ".join(f"{title}. {plain_figures(body)}" for title, body in text.sections) + text.agree
        if language == "en":
            assert school_years(whole) <= consent.reads["en"] <= 8
        else:
            assert ease_in_spanish(whole) >= consent.reads["es"] >= 60


def test_every_intake_question_exists_in_spanish() -> None:
    assert knowledge.candidacy_rules().criteria
    for criterion in knowledge.candidacy_rules().criteria:
        assert criterion.ask_es != criterion.ask, criterion.id


def test_a_day_is_named_in_the_persons_language(clock) -> None:
    assert long_day(clock.at, "en") == "Monday, October 26"
    assert long_day(clock.at, "es") == "lunes 26 de octubre"
