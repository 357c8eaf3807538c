"""A migration step that makes a table append-only, on SQLite and on PostgreSQL."""

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
    """Refuses UPDATE and DELETE on `table`."""

    def forwards(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                editor.execute(SQLITE.format(table=table, verb=verb))
        else:
            editor.execute(POSTGRES.format(table=table))

    def backwards(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                editor.execute(f"DROP TRIGGER {table}_no_{verb}")
        else:
            editor.execute(f"DROP TRIGGER {table}_no_change ON {table}")
            editor.execute(f"DROP FUNCTION {table}_refuse()")

    return migrations.RunPython(forwards, backwards)
