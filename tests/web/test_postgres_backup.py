"""On PostgreSQL a backup is pg_dump's, and it can be put back into a new database."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

pytestmark = [pytest.mark.database]


@pytest.mark.django_db
def test_a_backup_of_a_running_server_can_be_restored(tmp_path: Path) -> None:
    from django.db import connection

    from regrow.cli.backup import make_backup

    if connection.vendor == "sqlite":
        assert os.environ["REGROW_DATABASE_URL"].startswith("sqlite")  # SQLite's is in test_nothing_lost
        return
    make_backup(tmp_path / "clinic.dump")
    assert (tmp_path / "clinic.dump").read_bytes().startswith(b"PGDMP")

    import psycopg

    place = connection.settings_dict
    name = f"restored_{uuid.uuid4().hex}"
    with psycopg.connect(
        host=place["HOST"], user=place["USER"], dbname="postgres", autocommit=True
    ) as server:
        server.execute(f"CREATE DATABASE {name}")
    url = os.environ["REGROW_DATABASE_URL"].replace("/postgres?", f"/{name}?")
    for arguments in (["restore", str(tmp_path / "clinic.dump")], ["audit", "verify"], ["migrate"]):
        done = subprocess.run(
            [sys.executable, "-m", "regrow", *arguments, "--database", url],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert (
        "not empty"
        in subprocess.run(
            [sys.executable, "-m", "regrow", "restore", str(tmp_path / "clinic.dump"), "--database", url],
            capture_output=True,
            text=True,
            check=False,
        ).stderr
    )
