"""Open screens receive every event, and beats only while events reach them."""

import asyncio
import http.client
import json
import os
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from regrow.web.dosing_sessions import live_updates
from tests.live_clinic import Served, a_served_clinic, vital

CUTS = 20


@pytest.fixture
def short_beats(monkeypatch):
    monkeypatch.setattr(live_updates, "BEAT_S", 0.05)
    live_updates._hearing.set()
    yield
    live_updates._hearing.clear()


async def parts(stream: AsyncIterator[bytes], seconds: float) -> list[str]:
    """What a stream says within some time, without its first word about retries."""
    heard: list[str] = []

    async def listen() -> None:
        async for part in stream:
            heard.append(part.decode().split("\n")[0])

    task = asyncio.ensure_future(listen())
    await asyncio.sleep(seconds)
    task.cancel()
    return heard[1:]


def test_a_silent_stream_sends_beats_that_a_page_can_hear(short_beats) -> None:
    heard = asyncio.run(parts(live_updates.stream(None), 0.3))
    assert heard[0] == "event: ready"
    assert len(heard) >= 3 and set(heard[1:]) == {"event: beat"}


def test_events_of_other_sessions_do_not_hold_back_the_beats_of_a_session_page(short_beats) -> None:
    async def both() -> list[str]:
        stream = live_updates.stream(str(uuid4()))

        async def others() -> None:
            while True:
                live_updates._fan_out(json.dumps({"session": str(uuid4()), "event": None}))
                await asyncio.sleep(0.01)

        noise = asyncio.ensure_future(others())
        heard = await parts(stream, 0.3)
        noise.cancel()
        return heard

    heard = asyncio.run(both())
    assert heard[0] == "event: ready"
    assert len(heard) >= 3 and set(heard[1:]) == {"event: beat"}


def test_without_a_database_connection_a_stream_says_neither_ready_nor_beat(short_beats) -> None:
    live_updates._hearing.clear()
    assert asyncio.run(parts(live_updates.stream(None), 0.3)) == []


def test_a_stream_ends_when_its_screen_has_missed_something(short_beats) -> None:
    async def cut() -> list[str]:
        stream = live_updates.stream(None)
        heard = [await anext(stream), await anext(stream)]
        live_updates._fan_out(None)
        return [part.decode() for part in heard] + [part.decode() async for part in stream]

    assert len(asyncio.run(cut())) == 2


class Screen(threading.Thread):
    """A screen as a browser keeps it: it opens the stream again, and requests the log whenever that is ready."""

    def __init__(self, served: Served) -> None:
        super().__init__(daemon=True)
        self.served = served
        self.known: set[str] = set()
        self.ready = threading.Event()
        self.ended = 0
        self.stop = False

    def get(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=20)
        headers = {"Cookie": f"sessionid={self.served.sign_in}", "Accept": "application/json"}
        connection.request("GET", path, headers=headers)
        return connection.getresponse()

    def run(self) -> None:
        while not self.stop:
            with self.get("/sessions/live/") as stream:
                for line in stream:
                    if line == b"event: ready\n":
                        board = json.loads(self.get("/sessions/log/").read())
                        self.known |= {event["id"] for tile in board["tiles"] for event in tile["events"]}
                        self.ready.set()
                    elif line.startswith(b"data: {") and (event := json.loads(line[6:]).get("event")):
                        self.known.add(event["id"])
            self.ended += 1
            time.sleep(0.1)


@pytest.mark.database
@pytest.mark.skipif(
    os.environ["REGROW_DATABASE_URL"].startswith("sqlite"), reason="SQLite has no connection that listens"
)
def test_a_listener_cut_twenty_times_loses_no_event(tmp_path: Path) -> None:
    import psycopg

    with a_served_clinic(tmp_path, chairs=1) as served:
        screen = Screen(served)
        screen.start()
        assert screen.ready.wait(20)
        sender, sent = served.sender(), []
        with psycopg.connect(served.environment["REGROW_DATABASE_URL"], autocommit=True) as admin:
            for n in range(CUTS):
                until = time.monotonic() + 10
                while not admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
                ).fetchall():
                    assert time.monotonic() < until, "it does not listen again"
                    time.sleep(0.02)
                event = vital(100 + n)
                assert sender.send(served.chairs[0], event) is not None
                sent.append(event["id"])
        until = time.monotonic() + 10
        while not screen.known.issuperset(sent) and time.monotonic() < until:
            time.sleep(0.05)
        assert set(sent) - screen.known == set()
        assert screen.ended >= 1
        screen.stop = True
