"""On PostgreSQL a backup is pg_dump's, and it is whole."""

import os
from pathlib import Path

import pytest

pytestmark = [pytest.mark.database]


@pytest.mark.django_db(transaction=False)
def test_a_backup_of_a_running_server_holds_every_table(tmp_path: Path) -> None:
    from django.db import connection

    from regrow.cli.backup import make_backup

    if connection.vendor == "sqlite":
        assert os.environ["REGROW_DATABASE_URL"].startswith("sqlite")  # SQLite's is in test_nothing_lost
        return
    make_backup(tmp_path / "clinic.dump")

    assert (tmp_path / "clinic.dump").read_bytes().startswith(b"PGDMP")
