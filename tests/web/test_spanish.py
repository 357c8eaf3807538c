"""English and Spanish are complete: every string a page asks for, every text a patient reads, every figure in them."""

import re

import pytest
from django.test import Client

from regrow.web.assessments.links import make_link
from regrow.web.assessments.responses import send_questionnaire
from regrow.web.conversations.models import Message
from regrow.web.platform.content import knowledge
from tests.readability import ease_in_spanish, school_years

FIGURE = re.compile(r"\{([a-z0-9-]+)(?:\.\w+)?\}")


def test_no_string_of_any_page_is_missing_in_spanish() -> None:
    import polib

    from regrow.cli.translations import LOCALE, asked_for

    book = polib.pofile(str(LOCALE / "es" / "LC_MESSAGES" / "django.po"))
    known = {(e.msgctxt, e.msgid): e for e in book}
    missing = [key for key in asked_for() if key[:2] not in known or not known[key[:2]].translated()]
    assert missing == [], "run `regrow makemessages es` and translate them"
    assert not book.fuzzy_entries()


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    from regrow.cli.translations import LOCALE, compiled

    assert (LOCALE / "es" / "LC_MESSAGES" / "django.mo").read_bytes() == compiled("es")


def test_a_translation_fills_what_its_original_fills() -> None:
    import polib

    from regrow.cli.translations import LOCALE

    hole = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]+>")
    entries = polib.pofile(str(LOCALE / "es" / "LC_MESSAGES" / "django.po"))
    assert len(entries) > 300
    for entry in entries:
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                whole = entry.msgid_plural or entry.msgid
                assert sorted(hole.findall(text)) in (
                    sorted(hole.findall(whole)),
                    sorted(hole.findall(entry.msgid)),
                ), entry.msgid


@pytest.mark.parametrize("kind", ["learn", "aftercare", "explorable", "path", "picture"])
def test_every_text_for_patients_is_there_in_spanish(kind: str) -> None:
    ids = knowledge.ids(kind)
    assert {f"{id}-es" for id in ids if not id.endswith("-es")} <= set(ids)


def test_both_languages_of_a_page_say_the_same_and_show_the_same_figures() -> None:
    assert knowledge.learn_pages("en")
    for english in knowledge.learn_pages("en"):
        spanish = knowledge.learn_page(english.subject, "es")
        assert spanish.language == "es"
        for one, other in zip(english.sections, spanish.sections, strict=True):
            assert sorted(FIGURE.findall(one.text)) == sorted(FIGURE.findall(other.text)), one.title
            assert one.source == other.source, one.title


def test_every_figure_of_the_evidence_has_its_spanish_in_every_field() -> None:
    assert knowledge.figures()
    for key, figure in knowledge.figures().items():
        wanted = {"value", "statement", "n", "comparator"}
        wanted |= {name for name in ("population", "note") if getattr(figure, name)}
        assert set(figure.es) == wanted, key
    assert knowledge.documents("evidence")
    for document in knowledge.documents("evidence"):
        assert document.contents["title_es"]


def test_a_figure_has_the_same_numbers_in_both_languages() -> None:
    number = re.compile(r"\d[\d.,]*\d|\d")
    assert knowledge.figures()
    for key, figure in knowledge.figures().items():
        spanish = figure.in_language("es")
        assert number.findall(figure.value) == number.findall(spanish.value), key
        assert sorted(number.findall(figure.statement)) == sorted(number.findall(spanish.statement)), key


def test_every_cell_of_the_routes_has_its_spanish() -> None:
    assert knowledge.routes()
    for route in knowledge.routes():
        assert route.title_es and all(cell.es for cell in route.cells.values()), route.id


# Two minutes at the pace of reading aloud.
ALOUD_WORDS_A_MINUTE = 150


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_short_picture_and_the_way_are_read_in_two_minutes_each(language: str) -> None:
    words = knowledge.explorable("how-ketamine-works", language)
    told = " ".join([words.lead, *(f"{s.name} {s.sentence} {s.more}" for s in words.steps)])
    assert len(told.split()) <= 2 * ALOUD_WORDS_A_MINUTE
    way = knowledge.path(language=language)
    assert len(" ".join([way.lead, *(f"{s.question} {s.short}" for s in way.stations)]).split()) <= 300


