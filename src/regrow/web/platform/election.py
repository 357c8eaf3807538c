"""One process of the clinic runs the jobs: the one that holds a lock in the database.

On SQLite there is one process, and it is always elected.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from .jobs import Worker

log = logging.getLogger(__name__)
KEY = 0x52656772  # any number that no other program locks in this database
LOOK_EVERY_S = 2.0


class ElectedWorker:
    """Runs the worker while this process holds the lock; when its holder dies, another process takes over."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._parameters = (
            dict(connection.get_connection_params()) if connection.vendor == "postgresql" else None
        )
        self._thread = threading.Thread(target=self._run, daemon=True, name="election")

    def start(self) -> "ElectedWorker":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._parameters is None:
                    with _working():
                        self._stop.wait()
                else:
                    self._stand_for_election(self._parameters)
            except Exception:
                log.exception("the worker's lock was lost; trying to take it again")
            self._stop.wait(LOOK_EVERY_S)

    def _stand_for_election(self, parameters: dict[str, object]) -> None:
        import psycopg

        plain = {
            name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")
        }
        with psycopg.connect(**plain, autocommit=True) as held:  # type: ignore[arg-type]
            row = held.execute("SELECT pg_try_advisory_lock(%s)", [KEY]).fetchone()
            if row is None or not row[0]:
                return
            with _working():
                while not self._stop.wait(LOOK_EVERY_S):
                    held.execute("SELECT 1")  # raises when the lock is gone with its connection


@contextmanager
def _working() -> Iterator[None]:
    worker = Worker().start()
    try:
        yield
    finally:
        worker.stop()
