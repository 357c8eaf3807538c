"""One person taken through a course by five others, in a real browser."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from .conftest import PHONE, TABLET, World
from .session_page import Chair
from .test_interview import answers_no, section

pytestmark = [pytest.mark.journey, pytest.mark.database]

BORN = date(1985, 3, 14)


def test_from_the_first_message_to_the_days_after(world: World) -> None:
    """Inquiry, interview, candidacy, plan, check-in, dose, session, the days after, outcome, coverage."""
    visitor = world.visitor(PHONE)
    coordinator = world.person("cora")
    prescriber = world.person("lin")
    nurse = world.person("nina", TABLET, bedside=True)
    director = world.person("dora")

    _write(world, visitor)
    _invite(coordinator, world)
    chart = _interview(prescriber, world)
    _sign_protocol(director, world)
    _plan(prescriber, chart)

    _check_in(world, coordinator, prescriber, chart, [3, 3, 2, 3, 2, 2, 3, 2, 0])
    world.after(minutes=24 * 60)
    _decide(prescriber, chart, "Start with 0.5")
    _session(world, nurse, chart)
    _days_after(world, coordinator)

    world.after(minutes=(6 * 24 + 20) * 60)
    _check_in(world, coordinator, prescriber, chart, [2, 2, 1, 1, 1, 1, 1, 1, 0])
    prescriber.goto(f"{chart}dosing/")
    expect(prescriber.get_by_role("heading", level=1)).to_contain_text("Hold at 0.5")
    prescriber.goto(chart)
    expect(prescriber.get_by_text("PHQ-9 20 → 10")).to_be_visible()
    expect(prescriber.get_by_text("response: at least 50% lower")).to_be_visible()

    _crisis(world, coordinator, prescriber, chart)
    _coverage(coordinator, chart)
    unexpected = [c for c in world.complaints if "400 (Bad Request)" not in c]
    assert unexpected == []


def _write(world: World, visitor: Page) -> None:
    visitor.goto(world.address)
    visitor.get_by_role("link", name="Contact us").last.click()
    visitor.get_by_label("What should we call you?").fill("Wilhelmina Quist")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_text("Enter a mobile number or email so we can reply.")).to_be_visible()
    expect(visitor.get_by_label("What should we call you?")).to_have_value("Wilhelmina Quist")
    visitor.get_by_label("Mobile number or email").fill("917-555-0199")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("heading", name="Thanks, we got your message.")).to_be_visible()


def _invite(coordinator: Page, world: World) -> None:
    coordinator.goto(f"{world.address}/inquiries/")
    coordinator.locator("li", has_text="Wilhelmina Quist").get_by_role("link", name="Open").click()
    coordinator.get_by_label("Consultation time").fill("2026-10-26T10:00")
    coordinator.get_by_role("button", name="Schedule consultation").click()
    expect(coordinator.get_by_text("Consultation: Mon, Oct 26, 10:00 AM")).to_be_visible()


def _interview(prescriber: Page, world: World) -> str:
    prescriber.goto(f"{world.address}/patients/?q=Wilhelmina")
    prescriber.get_by_role("link", name="Wilhelmina Quist").click()
    chart = prescriber.url
    prescriber.goto(f"{chart}intake-visit/")
    prescriber.get_by_label("Date of birth").fill(BORN.isoformat())
    prescriber.get_by_role("button", name="Save patient").click()
    section(prescriber, "HPI")
    prescriber.get_by_label("ICD-10 code").first.fill("F33.2")
    prescriber.get_by_role("button", name="Add diagnosis").click()
    expect(prescriber.get_by_role("listitem").filter(has_text="F33.2")).to_be_visible()
    section(prescriber, "Treatment history")
    for drug, dose in (("Zoloft", "100"), ("venlafaxine", "150")):
        prescriber.get_by_label("Antidepressant").fill(drug)
        prescriber.get_by_label("Highest dose").fill(dose)
        prescriber.get_by_label("Weeks at that dose").fill("8")
        prescriber.get_by_label("In this episode").select_option("yes")
        prescriber.get_by_role("button", name="Add trial").click()
        expect(prescriber.get_by_role("listitem").filter(has_text=f"{drug}, {dose} mg a day")).to_be_visible()
    section(prescriber, "Current medications")
    prescriber.get_by_role("button", name="No current medications").click()
    expect(prescriber.get_by_role("button", name="No current medications")).to_have_count(0)
    answers_no(prescriber)
    prescriber.get_by_label("Weight").fill("80")
    prescriber.get_by_role("button", name="Save weight").click()
    expect(prescriber.get_by_role("listitem").filter(has_text="weight 80.0 kg")).to_be_visible()
    prescriber.get_by_label("Systolic, mmHg").fill("124")
    prescriber.get_by_label("Diastolic, mmHg").fill("78")
    prescriber.get_by_role("button", name="Save blood pressure").click()
    expect(prescriber.get_by_role("listitem").filter(has_text="blood pressure 124/78")).to_be_visible()
    prescriber.goto(f"{chart}eligibility/")
    expect(prescriber.get_by_role("heading", name="Both routes are open")).to_be_visible()
    expect(prescriber.get_by_text("You decide together with your prescriber")).to_be_visible()
    return chart


def _sign_protocol(director: Page, world: World) -> None:
    director.goto(f"{world.address}/protocols/")
    protocol = director.locator("section", has_text="iv-weekly-6 version")
    protocol.get_by_role("link", name=re.compile("^Review and")).click()
    expect(director.get_by_label("Observe after the infusion for at least")).to_have_value("30")
    director.get_by_role("button", name="Sign limits").click()
    expect(protocol.get_by_text("limits signed by Dr Dora Okafor")).to_be_visible()


def _plan(prescriber: Page, chart: str) -> None:
    prescriber.goto(f"{chart}schedule/manual/")
    prescriber.get_by_label("First session").fill("2026-10-27T14:00")
    prescriber.get_by_role("button", name="Schedule course").click()
    expect(prescriber.get_by_text("Tue, Oct 27, 2:00 PM")).to_have_count(2)
    expect(prescriber.get_by_text("Tue, Dec 1, 2:00 PM")).to_be_visible()


def _check_in(world: World, coordinator: Page, prescriber: Page, chart: str, answers: list[int]) -> None:
    coordinator.goto(chart)
    coordinator.get_by_role("button", name="Send a check-in").click()
    coordinator.goto(f"{world.address}/messages/sent/")
    link = coordinator.get_by_role("link", name="Open as patient Wilhelmina Quist").first.get_attribute(
        "href"
    )
    phone = world.patient(world.visitor(PHONE), link, BORN)
    for number, answer in enumerate(answers, 1):
        expect(phone.get_by_label(f"Question {number} of 9")).to_be_visible()
        phone.locator(f"button[value='{answer}']").click()
    expect(
        phone.get_by_role("heading", name=re.compile("Check-in complete|Thank you for telling us"))
    ).to_be_visible()
    phone.context.close()


def _decide(prescriber: Page, chart: str, headline: str) -> None:
    prescriber.goto(f"{chart}dosing/")
    expect(prescriber.get_by_role("heading", level=1)).to_contain_text(headline)
    expect(prescriber.get_by_text("151.2 mL/h")).to_be_visible()
    prescriber.keyboard.press("a")
    expect(prescriber.get_by_text("Signed: 0.5 mg/kg by Dr Mei Lin")).to_be_visible()


def _session(world: World, nurse: Page, chart: str) -> None:
    nurse.goto(chart)
    nurse.get_by_role("button", name="Open session").click()
    chair = Chair(world, nurse)
    chair.prepare()
    chair.vitals(168, 80)
    chair.page.get_by_role("button", name="Take vital signs BP above the signed limit").wait_for()
    world.after(minutes=1)
    chair.vitals(128, 80)
    chair.tap("Start infusion")
    expect(nurse.get_by_role("list").get_by_text("Independent double check of the dose")).to_be_visible()
    nurse.get_by_role("button", name="Cancel").click()
    second = Chair(world, world.person("noel", TABLET, bedside=True))
    second.page.goto(nurse.url)
    second.page.get_by_role("button", name="Confirm double check").click()
    expect(nurse.get_by_role("button", name=re.compile("double check open"))).to_have_count(0)
    chair.tap("Start infusion")
    expect(nurse.get_by_text("Infusing", exact=True)).to_be_visible()
    world.after(minutes=18)
    nurse.keyboard.press("p")
    expect(nurse.get_by_text(re.compile(r"^18(\.\d)? mg · 4[56](\.\d)?%"))).to_be_visible()
    nurse.get_by_role("dialog").get_by_role("button", name="Nausea").click()
    world.after(minutes=7)
    chair.tap("Resume")
    expect(nurse.get_by_text("if not paused")).to_be_visible()
    world.after(minutes=23)
    expect(nurse.get_by_text("Observing", exact=True)).to_be_visible()
    expect(nurse.get_by_text("40 mg · 100%")).to_be_visible()
    world.after(minutes=31)
    chair.go_home("Ana, her sister")
    chair.waste_and_close(second.page)


def _days_after(world: World, coordinator: Page) -> None:
    world.after(minutes=240)
    coordinator.goto(f"{world.address}/messages/sent/")
    link = coordinator.get_by_role("link", name="Open as patient Wilhelmina Quist").first.get_attribute(
        "href"
    )
    phone = world.patient(world.visitor(PHONE), link, BORN)
    expect(phone.get_by_text("After your treatment")).to_be_visible()
    expect(phone.get_by_role("heading", name="Within 24 hours · now")).to_be_visible()
    expect(phone.get_by_text("after a restful night's sleep")).to_be_visible()
    phone.context.close()


def _crisis(world: World, coordinator: Page, prescriber: Page, chart: str) -> None:
    world.after(minutes=60)
    _check_in(world, coordinator, prescriber, chart, [2, 2, 1, 1, 1, 1, 1, 1, 2])
    prescriber.goto(f"{chart}dosing/")
    expect(prescriber.get_by_role("heading", level=1)).to_contain_text("Contact the patient today")
    prescriber.goto(f"{world.address}/alerts/")
    alert = prescriber.locator("article", has_text="Wilhelmina Quist")
    alert.get_by_label("Resolution").fill("Called at 15:10: safe tonight, her sister stays, plan renewed.")
    alert.get_by_role("button", name="Resolve").click()
    expect(prescriber.locator("article", has_text="Wilhelmina Quist")).to_have_count(0)
    expect(prescriber.get_by_text("her sister stays")).to_be_visible()


def _coverage(coordinator: Page, chart: str) -> None:
    coordinator.goto(f"{chart}coverage/")
    expect(coordinator.get_by_text("not documented").first).to_be_visible()
    expect(coordinator.get_by_text("$2950.00")).to_be_visible()
    letter = coordinator.request.get(f"{chart}coverage/letter.pdf")
    assert letter.body().startswith(b"%PDF")
