"""The demo clinic's database: made by the first worker, copied by the second."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connection

Make = Callable[[], None]


@contextlib.contextmanager
def demo_database(shared: Path, make: Make) -> Iterator[None]:
    """Set up the test database with the demo in it. `shared` is a folder of all workers of this run."""
    from django.test.utils import setup_databases, teardown_databases

    on_postgresql = connection.vendor == "postgresql"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = shared / "demo.made"
        template = f"demo_{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
        first = not made.exists()
        if on_postgresql and not first:
            connection.settings_dict["TEST"]["TEMPLATE"] = template
        databases = setup_databases(verbosity=0, interactive=False)
        if first:
            make()
            _keep_on_postgresql(template) if on_postgresql else copy_sqlite(
                _file(), str(shared / "demo.sqlite3")
            )
            made.touch()
        elif not on_postgresql:
            copy_sqlite(str(shared / "demo.sqlite3"), _file())
    yield
    if on_postgresql:
        with connection.cursor() as cursor:  # the server's threads may still hold theirs
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        _disconnect()
    teardown_databases(databases, verbosity=0)
    if on_postgresql and first:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{template}"')


def copy_sqlite(source: str, target: str) -> None:
    """Copy a SQLite database over another, also one that is open."""
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target, timeout=30)) as written,
    ):
        read.backup(written)


def _file() -> str:
    return str(connection.settings_dict["NAME"])


def _keep_on_postgresql(template: str) -> None:
    """A database that is copied must have no connection."""
    name = connection.settings_dict["NAME"]
    _disconnect()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{name}"')


def _disconnect() -> None:
    connection.close()
    connection.close_pool()
