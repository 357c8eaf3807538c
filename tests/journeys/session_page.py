"""A nurse at the chair: what they tap, in words, and what they entered, to be compared with the server's log."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from .conftest import World


class Chair:
    """One tablet at one session. `entered` is what was tapped on it: (kind, the values that matter)."""

    def __init__(self, world: World, page: Page) -> None:
        self.world = world
        self.page = page
        self.entered: list[tuple[str, dict[str, Any]]] = []

    def note(self, kind: str, **data: Any) -> None:
        self.entered.append((kind, data))

    def tap(self, name: str, kind: str = "", **data: Any) -> None:
        """The large button, or any other by its words."""
        self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first.click()
        if kind:
            self.note(kind, **data)

    def dialog(self, name: str) -> None:
        self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
        expect(self.page.get_by_role("dialog")).to_be_hidden()

    def vitals(self, upper: int, lower: int, pulse: int = 70, spo2: int = 98) -> None:
        self.page.get_by_role("navigation").or_(self.page.locator("#side")).get_by_role(
            "button", name="Vital signs", exact=True
        ).click()
        for label, value in (
            ("Systolic", upper),
            ("Diastolic", lower),
            ("Pulse", pulse),
            ("SpO₂", spo2),
        ):
            self.page.get_by_role("dialog").get_by_label(label).fill(str(value))
        save = self.page.get_by_role("dialog").get_by_role("button", name="Save vital signs")
        save.click()
        if self.page.get_by_role("dialog").is_visible():  # far from the last one: it asks once more
            save.click()
        expect(self.page.get_by_role("dialog")).to_be_hidden()
        self.note("vital", systolic_mmhg=upper, diastolic_mmhg=lower, pulse_per_min=pulse, spo2_percent=spo2)

    def prepare(self, checks: int = 4, devices: int = 0) -> None:
        """Identity, checks, drawing up."""
        self.tap("Verify identity")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Name (stated)").check()
        dialog.get_by_label("Date of birth (stated)").check()
        dialog.get_by_role("button", name=re.compile("^Confirm ")).click()
        self.note("identity", by=["name", "born"])
        self.tap("Complete pre-dose checklist")
        boxes = dialog.get_by_role("checkbox").all()
        assert len(boxes) == checks
        for box in boxes:
            box.check()
            self.note("check", check=box.get_attribute("value"))
        dialog.get_by_role("button", name="Save checklist").click()
        for n in range(1, (devices or 1) + 1):
            self.tap(f"Prepare device {n}" if devices else "Prepare dose")
            dialog.get_by_label("Lot").fill("24JG511" if devices else "KT2231")
            if not devices:
                dialog.get_by_label("Contents (mg)").fill("500")
            container = dialog.get_by_label(
                "Device" if devices else "Vial"
            ).input_value()  # the next one of the cabinet
            dialog.get_by_role("button", name="Save", exact=True).click()
            expect(dialog).to_be_hidden()
            self.note("draw", container=container)

    def score(self, title: str, value: int, scale: str) -> None:
        self.page.locator("#side").get_by_role("button", name=title, exact=True).click()
        self.dialog(str(value))
        self.note("scale", scale=scale, total=value)

    def go_home(self, with_whom: str) -> None:
        """Everything for going home, and the handover."""
        self.vitals(128, 78)
        self.score("MOAA/S", 5, "moaas")
        for line in self.page.locator("#lists button[data-do=finding]").all():
            self.note("finding", criterion=line.get_attribute("data-arg"), holds=True)
        while self.page.locator("#lists button[data-do=finding]").count():
            before = self.page.locator("#lists button[data-do=finding]").count()
            self.page.locator("#lists button[data-do=finding]").first.click()
            expect(self.page.locator("#lists button[data-do=finding]")).to_have_count(before - 1)
        self.page.get_by_role("button", name="Add ride home").click()
        self.page.get_by_role("dialog").get_by_label("Name, relationship").fill(with_whom)
        self.dialog("Save ride")
        self.note("ride", name=with_whom)
        self.tap(f"Discharge with {with_whom}")
        self.page.get_by_role("dialog").get_by_role("button", name="Yes").click()
        self.note("handover", name=with_whom, tolerated=True)
        expect(self.page.get_by_text("Discharged", exact=True)).to_be_visible()

    def waste_and_close(self, second: Page) -> None:
        """Waste each open container, witness it on another device, and close the session."""
        while self.page.get_by_role("button", name=re.compile("^Waste [0-9]")).count():
            rest = self.page.get_by_role("button", name="Waste", exact=True).count()
            self.page.get_by_role("button", name=re.compile("^Waste [0-9]")).click()
            mg = self.page.get_by_role("dialog").get_by_label("Amount wasted (mg)").input_value()
            container = self.page.get_by_role("dialog").get_by_role("heading").inner_text()
            self.dialog("Save waste")
            self.note("waste", container=container.removeprefix("Waste from "), mg=mg)
            expect(self.page.get_by_role("button", name="Waste", exact=True)).to_have_count(rest - 1)
        if self.page.get_by_text("needs a witness").count():
            expect(self.page.locator("#saved")).not_to_contain_text("saving")
            second.goto(f"{self.world.address}/witness/")
            seen = second.get_by_role("button", name=re.compile("^Witness [0-9]"))
            for left in range(seen.count() - 1, -1, -1):
                seen.first.click()
                expect(seen).to_have_count(left)
        self.tap("Close session")
        self.note("close")
        expect(self.page.get_by_text("Closed", exact=True).first).to_be_visible()


def told_by_server(session_id: str, author: str) -> list[tuple[str, dict[str, Any]]]:
    """What the server wrote down from one author's tablet, in the order in which it happened."""
    from regrow.web.dosing_sessions.models import SessionEvent

    rows = SessionEvent.objects.filter(session_id=session_id, author=author).exclude(device="")
    return [(row.kind, row.data) for row in sorted(rows, key=lambda row: (row.device_time, row.seq))]


def same(entered: list[tuple[str, dict[str, Any]]], stored: list[tuple[str, dict[str, Any]]]) -> bool:
    """The same kinds in the same order, and every value that was entered."""
    assert [kind for kind, _ in entered] == [kind for kind, _ in stored]
    for (kind, given), (_, data) in zip(entered, stored, strict=True):
        assert {name: data.get(name) for name in given} == given, kind
    return True
