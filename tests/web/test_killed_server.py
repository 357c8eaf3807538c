"""The server is killed (SIGKILL) again and again while tablets send: nothing that was acknowledged is lost.

CI kills it `KILLS` times on each database; the long run is REGROW_TEST_KILLS=200 pytest tests/web/test_killed_server.py
"""

import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_clinic import Served, a_served_clinic, vital
from tests.run_seed import first_seed

pytestmark = [pytest.mark.database]
KILLS = int(os.environ.get("REGROW_TEST_KILLS", "3"))
TABLETS = 3


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with a_served_clinic(tmp_path, chairs=TABLETS) as made:
        yield made


def stored(served: Served) -> dict[str, int]:
    """Readings stored after the last kill: id and systolic pressure."""
    url = served.environment["REGROW_DATABASE_URL"]
    sql = "SELECT CAST(id AS varchar(36)), data FROM dosing_sessions_sessionevent WHERE kind = 'vital'"
    if url.startswith("sqlite"):
        import json
        import sqlite3

        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            rows = [(id, json.loads(data)) for id, data in file.execute(sql)]
    else:
        import psycopg

        with psycopg.connect(url) as database:
            rows = [(id, data) for id, data in database.execute(sql)]
    return {str(uuid.UUID(id)): data["systolic_mmhg"] for id, data in rows}


def test_a_server_killed_at_any_moment_loses_nothing_that_it_acknowledged(served: Served) -> None:
    chance = random.Random(first_seed())
    acknowledged: dict[str, int] = {}
    done = threading.Event()

    def tablet(chair: str) -> None:
        """Sends one reading after another; what got no answer is sent again, under the same id."""
        sender, value = served.sender(), 100
        event = vital(value)
        while not done.is_set():
            if sender.send(chair, event) is None:
                time.sleep(0.01)
                continue
            acknowledged[event["id"]] = value
            value = 100 + (value - 99) % 80
            event = vital(value)

    tablets = [threading.Thread(target=tablet, args=(chair,)) for chair in served.chairs]
    for thread in tablets:
        thread.start()
    try:
        for _ in range(KILLS):
            before, until = len(acknowledged), time.monotonic() + 30
            while len(acknowledged) < before + TABLETS:
                assert time.monotonic() < until, "no reading was acknowledged after the restart"
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.15))
            served.kill()
            served.start()
    finally:
        done.set()
        for thread in tablets:
            thread.join()
    served.kill()

    kept = stored(served)
    assert {id: kept.get(id) for id in acknowledged} == acknowledged
    assert len(acknowledged) >= KILLS * TABLETS
    served.start()
