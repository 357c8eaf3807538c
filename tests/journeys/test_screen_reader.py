"""Screen-reader output of patient pages, and a check-in answered by keyboard alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from regrow.web.platform.database import writing

from .conftest import PHONE, World

pytestmark = pytest.mark.journey


@pytest.fixture
def patient(world: World) -> Any:
    from regrow.web.courses.models import Course

    course = Course.objects.filter(appointments__number=6, appointments__session__isnull=False).first()
    assert course is not None
    return course.patient


def accessible_text(page: Page) -> str:
    """The page as a screen reader has it: roles, names, states."""
    return page.locator("body").aria_snapshot()


def press(page: Page, name: str) -> None:
    """Tabs to a button of this name and presses it, as a screen-reader user does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name!r} is not reached by the tab key")


def asked(patient: Any, language: str) -> str:
    from regrow.web.assessments.models import QuestionnaireResponse
    from regrow.web.assessments.responses import ask_for_score
    from regrow.web.conversations.models import Message

    with writing():
        patient.language = language
        patient.save()
        QuestionnaireResponse.objects.filter(patient=patient, completed_at=None).delete()
        ask_for_score(patient, "phq-9")
    return str(Message.objects.filter(link__startswith="/c/", patient=patient).first().link)


@pytest.mark.parametrize(
    ("language", "never", "question", "thanks"),
    [
        ("en", "Not at all", "Question {n} of 9", "Check-in complete. Thank you."),
        ("es", "Ningún día", "Pregunta {n} de 9", "Cuestionario terminado. Gracias."),
    ],
)
def test_a_phone_check_in_is_answered_by_keys(
    world: World, patient: Any, language: str, never: str, question: str, thanks: str
) -> None:
    page = world.visitor(PHONE)
    world.patient(page, asked(patient, language), patient.birth_date)
    assert page.evaluate("() => document.documentElement.lang") == language
    for number in range(1, 10):
        # The title is the first thing that is said after each answer: it tells where one is.
        expect(page).to_have_title(re.compile(question.format(n=number)))
        said = accessible_text(page)
        assert f'img "{question.format(n=number)}"' in said
        asks = page.get_by_role("heading", level=1).inner_text()
        named = page.get_by_role("form", name=asks, exact=True)
        assert named.count() == 1, "the answers are named by their question"
        assert len(re.findall(r"^\s+- button ", said, re.M)) >= 4
        assert "main" in said and "988" in said
        press(page, never)
    expect(page.get_by_role("heading", name=thanks)).to_be_visible()
    page.context.close()


def test_a_chosen_answer_is_announced_as_selected(world: World, patient: Any) -> None:
    page = world.visitor(PHONE)
    link = asked(patient, "en")
    world.patient(page, link, patient.birth_date)
    press(page, "Several days")
    expect(page).to_have_title(re.compile("Question 2 of 9"))
    press(page, "Back")
    expect(page).to_have_title(re.compile("Question 1 of 9"))
    assert 'button "Several days" [pressed]' in accessible_text(page)
    page.context.close()


def test_an_error_is_announced_and_names_its_field(world: World, patient: Any) -> None:
    page = world.visitor(PHONE)
    page.goto(world.address + asked(patient, "en"))
    for name, value in (("month", "1"), ("day", "1"), ("year", "1901")):
        page.fill(f"input[name={name}]", value)
    page.keyboard.press("Enter")
    said = accessible_text(page)
    assert re.search(r"- alert", said) or page.get_by_role("alert").count()
    for part in ("Month", "Day", "Year"):
        assert f'textbox "{part}"' in said
    page.context.close()


def test_the_patient_page_is_read_in_order_of_importance(world: World, patient: Any) -> None:
    from regrow.web.assessments.links import make_link

    with writing():
        patient.language = "en"
        patient.save()
        _link, token = make_link(patient, "page")
    page = world.visitor(PHONE)
    world.patient(page, f"/p/{token}/", patient.birth_date)
    said = accessible_text(page)
    headings = re.findall(r'heading "(.+?)" \[level=(\d)\]', said)
    assert [level for _, level in headings].count("1") == 1 and headings[0][1] == "1"
    assert all(int(level) <= 2 for _, level in headings)
    # The figures of the curve are said in words: the picture names where they stand.
    if "Your progress" in said:
        assert "the same numbers are listed below" in said
    assert 'button "Request a call"' in said
    page.context.close()
