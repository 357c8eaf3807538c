"""A real server in a thread, a real browser, the demo clinic, and a clock that the test moves."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import MONDAY, Clock

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


@dataclass
class World:
    """The clinic as its people meet it."""

    address: str
    clock: Clock
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    def context(self, size: dict[str, int], dark: bool = False) -> BrowserContext:
        made = self.browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
        made.set_default_timeout(15_000)
        return made

    def person(self, username: str, size: dict[str, int] = DESK, dark: bool = False) -> Page:
        """Somebody of the staff, signed in, on their own device."""
        from regrow.clinic.demo import PASSWORD

        page = self.visitor(size, dark)
        page.goto(f"{self.address}/login/")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        page.click("text=Sign in >> nth=-1")
        page.wait_for_url("**/today/")
        return page

    def visitor(self, size: dict[str, int], dark: bool = False) -> Page:
        page = self.context(size, dark).new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        return page


@pytest.fixture(scope="session")
def world(django_db_modify_db_settings, django_db_blocker) -> Iterator[World]:
    import uvicorn
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from regrow.clinic.demo import make_demo
    from regrow.clinic.site import clock as site_clock

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    clock = Clock(MONDAY)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the test's own thread
    with django_db_blocker.unblock(), site_clock.using(clock):
        databases = setup_databases(verbosity=0, interactive=False)
        assert make_demo(lambda what: None)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config("regrow.clinic.site.asgi:application", log_level="warning", lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("REGROW_CHROMIUM", "/usr/bin/chromium"), args=QUIET
            )
            yield World(f"http://127.0.0.1:{listener.getsockname()[1]}", clock, browser)
            browser.close()
        server.should_exit = True
        thread.join(timeout=10)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:  # the server's threads may still hold theirs
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            connection.close()
            connection.close_pool()
        teardown_databases(databases, verbosity=0)


@pytest.fixture(scope="session")
def screens() -> Path:
    """Where pictures go: `REGROW_SCREENS`, or nowhere that is kept."""
    folder = Path(os.environ.get("REGROW_SCREENS", "/tmp/regrow-screens"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
