"""A migration step that makes a table append-only, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only: add a correction instead'); END;
"""
POSTGRES = """
CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{table} is append-only: add a correction instead'; END $$;
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_refuse();
"""


def forbid_change(table: str) -> migrations.RunPython:
    """Refuse UPDATE and DELETE on `table`."""
    return migrations.RunPython(_forbid(table), _allow(table))


def allow_change(table: str) -> migrations.RunPython:
    """Lift the protection, for a migration that alters the table: SQLite recreates it and would lose the triggers."""
    return migrations.RunPython(_allow(table), _forbid(table))


def _forbid(table: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                editor.execute(SQLITE.format(table=table, verb=verb))
        else:
            editor.execute(POSTGRES.format(table=table))

    return run


def _allow(table: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                editor.execute(f"DROP TRIGGER {table}_no_{verb}")
        else:
            editor.execute(f"DROP TRIGGER {table}_no_change ON {table}")
            editor.execute(f"DROP FUNCTION {table}_refuse()")

    return run
