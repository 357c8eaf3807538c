"""Whole sessions at the chair, in a real browser: an infusion with a lost network, Spravato, a stop half-way."""

import re
import uuid
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import QUIET, TABLET, World
from .session_page import Chair, same, told_by_server

pytestmark = [pytest.mark.journey, pytest.mark.database]

GIVEN_AT_18 = re.compile(
    r"^18(\.\d)? mg · 4[56](\.\d)?%"
)  # the tablet's clock runs on while the browser works


def booked(world: World, protocol: str, dose: str, name: str):
    """A patient with a signed order for a session now, in a chair of their own."""
    from datetime import timedelta

    from regrow.web.accounts.models import User
    from regrow.web.appointments.models import Appointment
    from regrow.web.appointments.models import Chair as Seat
    from regrow.web.assessments.models import QuestionnaireResponse
    from regrow.web.courses.models import Course
    from regrow.web.dosing_sessions.services import record_presence
    from regrow.web.patients.services import new_patient, record
    from regrow.web.platform.database import writing
    from regrow.web.signing.models import SignedValues
    from regrow.web.treatment.decisions import sign_decision

    lin, nina = User.objects.get(username="lin"), User.objects.get(username="nina")
    with writing():
        record_presence(lin, True)
        patient = new_patient(name=name, owner=nina, phone="917-555-0142")
        at = world.clock.at.isoformat()
        record(
            patient, "measurement", {"kind": "weight", "value": "80.0", "unit": "kg", "at": at}, author="lin"
        )
        QuestionnaireResponse.objects.create(
            patient=patient,
            instrument="phq-9",
            version=2,
            answers=[3, 3, 3, 2, 2, 2, 2, 2, 0],
            sent_at=world.clock.at,
            completed_at=world.clock.at,
        )
        signature = SignedValues.objects.filter(file_id=protocol).order_by("-signed_at").first()
        course = Course.objects.create(
            patient=patient, signature=signature, planned_by=lin, planned_at=world.clock.at
        )
        appointment = Appointment.objects.create(
            course=course,
            number=1,
            chair=Seat.objects.create(name=f"Seat {uuid.uuid4().hex[:4]}"),
            nurse=nina,
            starts_at=world.clock.at,
            ends_at=world.clock.at + timedelta(hours=3),
        )
        choice = "accepted" if protocol == "iv-weekly-6" else "changed"
        sign_decision(course, choice=choice, dose=dose, reason="as agreed", signed_by=lin)
    return appointment


def opened(world: World, page: Page, appointment) -> tuple[str, str]:
    """The address of the session that the nurse opens from the board, and its id."""
    page.goto(f"{world.address}/sessions/")
    card = page.locator("article", has_text=appointment.course.patient.name)
    card.get_by_role("button", name="Open session").click()
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    return page.url, page.url.rstrip("/").rsplit("/", 1)[-1]


def second_check(world: World, address: str) -> Page:
    page = world.person("noel", TABLET, bedside=True)
    page.goto(address)
    page.get_by_role("button", name="Confirm double check").click()
    expect(page.get_by_role("button", name="Confirm double check")).to_have_count(0)
    return page


def closed(session_id: str) -> bool:
    from regrow.web.dosing_sessions.models import DosingSession

    return DosingSession.objects.get(id=session_id).closed_at is not None


