"""How ketamine works, as a visitor touches it: by mouse, by keys, and without a script."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import DESK, PHONE, World

pytestmark = [pytest.mark.journey]
ADDRESS = "/learn/how-ketamine-works/"


def test_the_picture_moves_through_time_and_the_pause_pauses(world: World) -> None:
    page = world.visitor(DESK)
    page.goto(world.address + ADDRESS)
    expect(page.locator("#step-number")).to_have_text("step 5 of 7")

    for _ in range(4):
        page.get_by_role("button", name="Back").click()
    expect(page.locator("#sentence")).to_contain_text("lifts a brake")
    expect(page.get_by_role("button", name="Back")).to_be_disabled()

    line = page.locator(".lanes.wide .lane[data-lane=brake] .line")
    whole = line.get_attribute("d")
    page.locator("#time").fill("250")
    page.get_by_role("button", name="Pause the infusion").click()
    expect(page.locator("#said")).to_contain_text("Paused at minute")
    expect(line).not_to_have_attribute("d", whole)
    paused = line.get_attribute("d")
    page.locator("#time").fill("420")
    page.get_by_role("button", name="Resume infusion").click()
    expect(page.locator("#said")).to_contain_text("Resumed at minute")
    expect(line).not_to_have_attribute("d", paused)
    assert page.locator(".lanes.wide .running rect").count() == 2

    page.get_by_role("button", name="Spravato").click()
    expect(page.locator("#dose-value")).to_have_text("56 mg")
    expect(page.get_by_role("button", name="Pause the infusion")).to_be_hidden()
    page.context.close()


def test_it_works_by_keys_alone_on_a_phone(world: World) -> None:
    page = world.visitor(PHONE)
    page.goto(world.address + ADDRESS)
    page.locator("#time").focus()
    before = page.locator("#time").get_attribute("aria-valuetext")
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    after = page.locator("#time").get_attribute("aria-valuetext")

    assert before != after
    assert re.search(r"\d+ hours after the start\. .+: \d+ percent", after)
    page.locator("#dose").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#dose-value")).to_have_text("0.6 mg/kg")
    page.context.close()


def test_without_scripts_the_steps_have_the_same_text(world: World) -> None:
    page = world.browser.new_context(java_script_enabled=False).new_page()
    page.goto(world.address + ADDRESS)

    assert page.locator(".told li").count() == 7
    expect(page.locator(".told")).to_contain_text("highest 45 minutes after the start")
    assert page.locator(".lanes.wide .line").first.get_attribute("d").startswith("M")
    page.context.close()
