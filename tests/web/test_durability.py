"""Whole facts or none: a killed process, a backup while writing, a restore. On a real file, by real processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shell import Finished, clinic_at, put_clinic_with_director, put_empty_clinic, run_process

WRITER = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "regrow.web.platform.settings"
django.setup()
from regrow.web.accounts.models import User
from regrow.web.audit import log
from regrow.web.patients.services import new_patient, record
from regrow.web.platform.database import writing
owner = User.objects.get()
print("ready", flush=True)
n = 0
while True:
    with writing():
        patient = new_patient(name=f"Person {n}", owner=owner)
        record(patient, "condition", {"text": "one"}, author="x")
        record(patient, "condition", {"text": "two"}, author="x")
        log.append(who="x", role="", action="write", what="both", patient=str(patient.id))
    n += 1
"""


def shell(folder: Path, *arguments: str) -> Finished:
    return run_process(*arguments, data=folder)


@pytest.fixture
def writer(tmp_path: Path):
    put_clinic_with_director(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER],
        env={**os.environ, **clinic_at(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait()


def whole_facts(path: Path) -> int:
    """The number of people, each with both facts and their audit row."""
    with sqlite3.connect(path) as db:
        people = db.execute("SELECT count(*) FROM patients_patient").fetchone()[0]
        facts = db.execute("SELECT count(*) FROM patients_clinicalfact").fetchone()[0]
        rows = db.execute("SELECT count(*) FROM audit_auditrow WHERE what = 'both'").fetchone()[0]
    assert (2 * people, people) == (facts, rows)
    return people


@pytest.mark.parametrize("after_ms", [50, 137, 291])
def test_a_kill_at_any_moment_leaves_whole_facts(writer, tmp_path: Path, after_ms: int) -> None:
    time.sleep(after_ms / 1000)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()

    assert whole_facts(tmp_path / "clinic.sqlite3") > 0
    assert shell(tmp_path, "audit", "verify").returncode == 0


def test_a_backup_made_while_the_clinic_writes_can_be_restored(writer, tmp_path: Path) -> None:
    time.sleep(0.2)
    made = shell(tmp_path, "backup", str(tmp_path / "copy.sqlite3"))
    assert made.returncode == 0, made.stderr
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    restored = shell(elsewhere, "restore", str(tmp_path / "copy.sqlite3"))

    assert restored.returncode == 0, restored.stderr
    assert whole_facts(elsewhere / "clinic.sqlite3") > 0
    assert "are intact" in shell(elsewhere, "audit", "verify").stdout


def test_neither_backup_nor_restore_overwrites(tmp_path: Path) -> None:
    put_empty_clinic(tmp_path)
    (tmp_path / "there").write_text("precious")

    assert "exists" in shell(tmp_path, "backup", str(tmp_path / "there")).stderr
    assert "exists" in shell(tmp_path, "restore", str(tmp_path / "there")).stderr
    assert (tmp_path / "there").read_text() == "precious"


@pytest.mark.parametrize("script", ["", "CREATE TABLE x (a)"])
def test_a_file_that_is_no_backup_is_not_restored(tmp_path: Path, script: str) -> None:
    with sqlite3.connect(tmp_path / "other") as other:
        other.executescript(script)
    done = shell(tmp_path, "restore", str(tmp_path / "other"))
    assert done.returncode == 2 and "is not a backup of Regrow" in done.stderr
    assert not (tmp_path / "clinic.sqlite3").exists()
