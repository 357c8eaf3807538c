"""The guided hour in a browser: typed on while the network is gone, closed and opened, two windows, an end and a note."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import DESK, World

pytestmark = [pytest.mark.journey, pytest.mark.database]


def section(page: Page, title: str) -> None:
    """Open a section of the visit."""
    page.get_by_role("navigation", name="Sections").get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", name=title, level=2)).to_be_visible()


def arrives(page: Page) -> None:
    section(page, "Visit setup")
    page.get_by_label("Patient location").fill("12 Elm Street, Queens")
    page.get_by_label("Identity verified by").select_option("photo-id")
    page.get_by_label("Emergency contact", exact=True).fill("Lucía, sister")
    page.get_by_label("Emergency contact phone").fill("917-555-0177")
    page.get_by_role("button", name="Save visit setup").click()
    expect(page.get_by_role("status")).to_contain_text("recorded")


def answers_no(page: Page) -> None:
    """Every safety question of every section that asks some."""
    for title in ("Psychiatric history", "Substance use", "Medical history"):
        section(page, title)
        for question in page.locator("section[data-section]:not(.elsewhere) fieldset.ask").all():
            question.locator("input[value=no]").check()
        page.get_by_role("button", name="Save answers").click()
        expect(page.get_by_text("All asked", exact=True).locator("visible=true")).to_be_visible()


@pytest.fixture(autouse=True)
def only_what_is_meant(world: World) -> Iterator[None]:
    """A refusal and a network that is gone are meant here; nothing else may be on the console."""
    before = len(world.complaints)
    yield
    meant = ("409 (Conflict)", "ERR_INTERNET_DISCONNECTED")
    own = [c for c in world.complaints[before:] if not any(m in c for m in meant)]
    del world.complaints[before:]
    assert own == []


@pytest.fixture
def newcomer(world: World) -> Any:
    from regrow.web.accounts.models import User
    from regrow.web.patients.services import new_patient

    return new_patient(name="Amara Diallo", owner=User.objects.get(username="cora"), phone="+13475550199")


def words_of(newcomer: Any, section: str) -> str:
    from regrow.web.interview.models import VisitNarrative

    return str(VisitNarrative.objects.get(visit__patient=newcomer, section=section).text)


def begin(page: Page, world: World, newcomer: Any) -> str:
    where = f"{world.address}/patients/{newcomer.id}/intake-visit/"
    page.goto(where)
    page.get_by_role("button", name="Start visit").click()
    expect(page.get_by_text("All saved")).to_be_visible()
    return where


def test_nothing_typed_is_lost_offline_or_by_a_closed_browser(world: World, newcomer: Any) -> None:
    lin = world.person("lin", DESK)
    where = begin(lin, world, newcomer)
    section(lin, "Chief complaint")
    lin.locator("#words-now").fill("She wrote because")
    expect(lin.get_by_text("All saved")).to_be_visible()
    assert words_of(newcomer, "now") == "She wrote because"

    lin.context.set_offline(True)
    lin.locator("#words-now").press_sequentially(" her sister asked her to.")
    expect(lin.get_by_text("No network. Your text is saved")).to_be_visible()
    section(lin, "Social history")  # turning the page needs no network
    lin.locator("#words-life").fill("Lives with her sister, who drives.")
    section(lin, "Treatment history")
    lin.get_by_label("Antidepressant").fill("Zoloft")
    lin.get_by_role("button", name="Add trial").click()
    expect(lin.get_by_text("No network. Your entry is still here")).to_be_visible()
    expect(lin.get_by_label("Antidepressant")).to_have_value("Zoloft")
    assert words_of(newcomer, "now") == "She wrote because"

    context = lin.context
    lin.close()  # the laptop is closed while nothing could be sent
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{where}#now")
    expect(again.locator("#words-now")).to_have_value("She wrote because her sister asked her to.")
    expect(again.get_by_text("All saved")).to_be_visible()
    assert words_of(newcomer, "now").endswith("asked her to.")
    assert words_of(newcomer, "life") == "Lives with her sister, who drives."
    context.close()


def test_two_windows_never_write_over_each_other(world: World, newcomer: Any) -> None:
    first = world.person("lin", DESK)
    where = begin(first, world, newcomer)
    second = first.context.new_page()
    second.goto(f"{where}#now")
    section(first, "Chief complaint")
    first.locator("#words-now").fill("from the first")
    expect(first.get_by_text("All saved")).to_be_visible()
    # The second window was opened before: it does not know of these words.
    second.locator("#words-now").fill("from the second")
    expect(second.get_by_text("Another window changed this section")).to_be_visible()
    second.get_by_role("button", name="Add below mine").click()
    expect(second.get_by_text("All saved")).to_be_visible()
    assert words_of(newcomer, "now") == "from the second\n\nfrom the first"
    first.context.close()


def test_from_arriving_to_a_signed_note(world: World, newcomer: Any) -> None:
    from regrow.web.assessments.responses import record_clinician_rating
    from regrow.web.platform.content import knowledge
    from regrow.web.platform.database import writing

    lin = world.person("lin", DESK)
    where = begin(lin, world, newcomer)
    lin.get_by_role("link", name="End visit").click()
    lin.get_by_label("IV ketamine").check()
    lin.get_by_label("Reason in one sentence").fill("She prefers the drip.")
    lin.get_by_role("button", name="End visit and sign note").click()
    expect(lin.get_by_role("alert")).to_contain_text("Still needed: patient's location")
    expect(lin.get_by_label("Reason in one sentence")).to_have_value("She prefers the drip.")

    arrives(lin)
    section(lin, "HPI")
    lin.get_by_label("ICD-10 code").locator("visible=true").fill("F33.2")
    lin.get_by_role("button", name="Add diagnosis").click()
    expect(lin.get_by_role("listitem").filter(has_text="F33.2")).to_be_visible()
    section(lin, "Treatment history")
    for drug in ("Zoloft", "venlafaxine"):
        lin.get_by_label("Antidepressant").fill(drug)
        lin.get_by_label("Weeks at that dose").fill("8")
        lin.get_by_role("button", name="Add trial").click()
        expect(lin.get_by_role("listitem").filter(has_text=f"{drug}, 8 weeks")).to_be_visible()
    answers_no(lin)
    section(lin, "Goals")
    lin.locator("#words-hopes").fill("To walk the dog again.")
    expect(lin.get_by_text("All saved")).to_be_visible()
    with writing():  # rated in another tab
        for name, answers in (("phq-9", [2] * 8 + [0]), ("c-ssrs-screener", [0, 0, None, None, None, 0])):
            record_clinician_rating(newcomer, knowledge.scale(name), answers, once=None)
    lin.goto(f"{where}#end")
    lin.reload()
    expect(lin.get_by_text("Everything required is documented")).to_be_visible()
    lin.get_by_label("IV ketamine").check()
    lin.get_by_label("Reason in one sentence").fill("Two trials without response; she prefers the drip.")
    lin.get_by_role("button", name="End visit and sign note").click()
    expect(lin.get_by_role("heading", name="Intake note")).to_be_visible()
    expect(lin.get_by_text("To walk the dog again.")).to_be_visible()
    expect(lin.get_by_text("12 Elm Street, Queens")).to_be_visible()
    lin.context.close()
