"""`regrow …` from a test: in this process where a command keeps nothing, else in a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from unittest.mock import patch

Finished = subprocess.CompletedProcess[str]


def run_command(*arguments: str) -> Finished:
    """Run a command that opens no database through the program's own entry point, without a new interpreter."""
    from regrow.cli.main import main

    out, errors, code = StringIO(), StringIO(), 0
    with redirect_stdout(out), redirect_stderr(errors), patch.object(sys, "argv", ["regrow", *arguments]):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Finished(arguments, code, out.getvalue(), errors.getvalue())


def run_process(*arguments: str, data: Path | None = None) -> Finished:
    """Run a command in a process of its own; with `data`, on the SQLite file of that folder."""
    return subprocess.run(
        [sys.executable, "-m", "regrow", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(clinic_at(data) if data else {})},
    )


def clinic_at(folder: Path) -> dict[str, str]:
    """The environment of a clinic whose SQLite file lies in `folder`."""
    return {"REGROW_DATA": str(folder), "REGROW_DATABASE_URL": f"sqlite:///{folder}/clinic.sqlite3"}


def put_empty_clinic(folder: Path) -> None:
    """Put a clinic's empty database, with all migrations applied, into `folder`."""
    shutil.copy(migrated_database(), folder / "clinic.sqlite3")


def put_clinic_with_director(folder: Path) -> None:
    """Put the database of a clinic with one account, `dora`, into `folder`."""
    shutil.copy(_database_with_director(), folder / "clinic.sqlite3")


@cache
def migrated_database() -> Path:
    """Return the SQLite file that `regrow migrate` makes where there is no folder yet; do not change it."""
    folder = Path(tempfile.mkdtemp(prefix="regrow-empty-")) / "new"
    done = run_process("migrate", data=folder)
    assert done.returncode == 0, done.stderr
    return folder / "clinic.sqlite3"


@cache
def _database_with_director() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="regrow-director-"))
    put_empty_clinic(folder)
    done = run_process("createadmin", "dora", "--password", "a long enough password", data=folder)
    assert done.returncode == 0, done.stderr
    return folder / "clinic.sqlite3"
