"""A screen whose server is silent does not look live."""

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.live_clinic import a_served_clinic, vital

from .conftest import TABLET, Served

pytestmark = pytest.mark.journey


@pytest.mark.database
def test_a_board_says_since_when_its_server_is_silent_and_is_live_again_afterwards(
    served: Served, tmp_path: Path
) -> None:
    with a_served_clinic(tmp_path, chairs=1) as clinic:
        assert clinic.process is not None
        context = served.browser.new_context(viewport=TABLET)
        context.add_cookies([{"name": "sessionid", "value": clinic.sign_in, "url": clinic.address}])
        page = context.new_page()
        page.goto(f"{clinic.address}/sessions/")
        live, tiles = page.locator("#live"), page.locator("#tiles")
        expect(live).to_have_text("Live")
        os.kill(clinic.process.pid, signal.SIGSTOP)
        expect(live).to_contain_text("Not live since", timeout=15_000)
        expect(tiles).to_have_class(re.compile("stale"))
        os.kill(clinic.process.pid, signal.SIGCONT)
        expect(live).to_have_text("Live", timeout=10_000)
        expect(tiles).not_to_have_class(re.compile("stale"))
        assert clinic.sender().send(clinic.chairs[0], vital(137)) is not None
        expect(tiles).to_contain_text("137")
        context.close()
