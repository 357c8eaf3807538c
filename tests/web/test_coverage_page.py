"""The coverage page reads every payer file, and estimates the protocol of the patient's own course."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from django.test import Client

from regrow.web.accounts.models import Role
from regrow.web.patients.services import new_patient
from regrow.web.platform.content import knowledge, refresh
from regrow.web.platform.database import writing

pytestmark = pytest.mark.django_db
CIGNA = files("regrow.knowledge").joinpath("data/payers/cigna.yaml")


@pytest.fixture
def coordinator(small_clinic) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[Role.COORDINATOR])
    return client


@pytest.fixture
def second_payer(tmp_path: Path, settings, clock):
    """A clinic's folder with one payer file more."""
    text = CIGNA.read_text(encoding="utf-8")
    for old, new in (
        ("id: cigna", "id: aetna"),
        ("title: Cigna", "title: Aetna"),
        ("at_least: 2, weeks_at_least: 6", "at_least: 3, weeks_at_least: 8"),
        ("Two antidepressants of different classes", "Three antidepressants of different classes"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "payers").mkdir()
    (tmp_path / "payers/aetna.yaml").write_text(text, encoding="utf-8")
    settings.KNOWLEDGE_FOLDER = tmp_path
    yield
    settings.KNOWLEDGE_FOLDER = None
    refresh(None, today=lambda: clock.at.date())


def test_one_file_adds_a_payer_to_the_page_and_to_the_letter(coordinator, second_payer, small_clinic) -> None:
    place = f"/patients/{small_clinic.course.patient_id}/coverage/"
    first = coordinator.get(place).content.decode()
    assert "Three antidepressants" in first and 'href="?payer=cigna"' in first
    cigna = coordinator.get(f"{place}?payer=cigna").content.decode()
    assert "Two antidepressants" in cigna and "Three antidepressants" not in cigna
    assert 'letter.pdf?payer=cigna"' in cigna
    assert coordinator.get(f"{place}letter.pdf?payer=aetna").content[:5] == b"%PDF-"
    assert coordinator.get(f"{place}?payer=other").status_code == 404


@pytest.fixture
def letter_facts(monkeypatch) -> list[dict]:
    """What the letters are made from."""
    import typst

    compiled, facts = typst.compile, []

    def compile(template, *, sys_inputs, **more):
        facts.append(json.loads(sys_inputs["facts"]))
        return compiled(template, sys_inputs=sys_inputs, **more)

    monkeypatch.setattr(typst, "compile", compile)
    return facts


def test_the_page_and_the_letter_give_the_totals_of_scores(
    coordinator, answered, small_clinic, letter_facts
) -> None:
    place = f"/patients/{small_clinic.patient.id}/coverage/"
    assert "PHQ-9 21" in coordinator.get(place).content.decode()
    assert coordinator.get(f"{place}letter.pdf").status_code == 200
    (facts,) = letter_facts
    assert [(s["what"], s["total"]) for s in facts["scores"]] == [("PHQ-9", "21")]


def test_a_questionnaire_that_cannot_be_scored_documents_nothing(
    coordinator, answered, small_clinic, letter_facts
) -> None:
    answered.answers = [3, None, None, None, None, None, 2, 2, 0]
    answered.save()
    place = f"/patients/{small_clinic.patient.id}/coverage/"
    assert "a complete PHQ-9 on file" in coordinator.get(place).content.decode()
    coordinator.get(f"{place}letter.pdf")
    (facts,) = letter_facts
    assert facts["scores"] == []


def test_an_attestation_returns_to_the_payer_it_was_given_for(second_payer, small_clinic) -> None:
    prescriber = Client()
    prescriber.force_login(small_clinic.staff[Role.PRESCRIBER])
    place = f"/patients/{small_clinic.course.patient_id}/coverage/?payer=cigna"
    form = prescriber.get(place).content.decode().split('value="pdmp"')[0]
    once = re.findall(r'name="once" value="([^"]+)"', form)[-1]
    answer = prescriber.post(
        f"/patients/{small_clinic.course.patient_id}/record/attestation/",
        {"once": once, "criterion": "pdmp", "holds": "yes", "back": "coverage", "payer": "cigna"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, place)
    assert 'value="pdmp"' not in prescriber.get(place).content.decode()


def test_the_estimate_is_of_the_patients_own_protocol(coordinator, small_clinic) -> None:
    course = small_clinic.course
    title = knowledge.protocol(course.signature.file_id).title
    page = coordinator.get(f"/patients/{course.patient_id}/coverage/").content.decode()
    assert re.findall(r"<h2>Self-pay: (.*)</h2>", page) == [title]


def test_without_a_course_each_signed_infusion_protocol_is_estimated(coordinator, small_clinic) -> None:
    with writing():
        patient = new_patient(name="Amara Diallo", owner=small_clinic.staff[Role.COORDINATOR])
    page = coordinator.get(f"/patients/{patient.id}/coverage/").content.decode()
    titles = re.findall(r"<h2>Self-pay: (.*)</h2>", page)
    assert knowledge.protocol(small_clinic.course.signature.file_id).title in titles
