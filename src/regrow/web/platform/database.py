"""Where the records live, and how they are written.

SQLite needs two things beyond WAL: a lock so that writers queue instead of sleeping, and one connection held
open, because the write-ahead log is rebuilt whenever the last connection closes.
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
    """The database address cannot be used. The text shows what one looks like."""


def database_url() -> str:
    return os.environ.get("REGROW_DATABASE_URL") or f"sqlite:///{data_folder().absolute() / 'regrow.sqlite3'}"


def database_settings(url: str) -> Mapping[str, Any]:
    """Django's settings for an address. Raises `BadDatabaseUrl`.

    `sqlite:///file` lies in the current folder, `sqlite:////path/file` where the path says;
    `postgresql://user@host/name` is a server.
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
    """One whole fact or none: a transaction, and on SQLite a place in the writers' queue."""
    if connection.vendor == "sqlite":
        with _writers, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield


def hold_open() -> sqlite3.Connection | None:
    """An idle connection for the life of the process (SQLite); keep what it returns."""
    if connection.vendor != "sqlite":
        return None
    held = sqlite3.connect(connection.settings_dict["NAME"], check_same_thread=False)
    held.execute("PRAGMA journal_mode")
    return held
