"""The clinical content in force on this site: Regrow's files with those of the clinic's folder beside them.

`knowledge` is always the current `Knowledge`; a request that comes after a file has changed sees the new one.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, cast

from regrow.knowledge import Knowledge
from regrow.knowledge.repository import fingerprint

from .paths import knowledge_folder


class _Current:
    """Passes every attribute on to the current `Knowledge`."""

    def __init__(self) -> None:
        self._now = Knowledge.shipped()
        self._stamp: object = None
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now, name)

    def refresh(self, folder: Path | None, today: Callable[[], date]) -> Sequence[str]:
        folder = folder or knowledge_folder()  # it may have been made since the start
        stamp = (folder, fingerprint(folder), today() if folder else None)
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._now = Knowledge.load(folder, today())
                    self._stamp = stamp
        return self._now.problems()


_current = _Current()
knowledge = cast(Knowledge, _current)


def refresh(folder: Path | None, *, today: Callable[[], date]) -> Sequence[str]:
    """Put a clinic's folder in force, and again whenever a file of it or the day has changed.

    Returns what is wrong with it, one sentence each. A file that is wrong is not in force: its last good copy is, or
    Regrow's own.
    """
    return _current.refresh(folder, today)
