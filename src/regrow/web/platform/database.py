"""Database settings and write transactions.

On SQLite, writers queue on a lock instead of sleeping, and one connection stays open, because the write-ahead log is
rebuilt whenever the last connection closes.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from django.db import connection, models, transaction

from .paths import data_folder

# Options of a PostgreSQL address that are passed on.
CONNECTION_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name")

Row = TypeVar("Row", bound=models.Model)

_writers = threading.RLock()
_depth = threading.local()


class WriteInRead(RuntimeError):
    """A read wrote, or locked a row, outside `writing()`. A read takes no write lock."""


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
            "OPTIONS": {
                "pool": {"min_size": 1, "max_size": 16},
                **{name: query[name][0] for name in CONNECTION_OPTIONS if name in query},
            },
        }
    raise BadDatabaseUrl(
        f"{url!r} is not a database address; use sqlite:////path/to/file or postgresql://user@host/name"
    )


@contextmanager
def writing() -> Iterator[None]:
    """Open a write transaction; on SQLite behind the writers' lock."""
    _depth.now = getattr(_depth, "now", 0) + 1
    try:
        if connection.vendor == "sqlite":
            with _writers, transaction.atomic():
                yield
        else:
            with transaction.atomic():
                yield
    finally:
        _depth.now -= 1


def locked(row: Row) -> Row:
    """Return the row as it is now, locked until the transaction ends: no other request changes it between reading and
    writing.

    Call it inside `writing()`. On SQLite the transaction itself is the lock.
    """
    manager = type(row)._default_manager
    found: Row = manager.select_for_update().get(pk=row.pk)
    return found


@contextmanager
def reading() -> Iterator[None]:
    """Run a read: without a transaction, so that it waits for no writer. Raises `WriteInRead` when it writes."""
    with connection.execute_wrapper(_refuse_writes):
        yield


def _refuse_writes(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    changes = sql.startswith(("INSERT", "UPDATE", "DELETE")) or sql.endswith("FOR UPDATE")
    if changes and not getattr(_depth, "now", 0):
        raise WriteInRead(sql[:200])
    return execute(sql, params, many, context)


def hold_open() -> sqlite3.Connection | None:
    """Return an idle connection to keep open for the life of the process (SQLite)."""
    if connection.vendor != "sqlite":
        return None
    held = sqlite3.connect(connection.settings_dict["NAME"], check_same_thread=False)
    held.execute("PRAGMA journal_mode")
    return held
