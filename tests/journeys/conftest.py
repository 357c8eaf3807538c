"""A real server in a thread, a real browser, the demo clinic, and a clock that the test moves.

The demo is made once a run; every journey begins with it as it was made, so journeys run in any order.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.conftest import MONDAY, Clock

from .demo_database import demo_database
from .snapshot import Restore, take_snapshot

pytest.register_assert_rewrite("tests.journeys.session_page")

PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
DESK = {"width": 1280, "height": 900}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class RunningClock(Clock):
    """A clock that runs as a browser's does, and can be moved."""

    def __init__(self, start: datetime) -> None:
        self._started = time.monotonic()
        super().__init__(start)

    @property
    def at(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._started)

    @at.setter
    def at(self, moment: datetime) -> None:
        self._start = moment - timedelta(seconds=time.monotonic() - self._started)


@dataclass
class World:
    """The clinic as its people meet it."""

    address: str
    clock: Clock
    browser: Browser
    playwright: Playwright
    complaints: list[str] = field(default_factory=list)
    bedside: list[Page] = field(default_factory=list)

    @property
    def browser_path(self) -> str:
        return os.environ.get("REGROW_CHROMIUM", "/usr/bin/chromium")

    def after(self, *, minutes: float) -> None:
        """Time passes, for the clinic and for every tablet at a bedside, once what it sends has arrived."""
        for page in self.bedside:
            if page.locator("#saved").count():
                expect(page.locator("#saved")).not_to_contain_text("saving")
        self.clock.at += timedelta(minutes=minutes)
        for page in self.bedside:
            page.clock.fast_forward(round(minutes * 60_000))

    def at_bedside(self, page: Page) -> Page:
        """A page whose clock goes with the clinic's."""
        page.clock.install(time=self.clock.at)
        self.bedside.append(page)
        return page

    def context(self, size: dict[str, int], dark: bool = False) -> BrowserContext:
        made = self.browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
        made.set_default_timeout(15_000)
        return made

    def person(
        self, username: str, size: dict[str, int] = DESK, dark: bool = False, bedside: bool = False
    ) -> Page:
        """A staff member, signed in on their own device."""
        page = self.visitor(size, dark)
        if bedside:
            self.at_bedside(page)
        self.sign_in(page, username)
        return page

    def sign_in(self, page: Page, username: str) -> None:
        from regrow.web.demo.api import PASSWORD

        page.goto(f"{self.address}/login/")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        page.click("text=Sign in >> nth=-1")
        page.wait_for_url("**/today/")

    def patient(self, page: Page, link: str, born: date) -> Page:
        """A patient on a phone, in by secure link: the date of birth is asked once."""
        page.goto(f"{self.address}{link}")
        for name, part in (("month", born.month), ("day", born.day), ("year", born.year)):
            page.fill(f"input[name={name}]", str(part))
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        page.locator("#birth").wait_for(state="detached")
        return page

    def visitor(self, size: dict[str, int], dark: bool = False) -> Page:
        page = self.context(size, dark).new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        return page


@dataclass(frozen=True)
class Served:
    """The demo clinic on a server, and how to put it back to its first day."""

    address: str
    clock: Clock
    browser: Browser
    playwright: Playwright
    restore: Restore


@pytest.fixture(scope="session")
def served(
    django_db_modify_db_settings, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    import uvicorn
    from django.conf import settings

    from regrow.web.demo.api import make_demo
    from regrow.web.platform import clock as site_clock

    def make() -> None:
        # A standing clock: nothing in the demo is younger than the first moment of a journey.
        with site_clock.using(Clock(MONDAY)):
            assert make_demo(lambda what: None)

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the test's own thread
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with django_db_blocker.unblock(), demo_database(shared, make):
        restore = take_snapshot(tmp_path_factory.mktemp("snapshot"))
        clock = RunningClock(MONDAY)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config("regrow.web.platform.asgi:application", log_level="warning", lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        with site_clock.using(clock):
            thread.start()
            while not server.started:
                time.sleep(0.05)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=os.environ.get("REGROW_CHROMIUM", "/usr/bin/chromium"), args=QUIET
                )
                address = f"http://127.0.0.1:{listener.getsockname()[1]}"
                yield Served(address, clock, browser, playwright, restore)
                browser.close()
            server.should_exit = True
            thread.join(timeout=10)


@pytest.fixture
def world(served: Served) -> Iterator[World]:
    """The demo clinic on its first day. What a journey leaves behind is gone before the next one."""
    served.clock.at = MONDAY
    yield World(served.address, served.clock, served.browser, served.playwright)
    for context in served.browser.contexts:
        context.close()
    served.restore()


@pytest.fixture(scope="session")
def screens() -> Path | None:
    """Where pictures of the screens go: `REGROW_SCREENSHOT_DIR`; without it none are taken."""
    named = os.environ.get("REGROW_SCREENSHOT_DIR")
    if not named:
        return None
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What the tablets showed when a journey failed, kept as pictures."""
    report = yield
    world = getattr(item, "funcargs", {}).get("world")
    if report.when == "call" and report.failed and world and os.environ.get("REGROW_SCREENSHOT_DIR"):
        for number, page in enumerate(world.bedside):
            page.screenshot(path=f"{os.environ['REGROW_SCREENSHOT_DIR']}/failed-{item.name}-{number}.png")
    return report