def test_an_infusion_with_a_pause_and_ten_minutes_without_network_and_a_closed_browser(
    world: World, tmp_path: Path
) -> None:
    """The browser goes offline, is closed, opened again still offline, and comes back: everything arrives once."""
    appointment = booked(world, "iv-weekly-6", "0.5", "Ottilie Brandauer")
    profile = tmp_path / "tablet"

    def tablet():
        context = world.playwright.chromium.launch_persistent_context(
            profile, executable_path=world.browser_path, args=QUIET, viewport=TABLET
        )
        context.set_default_timeout(15_000)
        return context, world.at_bedside(context.pages[0])

    context, page = tablet()
    world.sign_in(page, "nina")
    address, session_id = opened(world, page, appointment)
    chair = Chair(world, page)
    chair.prepare()
    chair.vitals(126, 78)
    second = second_check(world, address)
    expect(page.get_by_role("button", name=re.compile("double check open"))).to_have_count(0)
    chair.tap("Start infusion", "start")
    expect(page.get_by_text("Infusing", exact=True)).to_be_visible()
    expect(page.locator("html[data-kept=yes]")).to_be_attached()
    world.after(minutes=10)
    chair.vitals(138, 84)
    expect(page.locator("#saved")).not_to_contain_text("saving")

    context.set_offline(True)
    world.after(minutes=2)
    chair.vitals(142, 86)
    expect(page.get_by_text("No network. Keep charting: 1 entry is saved on this tablet")).to_be_visible()
    chair.tap("Nausea")
    chair.dialog("3")
    chair.note("symptom", symptom="nausea", severity=3)
    world.after(minutes=6)
    page.keyboard.press("p")
    chair.note("pause")
    chair.dialog("Nausea")
    chair.note("correction", data={"reason": "nausea"})
    expect(page.get_by_text(GIVEN_AT_18)).to_be_visible()
    expect(page.get_by_text("4 entries are saved on this tablet")).to_be_visible()
    world.bedside.remove(page)
    context.close()

    world.after(minutes=2)
    context, page = tablet()
    context.set_offline(True)
    page.goto(address)
    chair.page = page
    expect(page.get_by_text("4 entries are saved on this tablet")).to_be_visible()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    expect(page.get_by_text(GIVEN_AT_18)).to_be_visible()
    world.after(minutes=5)
    chair.tap("Resume", "resume")
    expect(page.get_by_text("5 entries are saved on this tablet")).to_be_visible()
    assert ("pause", {}) not in told_by_server(session_id, "nina")

    context.set_offline(False)
    world.after(minutes=0.2)
    page.get_by_role("link", name="Sign in").click()
    from regrow.web.demo.api import PASSWORD

    page.fill("#id_username", "nina")
    page.fill("#id_password", PASSWORD)
    page.click("text=Sign in >> nth=-1")
    page.wait_for_url(address)
    expect(page.get_by_text("saved on this tablet")).to_have_count(0)
    world.after(minutes=22)
    expect(page.get_by_text("Observing", exact=True)).to_be_visible()
    expect(page.get_by_text("40 mg · 100%")).to_be_visible()
    chair.tap("Nausea: resolved?", "symptom", symptom="nausea", resolved=True)
    world.after(minutes=31)
    chair.go_home("Klara, her wife")
    chair.waste_and_close(second)

    expect(page.locator("#saved")).to_have_text(re.compile("saved"))
    stored = told_by_server(session_id, "nina")
    assert same(chair.entered, stored)
    assert closed(session_id)
    late = [e for e in fold_of(session_id).entries if e.event.late]
    assert {"pause", "symptom", "vital"} <= {e.kind.value for e in late}
    context.close()
    world.bedside.remove(page)


def fold_of(session_id: str):
    from regrow.web.dosing_sessions.models import DosingSession
    from regrow.web.dosing_sessions.services import state_of
    from regrow.web.platform import clock

    return state_of(DosingSession.objects.get(id=session_id), clock.now())


