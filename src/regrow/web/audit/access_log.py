"""The audit rows of reads, written after their responses.

A read takes no write lock. Its row waits in memory and is written with the others at most one second later, in a short
transaction of its own. A clean stop writes what waits. While the database takes no rows, such as on a full disk,
they stay in memory, reading goes on and staff see a warning.
"""

import logging
import threading
from datetime import datetime

from django.db import DatabaseError, close_old_connections

from regrow.web.platform import clock
from regrow.web.platform.database import writing

from .log import Facts, append_all

log = logging.getLogger(__name__)
EVERY_S = 0.5


class AccessLog:
    """Collects rows and writes them in batches. Without a running thread (a command, a test) a row is written at once.

    failing_since: since when the database has taken no rows; None while it does.
    """

    def __init__(self) -> None:
        self.failing_since: datetime | None = None
        self._rows: list[Facts] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, row: Facts) -> None:
        with self._lock:
            self._rows.append(row)
        if self._thread is None:
            self.write()

    def start(self) -> None:
        """Write from a thread of its own from now on."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, daemon=True, name="access log")
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end the thread."""
        thread, self._thread = self._thread, None
        self._stop.set()
        if thread is not None:
            thread.join(timeout=10)
        self.write()

    def write(self) -> None:
        """Write the rows that wait; those that cannot be written wait on."""
        with self._writing:
            with self._lock:
                rows, self._rows = self._rows, []
            if not rows:
                return
            try:
                with writing():
                    append_all(rows)
            except DatabaseError:
                with self._lock:
                    self._rows = rows + self._rows
                if self.failing_since is None:
                    self.failing_since = clock.now()
                    log.exception("the access log cannot be written; its rows wait in memory")
            else:
                self.failing_since = None

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self.write()
            close_old_connections()
        close_old_connections()


access_log = AccessLog()
