"""Candidacy, ratings and the library on screen: what is saved, what is refused, and what is never lost."""

import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from regrow.knowledge.kinds import KINDS
from regrow.knowledge.repository import DATA
from regrow.web.accounts.roles import Role
from regrow.web.alerts.models import SafetyAlert
from regrow.web.assessments.models import QuestionnaireResponse
from regrow.web.audit.models import AuditRow
from regrow.web.patients.services import chart_of, record
from regrow.web.platform import clock as site_clock
from regrow.web.platform.content import knowledge, refresh
from regrow.web.signing.models import FileSignature

pytestmark = pytest.mark.django_db


def client_of(small_clinic, role: Role) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[role])
    return client


def rate(small_clinic, instrument: str, answers: list, **more):
    scale = knowledge.scale(instrument)
    form = {f"item-{i.number}": a for i, a in zip(scale.items, answers, strict=True) if a is not None}
    where = reverse("rate", args=[small_clinic.patient.id, instrument])
    return client_of(small_clinic, Role.NURSE).post(where, {**form, **more})


# Ratings ---------------------------------------------------------------------------------------------------------


def test_a_clinicians_rating_is_scored_and_shown(small_clinic) -> None:
    assert rate(small_clinic, "madrs", [4, 4, 4, 4, 4, 4, 4, 4, 4, 0]).status_code == 302
    page = client_of(small_clinic, Role.NURSE).get(reverse("scales", args=[small_clinic.patient.id]))

    assert ">36</b>" in re.sub(r"\s*\n\s*", "", page.content.decode())
    assert "severe" in page.content.decode()


def test_a_licensed_instrument_names_the_source_of_its_form(small_clinic) -> None:
    where = reverse("rate", args=[small_clinic.patient.id, "madrs"])
    page = client_of(small_clinic, Role.NURSE).get(where).content.decode()

    assert "Item wording is copyrighted" in page
    assert knowledge.scale("madrs").obtain in page


@pytest.mark.database
def test_a_double_click_saves_one_rating(small_clinic) -> None:
    once = str(uuid.uuid4())
    for _ in range(2):
        rate(small_clinic, "gad-7", [1] * 7, once=once)

    assert QuestionnaireResponse.objects.filter(instrument="gad-7").count() == 1


def test_a_positive_screener_alerts_a_named_clinician_with_its_level(small_clinic) -> None:
    rate(small_clinic, "c-ssrs-screener", [1, 1, 0, 1, 0, 0], once=str(uuid.uuid4()))
    alert = SafetyAlert.objects.get()

    assert "C-SSRS screener: item 1, 2, 4 about suicide is above 0, high" in alert.text
    assert alert.assigned_to.role == Role.PRESCRIBER


def test_a_response_with_blanks_is_stored_with_the_reason_it_has_no_score(small_clinic) -> None:
    rate(small_clinic, "gad-7", [1, None, 1, 1, None, 1, 1])
    page = client_of(small_clinic, Role.NURSE).get(reverse("scales", args=[small_clinic.patient.id]))

    assert "not scorable: 2 of 7 answers missing (answers 2, 5)" in page.content.decode()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([9] + [1] * 6, "Choose one of the scores of this item."),
        ([None] * 7, "Choose at least one answer."),
    ],
)
def test_an_invalid_rating_is_refused_and_keeps_the_input(small_clinic, answers, words) -> None:
    answer = rate(small_clinic, "gad-7", answers)

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert QuestionnaireResponse.objects.count() == 0
    if answers[1] is not None:
        assert answer.content.decode().count("checked") == 6


def test_a_check_in_opened_under_an_older_version_is_answered_and_scored_by_it(small_clinic) -> None:
    """The link was sent before a new version came into force."""
    from regrow.web.assessments.links import make_link
    from regrow.web.assessments.responses import score_response

    link, token = make_link(small_clinic.patient, "checkin")
    sheet = QuestionnaireResponse.objects.create(
        patient=small_clinic.patient,
        link=link,
        instrument="phq-9",
        version=1,
        answers=[None] * 9,
        sent_at=site_clock.now(),
    )
    for number in range(1, 10):
        assert (
            Client().post(reverse("checkin-item", args=[token, number]), {"answer": "2"}).status_code == 302
        )
    sheet.refresh_from_db()

    assert (score_response(sheet).version, score_response(sheet).total) == (1, 18)


# Candidacy -------------------------------------------------------------------------------------------------------