def test_a_whole_84_mg_spravato_session_and_its_form(world: World) -> None:
    appointment = booked(world, "spravato-label", "84", "Rosalind Achterberg")
    page = world.person("nina", TABLET, bedside=True)
    address, session_id = opened(world, page, appointment)
    chair = Chair(world, page)
    chair.prepare(checks=8, devices=3)
    chair.vitals(124, 78)
    second = second_check(world, address)
    expect(page.get_by_role("button", name="Confirm double check")).to_have_count(0)
    for n in (1, 2, 3):
        chair.tap(f"Device {n}")
        page.get_by_role("dialog").get_by_role("button", name=f"Record device {n}").click()
        chair.note("device", n=n, lot="24JG511")
        if n == 1:
            chair.tap("Device 2")
            page.get_by_role("dialog").get_by_role("button", name="Record device 2").click()
            expect(page.get_by_text("5 minutes between devices")).to_be_visible()
            page.get_by_role("button", name="Cancel").click()
        world.after(minutes=5)
        if n == 2:
            chair.vitals(132, 80)  # the reading due after ten minutes comes first
    expect(page.get_by_text("84 mg · 100%")).to_be_visible()
    world.after(minutes=5)
    chair.vitals(138, 86)
    chair.score("MOAA/S", 4, "moaas")
    world.after(minutes=30)
    chair.vitals(140, 86)
    world.after(minutes=30)
    chair.vitals(132, 80)
    world.after(minutes=45)
    waited = "At least two hours since the last device: 115 of 120 min"
    expect(page.locator("#lists").get_by_text(waited)).to_be_visible()
    world.after(minutes=6)
    chair.go_home("Ride service, Mr Osei")
    chair.waste_and_close(second)

    expect(page.locator("#saved")).to_have_text(re.compile("saved"))
    assert same(chair.entered, told_by_server(session_id, "nina"))
    coordinator = world.person("cora")
    coordinator.goto(f"{world.address}/rems/")
    row = coordinator.get_by_role("listitem").filter(has_text="Rosalind Achterberg")
    expect(row.get_by_text("7 days left")).to_be_visible()
    row.get_by_role("link", name=re.compile("^Open")).click()
    expect(coordinator.get_by_text("84 mg", exact=True)).to_be_visible()
    pdf = coordinator.request.get(coordinator.url.replace("/rems/", "/rems.pdf"))
    assert pdf.body().startswith(b"%PDF")
    coordinator.get_by_label("Confirmation number").fill("PMF-0042")
    coordinator.get_by_role("button", name="Record submission").click()
    expect(
        coordinator.get_by_role("listitem").filter(has_text="Rosalind Achterberg").get_by_text("PMF-0042")
    ).to_be_visible()


def test_a_stop_half_way_leaves_a_partial_dose_and_its_waste(world: World) -> None:
    appointment = booked(world, "iv-weekly-6", "0.5", "Sebastian Lindgren")
    page = world.person("nina", TABLET, bedside=True)
    address, session_id = opened(world, page, appointment)
    chair = Chair(world, page)
    chair.prepare()
    chair.vitals(126, 78)
    second = second_check(world, address)
    expect(page.get_by_role("button", name=re.compile("double check open"))).to_have_count(0)
    chair.tap("Start infusion", "start")
    expect(page.get_by_text("Infusing", exact=True)).to_be_visible()
    world.after(minutes=20)
    page.get_by_role("button", name="■ Stop").click()
    chair.note("stop")
    chair.dialog("Patient withdrew consent")
    chair.note("correction", data={"reason": "consent_withdrawn"})
    expect(page.get_by_text(re.compile(r"^20(\.\d)? mg · 5[01](\.\d)?%"))).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)
    world.after(minutes=31)
    chair.go_home("Nils, his son")
    chair.waste_and_close(second)

    expect(page.locator("#saved")).to_have_text(re.compile("saved"))
    assert same(chair.entered, told_by_server(session_id, "nina"))
    state = fold_of(session_id)
    assert (state.partial, state.consent_withdrawn) == (True, True)
    assert 20 <= state.delivered_mg < 21
    wasted = [Fraction(data["mg"]) for kind, data in chair.entered if kind == "waste"]
    assert float(sum(wasted) + state.delivered_mg) == pytest.approx(500, abs=0.01)


def test_two_tablets_on_one_session_show_the_same_and_the_board_follows_without_reloading(
    world: World,
) -> None:
    appointment = booked(world, "iv-weekly-6", "0.5", "Hedda Okafor-Lund")
    page = world.person("nina", TABLET, bedside=True)
    address, _ = opened(world, page, appointment)
    chair = Chair(world, page)
    chair.prepare()
    other = world.person("nur", TABLET, bedside=True)
    other.goto(address)
    board = world.person("lin")
    board.goto(f"{world.address}/sessions/")
    tile = board.locator("a.tile", has_text="Hedda Okafor-Lund")
    expect(tile.get_by_text("preparing")).to_be_visible()
    chair.vitals(131, 79)
    expect(other.get_by_text("131/79").first).to_be_visible()
    expect(tile.get_by_text("131/79")).to_be_visible()
    Chair(world, other).vitals(133, 81)
    expect(page.get_by_text("133/81").first).to_be_visible()
    expect(tile.get_by_text("133/81")).to_be_visible()
