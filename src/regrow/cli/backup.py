"""Back up and restore the whole database, online."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import connection

OURS = {"django_migrations", "audit_auditrow"}  # in every clinic's database


class BackupFailed(Exception):
    """A backup or restore failed. The text names the reason and the fix."""


def make_backup(file: Path) -> None:
    """Copy the database with SQLite's online backup or pg_dump. The file appears only when complete."""
    if file.exists():
        raise BackupFailed(f"{file} exists; choose another name, a backup never overwrites one")
    if not file.parent.is_dir():
        raise BackupFailed(f"there is no folder {file.parent}; create it first")
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    if connection.vendor == "sqlite":
        source = Path(connection.settings_dict["NAME"])
        if not source.exists():
            raise BackupFailed(f"there is no database at {source}")
        with sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True) as live, sqlite3.connect(part) as copy:
            live.backup(copy)
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupFailed("the copy is incomplete; try again, and keep the last good backup")
    else:
        _postgres("pg_dump", ["--format=custom", f"--file={part}"])
    part.replace(file)


def restore_backup(file: Path) -> None:
    """Restore into an empty database only; existing data are never overwritten."""
    if not file.is_file():
        raise BackupFailed(f"there is no backup {file}")
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        if target.exists():
            raise BackupFailed(f"{target} exists; move it away first, a restore never overwrites a database")
        try:
            with sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True) as copy:
                if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    raise BackupFailed(f"{file} is damaged; use an earlier backup")
                tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
                if not tables.issuperset(OURS):
                    raise BackupFailed(f"{file} is not a backup of Regrow: it holds none of its tables")
                with sqlite3.connect(target) as live:
                    copy.backup(live)
        except sqlite3.DatabaseError as mistake:
            target.unlink(missing_ok=True)
            raise BackupFailed(f"{file} is not a backup of Regrow: {mistake}") from mistake
    else:
        if connection.introspection.table_names():
            raise BackupFailed("the database is not empty; restore into a new one")
        _postgres(
            "pg_restore",
            ["--no-owner", "--exit-on-error", f"--dbname={connection.settings_dict['NAME']}", str(file)],
        )


def _postgres(program: str, arguments: list[str]) -> None:
    path = os.environ.get("REGROW_PG_BIN")
    found = shutil.which(program, path=path) if path else shutil.which(program)
    if not found:
        raise BackupFailed(f"{program} is not on this machine; install PostgreSQL's client tools")
    place = connection.settings_dict
    environment = {**os.environ, "PGPASSWORD": place["PASSWORD"], "PGDATABASE": place["NAME"]}
    for name, key in (("PGHOST", "HOST"), ("PGPORT", "PORT"), ("PGUSER", "USER")):
        if place[key]:
            environment[name] = str(place[key])
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"{program} did not finish: {done.stderr.strip()}")