def test_the_way_is_the_same_in_both_languages_and_leads_to_every_page() -> None:
    english, spanish = knowledge.path(), knowledge.path(language="es")
    assert [(s.id, s.page) for s in english.stations] == [(s.id, s.page) for s in spanish.stations]
    assert len(english.then) == len(spanish.then)
    for one, other in zip(english.stations, spanish.stations, strict=True):
        assert FIGURE.findall(one.short) == FIGURE.findall(other.short)
    assert {p.subject for p in knowledge.learn_pages("en")} == {s.page for s in english.stations}


def test_every_instrument_that_is_asked_by_link_is_there_in_spanish() -> None:
    asked = {"phq-9"}
    for id in knowledge.ids("cadence"):
        asked |= {a for o in knowledge.document("cadence", id).contents["occasions"] for a in o["asks"]}
    assert asked - {"course"}
    for id in asked - {"course"}:
        assert "es" in knowledge.scale(id).languages, id


@pytest.mark.parametrize("subject", [p.subject for p in knowledge.learn_pages("en")])
def test_public_pages_read_at_grade_8_or_lower(subject: str) -> None:
    """Flesch-Kincaid for English, Fernández Huerta (60 and more is plain) for Spanish, over the whole page."""

    def words(language: str) -> str:
        page = knowledge.learn_page(subject, language)
        figures = {k: f.in_language(language) for k, f in knowledge.figures().items()}
        parts = [page.lead, *(part for s in page.sections for part in (s.title.rstrip("?.") + ".", s.text))]
        filled = [
            FIGURE.sub(
                lambda m: f"{figures[m[1]].value} {'' if '.value' in m[0] else figures[m[1]].statement}", p
            )
            for p in parts
        ]
        return " ".join(filled)

    assert school_years(words("en")) <= 8
    assert ease_in_spanish(words("es")) >= 60


@pytest.mark.django_db
def test_a_spanish_speaking_patient_gets_spanish_pages_and_messages(small_clinic, session) -> None:
    patient = small_clinic.patient
    patient.language = "es"
    patient.save()
    (sheet,) = send_questionnaire(patient, ["phq-9"])
    message = Message.objects.exclude(link="").get()
    assert "ALTO para no recibir avisos" in message.text
    phone = Client()
    page = phone.get(message.link, follow=True).content.decode()
    assert '<html lang="es"' in page and "Poco interés o placer en hacer cosas" in page
    assert "Ningún día" in page and "Atrás" not in page
    assert sheet.language == "es"
    _, token = make_link(patient, "page")
    assert "Mi página" in phone.get(f"/p/{token}/").content.decode()


@pytest.mark.django_db
def test_the_public_pages_change_their_language_and_keep_it() -> None:
    phone = Client()
    answer = phone.get("/language/es/?back=/learn/faq/", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/learn/faq/" and "¿Es segura la ketamina?" in page
    assert "How many treatments" not in page
    assert "Escríbanos" in phone.get("/").content.decode()
    assert phone.get("/language/es/?back=https://elsewhere.example/").url == "/"
    assert phone.get("/language/xx/?back=/").status_code == 302


@pytest.mark.django_db
def test_scores_in_two_languages_are_not_held_against_each_other(small_clinic) -> None:
    from regrow.web.assessments.models import QuestionnaireResponse
    from regrow.web.assessments.responses import course_scores

    for language in ("en", "es"):
        QuestionnaireResponse.objects.create(
            patient=small_clinic.patient,
            instrument="phq-9",
            version=2,
            language=language,
            answers=[1] * 9,
            sent_at=small_clinic.course.planned_at,
            completed_at=small_clinic.course.planned_at,
        )
    assert sorted(s.language for s in course_scores(small_clinic.patient)) == ["en", "es"]
