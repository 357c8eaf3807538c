"""Put a database back to what it was, under a server that keeps its connections open."""

from collections.abc import Callable
from pathlib import Path

from django.db import connection

from .demo_database import copy_sqlite

Restore = Callable[[], None]


def take_snapshot(folder: Path) -> Restore:
    """Copy the test database; the returned function puts every row back."""
    return _on_postgresql() if connection.vendor == "postgresql" else _on_sqlite(folder)


def _on_sqlite(folder: Path) -> Restore:
    live, kept = str(connection.settings_dict["NAME"]), str(folder / "snapshot.sqlite3")
    copy_sqlite(live, kept)
    return lambda: copy_sqlite(kept, live)


def _on_postgresql() -> Restore:
    """The rows are kept in a second schema. Triggers and foreign keys are off while they are put back."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        cursor.execute("CREATE SCHEMA snapshot")
        for table in tables:
            cursor.execute(f'CREATE TABLE snapshot."{table}" AS TABLE public."{table}"')
        cursor.execute(
            "SELECT format('SELECT setval(%%L, %%s, %%L)', quote_ident(schemaname) || '.' || quote_ident(sequencename), "
            "coalesce(last_value, start_value), last_value IS NOT NULL) FROM pg_sequences WHERE schemaname = 'public'",
            [],
        )
        sequences = [row[0] for row in cursor.fetchall()]
    statements = [
        "SET LOCAL session_replication_role = replica",
        f"TRUNCATE {', '.join(f'public.{chr(34)}{table}{chr(34)}' for table in tables)}",
        *(f'INSERT INTO public."{table}" SELECT * FROM snapshot."{table}"' for table in tables),
        *sequences,
    ]

    def restore() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"BEGIN; {'; '.join(statements)}; COMMIT")

    return restore
