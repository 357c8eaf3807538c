"""Database settings and write transactions.

On SQLite, writers queue on a lock instead of sleeping, and one connection stays open, because the write-ahead log is
rebuilt whenever the last connection closes.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.db import connection, transaction

from .paths import data_folder

_writers = threading.RLock()


class BadDatabaseUrl(ValueError):
    """The database URL is invalid. The text shows a valid one."""


def database_url() -> str:
    return os.environ.get("REGROW_DATABASE_URL") or f"sqlite:///{data_folder().absolute() / 'regrow.sqlite3'}"


def database_settings(url: str) -> Mapping[str, Any]:
    """Return Django's settings for a database URL. Raises `BadDatabaseUrl`.

    `sqlite:///file` is relative to the current folder, `sqlite:////path/file` absolute; `postgresql://user@host/name`
    is a server.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and len(parts.path) > 1 and not parts.netloc:
        path = Path(unquote(parts.path[1:])).absolute()
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000;",
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        query = parse_qs(parts.query)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/") or "postgres",
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.get("host", [parts.hostname or ""])[0],
            "PORT": str(parts.port or ""),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 16}},
        }
    raise BadDatabaseUrl(
        f"{url!r} is not a database address; use sqlite:////path/to/file or postgresql://user@host/name"
    )


@contextmanager
def writing() -> Iterator[None]:
    """Open a write transaction; on SQLite behind the writers' lock."""
    if connection.vendor == "sqlite":
        with _writers, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield


def hold_open() -> sqlite3.Connection | None:
    """Return an idle connection to keep open for the life of the process (SQLite)."""
    if connection.vendor != "sqlite":
        return None
    held = sqlite3.connect(connection.settings_dict["NAME"], check_same_thread=False)
    held.execute("PRAGMA journal_mode")
    return held
