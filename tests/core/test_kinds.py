"""A kind of content file is one module and one JSON Schema of the same name, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import regrow.knowledge
from regrow.knowledge import schema_names
from regrow.knowledge.kinds import KINDS

PACKAGE = Path(regrow.knowledge.__file__).parent
# Formats of what Regrow reads from elsewhere and stores; no content files.
FORMATS = {"answers", "bundle", "chart", "course", "session-event"}
KIND = '''
"""A greeting."""

from dataclasses import dataclass

from regrow.knowledge.kind import Kind


@dataclass(frozen=True)
class Greeting:
    words: str


def read(raw):
    return Greeting(raw["words"])


def check(files, document, greeting):
    if greeting.words not in files.ids("scale"):
        yield ["words"], f"there is no scale {greeting.words!r}."


KIND = Kind(id="greeting", folder="greetings", label="Greeting", read=read, check=check)
'''
SCHEMA = """{"type": "object", "required": ["id", "version", "effective", "words"], "additionalProperties": false,
"properties": {"id": {"type": "string"}, "version": {"type": "integer"}, "effective": {"type": "string"},
"words": {"type": "string"}}}"""
READ = """
from datetime import date
from pathlib import Path
import sys
from regrow.knowledge.repository import DATA
from regrow.knowledge import Knowledge

knowledge = Knowledge.load(Path(sys.argv[1]), date(2026, 11, 24))
print(*knowledge.problems())
print(*(document.contents["words"] for document in knowledge.documents("greeting")))
"""


def test_every_kind_has_its_schema_its_module_and_its_folder() -> None:
    assert set(KINDS) | FORMATS == set(schema_names())
    assert {path.stem for path in (PACKAGE / "kinds").glob("[!_]*.py")} == set(KINDS)
    folders = [kind.folder for kind in KINDS.values()]
    assert len(set(folders)) == len(folders)
    for kind in KINDS.values():
        assert list((PACKAGE / "data" / kind.folder).glob("*.yaml")), kind.folder
        assert kind.read.__module__ == f"regrow.knowledge.kinds.{kind.id}"


def test_every_folder_of_content_belongs_to_a_kind() -> None:
    folders = {str(path.parent.relative_to(PACKAGE / "data")) for path in PACKAGE.glob("data/**/*.yaml")}

    assert folders == {kind.folder for kind in KINDS.values()}


def test_a_module_and_a_schema_add_a_kind(tmp_path: Path) -> None:
    """A copy of the package with two more files reads, checks and lists the new kind."""
    copy = tmp_path / "regrow" / "knowledge"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE.parent / "__init__.py", tmp_path / "regrow")
    (copy / "kinds" / "greeting.py").write_text(KIND, encoding="utf-8")
    (copy / "schemas" / "greeting.json").write_text(SCHEMA, encoding="utf-8")
    clinic = tmp_path / "clinic" / "greetings"
    clinic.mkdir(parents=True)
    for id, words in (("good", "phq-9"), ("bad", "hello")):
        text = f"id: {id}\nversion: 1\neffective: 2026-11-01\nwords: {words}\n"
        (clinic / f"{id}.yaml").write_text(text, encoding="utf-8")

    told = subprocess.run(
        [sys.executable, "-c", READ, str(clinic.parent)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
    ).stdout.splitlines()

    assert told == ["bad.yaml:4: there is no scale 'hello'. It is not in use.", "phq-9"]
