"""A prescriber through six weeks of one course, in a real browser: every kind of answer, and what to do with it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.session_factory import give

from .conftest import World

pytestmark = [pytest.mark.journey, pytest.mark.database]
WEEK = timedelta(days=7)


class Six:
    """One person, one course; the clinic's clock goes on by the week."""

    def __init__(self, world: World) -> None:
        from regrow.web.accounts.models import User
        from regrow.web.appointments.models import Appointment, Chair
        from regrow.web.courses.models import Course
        from regrow.web.patients.services import new_patient, record
        from regrow.web.signing.models import SignedValues

        self.world = world
        self.nurse = User.objects.get(username="nina")
        now = world.clock.at
        name = "Wilhelmina-Anastasia Quist-Featherstonehaugh van der Meer"
        self.patient = new_patient(name=name, owner=self.nurse, phone="917-555-0177")
        weight = {"kind": "weight", "value": "80.0", "unit": "kg", "at": now.isoformat()}
        record(self.patient, "measurement", weight, author="nina")
        signature = SignedValues.objects.filter(file_id="iv-weekly-6").latest("signed_at")
        self.course = Course.objects.create(
            patient=self.patient, signature=signature, planned_by=self.nurse, planned_at=now
        )
        chair, _ = Chair.objects.get_or_create(name="Journey")
        for number in range(1, 7):
            starts = now + WEEK * (number - 1) + timedelta(hours=3)
            Appointment.objects.create(
                course=self.course,
                number=number,
                chair=chair,
                nurse=self.nurse,
                starts_at=starts,
                ends_at=starts + timedelta(hours=2),
            )

    @property
    def address(self) -> str:
        return f"{self.world.address}/patients/{self.patient.id}/dosing/"

    def answer(self, total: int) -> None:
        from regrow.web.assessments.models import QuestionnaireResponse
        from regrow.web.platform.content import knowledge

        QuestionnaireResponse.objects.create(
            patient=self.patient,
            instrument="phq-9",
            version=knowledge.scale("phq-9").version,
            answers=[min(3, max(0, total - 3 * n)) for n in range(8)] + [0],
            sent_at=self.world.clock.at,
            completed_at=self.world.clock.at,
        )

    def hold_session(self, *, tolerated: bool = True) -> None:
        from regrow.web.treatment.models import DoseDecision

        decision = DoseDecision.objects.filter(appointment__course=self.course).latest("signed_at")
        give(decision, nurse=self.nurse, at=self.world.clock.at, tolerated=tolerated)
        self.world.clock.at += WEEK

    def page(self) -> Page:
        page = self.world.person("lin")
        page.goto(self.address)
        return page


def _headline(page: Page, words: str) -> None:
    expect(page.locator("aside h1")).to_contain_text(words)


def test_six_weeks_of_decisions(world: World) -> None:
    _six_weeks(Six(world))


def _six_weeks(six: Six) -> None:
    world = six.world
    six.answer(21)
    page = six.page()
    _headline(page, "Start with 0.5")
    page.keyboard.press("a")
    expect(page.get_by_text("Signed: 0.5 mg/kg by Dr Mei Lin")).to_be_visible()
    six.hold_session()

    six.answer(20)  # a little better: one dose step up, with the model estimate
    page = six.page()
    _headline(page, "Step up to 0.6")
    expect(page.get_by_text("Model estimate from 2 scores")).to_be_visible()
    expect(page.get_by_text("4 % better than baseline: 21 → 20")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("Signed: 0.6 mg/kg")).to_be_visible()
    six.hold_session()

    six.answer(10)  # half better: hold; this time not well tolerated
    page = six.page()
    _headline(page, "Hold at 0.6")
    page.keyboard.press("a")
    expect(page.get_by_text("Signed: 0.6 mg/kg")).to_be_visible()
    six.hold_session(tolerated=False)

    six.answer(15)
    page = six.page()
    _headline(page, "Step down to 0.5")
    expect(page.locator("aside").get_by_text("vomiting 4")).to_be_visible()
    expect(page.get_by_text("Give it more slowly")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("Signed: 0.5 mg/kg")).to_be_visible()
    six.hold_session()

    page = six.page()  # no response: no suggestion, and the missing data
    _headline(page, "No suggestion")
    expect(page.locator("aside").get_by_text("Missing: a fresh PHQ-9")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.get_by_role("button", name="Send a check-in").click()

    six.answer(18)  # four doses, too little: both published rules, and neither is chosen
    page.goto(six.address)
    _headline(page, "Decide with the patient")
    sides = page.get_by_role("group", name="Conflicting published rules")
    expect(sides.get_by_role("heading")).to_have_count(2)
    widths = [box["width"] for side in sides.locator("section").all() if (box := side.bounding_box())]
    assert abs(widths[0] - widths[1]) < 2
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.get_by_text("Allow dose increases again").click()
    page.get_by_label("Reason", exact=True).fill("Ate before; will fast next time")
    page.get_by_role("button", name="Allow increases").click()
    expect(page.get_by_text("Allow dose increases again")).to_have_count(0)
    page.keyboard.press("c")
    page.get_by_label("Dose, mg/kg").fill("6")
    page.get_by_label("Reason (saved with the order)").fill("Wants to try more rather than stop")
    page.get_by_role("button", name="Sign dose").click()
    expect(page.get_by_text("6 is ten times 0.6")).to_be_visible()
    page.goto(six.address)
    page.keyboard.press("c")
    page.get_by_label("Dose, mg/kg").fill("0.6")
    page.get_by_label("Reason (saved with the order)").fill("Wants to try more rather than stop")
    page.get_by_role("button", name="Sign dose").click()
    expect(page.get_by_text("Signed: 0.6 mg/kg")).to_be_visible()
    six.hold_session()

    six.answer(9)  # response: held, and spacing may come
    page = six.page()
    _headline(page, "Hold at 0.6")
    expect(page.get_by_text("afterward the clinic may space the infusions")).to_be_visible()
    page.get_by_label("Answers by week").get_by_text("9", exact=True).click()
    expect(page.locator(".sheet[open] li").first).to_contain_text("1. Little interest")
    assert world.clock.at > six.course.planned_at + 5 * WEEK
    # The slip of the decimal point was refused, and the browser says so on its console.
    world.complaints[:] = [c for c in world.complaints if "409 (Conflict)" not in c]
    assert [c for c in world.complaints if "400 (Bad Request)" not in c] == []