def test_the_safety_questions_are_answered_in_one_go_and_only_those_given_count(small_clinic) -> None:
    where = reverse("record-screening", args=[small_clinic.patient.id])
    form = {"no-aneurysm": "no", "no-psychosis": "yes", "no-mania": "", "once": str(uuid.uuid4())}
    for _ in range(2):
        client_of(small_clinic, Role.PRESCRIBER).post(where, form)
    chart = chart_of(small_clinic.patient)

    assert {(a.criterion, a.holds) for a in chart.attestations} == {
        ("no-aneurysm", True),
        ("no-psychosis", False),
    }
    assert len(chart.attestations) == 2


def test_a_gate_is_passed_only_with_a_reason(small_clinic) -> None:
    client = client_of(small_clinic, Role.PRESCRIBER)
    record(small_clinic.patient, "condition", {"text": "Brief psychosis in 2009"}, author="lin")
    page = reverse("eligibility", args=[small_clinic.patient.id])
    assert "Decision and reason" in client.get(page).content.decode()
    where = reverse("record-fact", args=[small_clinic.patient.id, "attestation"])
    form = {"criterion": "accepts-psychosis", "holds": "yes", "back": "eligibility"}

    refused = client.post(where, {**form, "text": "ok"})
    assert refused.status_code == 400
    assert chart_of(small_clinic.patient).attested("accepts-psychosis") is None
    assert client.post(where, {**form, "text": "Remitted since 2010, psychiatrist agrees"}).url == page
    assert "Decision and reason" not in client.get(page).content.decode()


def test_active_suicidal_thoughts_are_a_crisis_path_on_screen_and_close_nothing(small_clinic) -> None:
    rate(small_clinic, "c-ssrs-screener", [1, 1, 1, 0, 0, 0], once=str(uuid.uuid4()))
    page = client_of(small_clinic, Role.PRESCRIBER).get(
        reverse("eligibility", args=[small_clinic.patient.id])
    )

    text = page.content.decode()
    assert 'role="alert"' in text
    assert "A clinician evaluates the same day" in text
    assert ">closed<" not in text


def test_a_misspelled_drug_gets_a_suggestion_and_is_not_assumed(small_clinic) -> None:
    client = client_of(small_clinic, Role.PRESCRIBER)
    where = reverse("record-fact", args=[small_clinic.patient.id, "medicine"])
    client.post(where, {"text": "lorazepan", "dose_mg_per_day": "1"})
    text = client.get(reverse("intake-visit", args=[small_clinic.patient.id])).content.decode()

    assert "lorazepan: did you mean lorazepam" in text


# The library -----------------------------------------------------------------------------------------------------


@pytest.mark.no_cover
def test_every_file_can_be_read_with_its_history(small_clinic) -> None:
    client = client_of(small_clinic, Role.NURSE)
    for kind in knowledge.kinds():
        for id in knowledge.ids(kind):
            answer = client.get(reverse("rule", args=[kind, id]))
            assert answer.status_code == 200, (kind, id)
    old = client.get(reverse("rule", args=["scale", "phq-9"]), {"version": "1"}).content.decode()
    assert "superseded version" in old
    assert client.get(reverse("rule", args=["scale", "phq-9"]), {"version": "x"}).status_code == 404
    assert client.get(reverse("rule", args=["scale", "nothing"])).status_code == 404


def test_a_file_shows_how_many_records_use_it(small_clinic) -> None:
    rate(small_clinic, "gad-7", [1] * 7)
    client = client_of(small_clinic, Role.NURSE)

    assert ">1</b> answer sheets recorded" in client.get("/rules/scale/gad-7/").content.decode()
    assert ">1</b> courses recorded" in client.get("/rules/protocol/iv-weekly-6/").content.decode()


def test_clinical_rules_are_searched_by_words(small_clinic) -> None:
    text = client_of(small_clinic, Role.NURSE).get(reverse("rules"), {"q": "Lamictal"}).content.decode()

    assert "1 file matches" in text
    assert "Other interacting medications" in text


