"""How soon an entry at a chair stands on the board of chairs. Run: python benchmarks/board.py [--postgres] [--chairs 20]

Chairs send one reading a second each to a served clinic; a real browser has the board open. Measured from the moment
a reading is made to the frame in which the board has drawn it, by one clock. Beside it, in the same run: a screen that
asks for the log once a second instead of being told. Each run has its own server and database.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright
from tests.live_clinic import Served, serve, vital

from regrow.cli.test_runner import a_postgres

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

WATCH = """() => {
  window.seen = [];
  window.addEventListener("board-event", (message) => {
    requestAnimationFrame(() => requestAnimationFrame(() => window.seen.push([message.detail.id, Date.now()])));
  });
}"""


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class Traffic:
    """Every chair sends a reading a second, spread over the second, for so many seconds."""

    def __init__(self, served: Served, seconds: int) -> None:
        self.served, self.seconds = served, seconds
        self.made: dict[str, float] = {}
        self.answered: list[float] = []

    def run(self) -> None:
        count = len(self.served.chairs)
        threads = [
            threading.Thread(target=self._chair, args=(chair, n / count))
            for n, chair in enumerate(self.served.chairs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _chair(self, chair: str, offset_s: float) -> None:
        sender = self.served.sender()
        start = time.monotonic() + 0.5 + offset_s
        for second in range(self.seconds):
            time.sleep(max(0.0, start + second - time.monotonic()))
            event = vital(110 + second % 30)
            self.made[event["id"]] = time.time() * 1000
            sent = time.perf_counter()
            if sender.send(chair, event) is None:
                raise RuntimeError("the server did not answer")
            self.answered.append((time.perf_counter() - sent) * 1000)


def told(served: Served, traffic: Traffic, boards: int) -> list[float]:
    """Milliseconds from each reading made to its frame, on every open board."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("REGROW_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        pages = []
        for _ in range(boards):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "sessionid", "value": served.sign_in, "url": served.address}])
            page = context.new_page()
            page.goto(f"{served.address}/chairs/")
            page.get_by_text("live", exact=True).wait_for()
            page.evaluate(WATCH)
            pages.append(page)
        traffic.run()
        time.sleep(1)
        found = []
        for page in pages:
            seen = dict(page.evaluate("() => window.seen"))
            missing = set(traffic.made) - set(seen)
            if missing:
                raise RuntimeError(f"{len(missing)} readings never reached a board")
            found += [seen[id] - at for id, at in traffic.made.items()]
        browser.close()
        return found


def asked(served: Served, traffic: Traffic) -> list[float]:
    """The same from the outside, for a screen that asks once a second: from made to in the answer."""
    import http.client

    seen: dict[str, float] = {}
    done = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        while not done.is_set():
            start = time.monotonic()
            connection.request(
                "GET",
                "/sessions/log/",
                headers={"Cookie": f"sessionid={served.sign_in}", "Accept": "application/json"},
            )
            board = json.loads(connection.getresponse().read())
            now = time.time() * 1000
            for tile in board["tiles"]:
                for event in tile["events"]:
                    seen.setdefault(event["id"], now)
            time.sleep(max(0.0, 1 - (time.monotonic() - start)))

    asking = threading.Thread(target=ask)
    asking.start()
    traffic.run()
    time.sleep(2)
    done.set()
    asking.join()
    return [seen[id] - at for id, at in traffic.made.items() if id in seen]


@contextmanager
def database(postgres: bool, folder: str, number: int) -> Iterator[str]:
    if not postgres:
        yield f"sqlite:///{folder}/run{number}.sqlite3"
        return
    import psycopg

    with a_postgres(folder) as (url, why):
        if why:
            raise RuntimeError(why)
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE board{number}")
        yield urlsplit(url)._replace(path=f"/board{number}").geturl()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--chairs", type=int, default=20)
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--boards", type=int, default=2, help="browsers with the board open")
    options.add_argument(
        "--history-min", type=int, default=60, help="minutes that each session has run already"
    )
    options.add_argument("--runs", type=int, default=3)
    chosen = options.parse_args()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    kind = "PostgreSQL" if chosen.postgres else "SQLite"
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {commit}, {kind}"
    )
    print(
        f"{chosen.chairs} chairs, a reading a second each for {chosen.seconds} s, {chosen.boards} boards, "
        f"sessions {chosen.history_min} min old"
    )
    print(
        f"{'run':4}{'told: p50':>12}{'p95':>8}{'max':>8}{'asked each second: p95':>26}{'ratio':>8}{'answer p95':>12}"
    )
    p95s = []
    for number in range(1, chosen.runs + 1):
        with (
            tempfile.TemporaryDirectory(prefix="regrow-board-") as folder,
            database(chosen.postgres, folder, number) as url,
        ):
            served = serve(url, Path(folder), chairs=chosen.chairs, history_min=chosen.history_min)
            try:
                traffic = Traffic(served, chosen.seconds)
                ours = told(served, traffic, chosen.boards)
                other = asked(served, Traffic(served, chosen.seconds))
            finally:
                served.kill()
        p95 = percentile(ours, 0.95)
        p95s.append(p95)
        theirs = percentile(other, 0.95)
        print(
            f"{number:<4}{statistics.median(ours):>9.0f} ms{p95:>8.0f}{max(ours):>8.0f}{theirs:>23.0f} ms"
            f"{theirs / p95:>7.1f}×{percentile(traffic.answered, 0.95):>9.0f} ms",
            flush=True,
        )
    print(f"median of the p95: {statistics.median(p95s):.0f} ms (aim: below 300)")


if __name__ == "__main__":
    main()