@pytest.mark.database
def test_the_director_signs_a_version_once_and_a_change_of_the_file_unsigns_it(
    small_clinic, tmp_path: Path, monkeypatch, clock
) -> None:
    folder = tmp_path / KINDS["criterion"].folder
    folder.mkdir(parents=True)
    text = (DATA / KINDS["criterion"].folder / "seizures.yaml").read_text(encoding="utf-8")
    text = text.replace("version: 1", "version: 2").replace(
        "2026-11-24", f"{clock.at.date() - timedelta(days=1)}"
    )
    text = text.replace("text: ", "change: Ours.\ntext: ", 1)
    (folder / "seizures.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("django.conf.settings.KNOWLEDGE_FOLDER", tmp_path)
    page, sign = (
        reverse("rule", args=["criterion", "seizures"]),
        reverse("sign-rule", args=["criterion", "seizures"]),
    )
    client = client_of(small_clinic, Role.DIRECTOR)
    try:
        for _ in range(2):
            client.post(sign)
        assert FileSignature.objects.count() == 1
        assert "Not signed yet" not in client.get(page).content.decode()
        (folder / "seizures.yaml").write_text(
            text.replace("Seizure disorder", "Seizures, all kinds"), encoding="utf-8"
        )
        assert "Not signed yet" in client.get(page).content.decode()
        (folder / "seizures.yaml").write_text(text + "colour: red\n", encoding="utf-8")
        problems = " ".join(client.get(reverse("rules")).content.decode().split())
        assert "1 clinic file can't be used" in problems
        assert "its last valid copy is used" in problems
    finally:
        monkeypatch.undo()
        refresh(None, today=lambda: clock.at.date())


@pytest.mark.database
def test_a_signature_cannot_be_changed_or_deleted(small_clinic) -> None:
    client_of(small_clinic, Role.DIRECTOR).post(reverse("sign-rule", args=["scale", "phq-9"]))
    for statement in ("UPDATE signing_filesignature SET version = 9", "DELETE FROM signing_filesignature"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert AuditRow.objects.filter(what="staff: sign rule").count() == 1


# The evidence ----------------------------------------------------------------------------------------------------


def test_the_evidence_lists_every_figure_and_each_can_be_linked_to(client) -> None:
    text = client.get(reverse("evidence")).content.decode()

    assert knowledge.figures()
    for key in knowledge.figures():
        assert f'id="{key}"' in text


def test_the_evidence_is_searched_by_words(client) -> None:
    text = client.get(reverse("evidence"), {"q": "bladder survey"}).content.decode()

    assert "1 result." in text
    assert 'id="bladder-survey"' in text
    assert 'id="bladder-case"' not in text


@pytest.mark.parametrize(
    "address",
    ["/evidence/star-d/", "/learn/compare/", *(f"/learn/{p.subject}/" for p in knowledge.learn_pages())],
)
def test_each_figure_shown_leads_to_its_entry(client, address: str) -> None:
    text = client.get(address).content.decode()
    keys = re.findall(r'class="figure" href="/evidence/#([\w-]+)"', text)

    assert set(keys) <= set(knowledge.figures())
    assert "{" not in re.sub(r"<style.*?</style>", "", text, flags=re.S)
    assert keys or address == "/learn/costs/"


NUMBER = re.compile(
    r"\d|%|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|half|third|quarter|double|twice|"
    r"hundred|thousand|dozen|percent|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|mitad|tercio|doble|mil|cien)\b",
    re.IGNORECASE,
)
# Names and telephone numbers are no figures.
NO_FIGURE = re.compile(
    r"\b(988|911|PHQ-9|GLP-1|24/7|press 2|oprima 2|4-digit|about \d minutes?|two (?:antidepressants|analyses)"
    r"|[Tt]wo forms of the same|[Dd]os formas del mismo medicamento; las dos)\b"
)


def figures_without_a_key(text: str) -> list[str]:
    bare = NO_FIGURE.sub("", re.sub(r"\{[a-z0-9.-]+\}", "", text))
    return [match[0] for match in NUMBER.finditer(bare)]


def test_a_number_in_a_patient_text_comes_from_the_evidence_by_its_key() -> None:
    found = {}
    for id in knowledge.ids("learn"):
        page = knowledge.learn_page(id)
        for text in (page.title, page.lead, *(t for s in page.sections for t in (s.title, s.text))):
            found[text] = figures_without_a_key(text)
    plan = knowledge.aftercare()
    for text in (
        plan.title,
        plan.note,
        plan.driving,
        *plan.avoid,
        *(t for s in plan.steps for t in (s.title, *s.choices)),
    ):
        found[text] = figures_without_a_key(text)
    for route in knowledge.routes():
        found[route.for_plain] = figures_without_a_key(route.for_plain)
    for template in (Path(__file__).parents[2] / "src/regrow/web").rglob("templates/**/*.html"):
        if "portal" in template.parts:
            for text in re.findall(
                r'{% (?:blocktranslate[^%]*%}(.*?){% endblock|translate "([^"]+)")',
                template.read_text(encoding="utf-8"),
                re.S,
            ):
                plain = re.sub(r"<[^>]+>|{[{%].*?[%}]}", " ", "".join(text))
                found[plain] = figures_without_a_key(plain)

    assert len(found) > 100
    assert {text: numbers for text, numbers in found.items() if numbers} == {}


def test_that_test_finds_a_number_without_a_key() -> None:
    assert figures_without_a_key("Half of the people, or 50 %, in two weeks") == [
        "Half",
        "5",
        "0",
        "%",
        "two",
    ]
    assert figures_without_a_key("{response-va.value} answered the PHQ-9; call 988") == []
