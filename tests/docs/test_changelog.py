"""Changelog fragments have a reader, towncrier can collect them, and the version is the newest section's."""

import re
import subprocess
import sys
import tomllib

from regrow import __version__

from .pages import ROOT

FRAGMENTS = ROOT / "changelog.d"
READERS = ("patients", "front-desk", "nurses", "prescribers", "directors", "developers")
NAME = re.compile(rf"(\d+|\+[\w-]+)\.({'|'.join(READERS)})\.md")


def test_fragments_have_a_valid_name_and_say_something() -> None:
    others = {"README.md", "template.md.jinja"}
    files = [path for path in FRAGMENTS.iterdir() if path.name not in others]

    assert others <= {path.name for path in FRAGMENTS.iterdir()}  # after a release there is no fragment
    assert [path.name for path in files if not NAME.fullmatch(path.name)] == []
    assert [path.name for path in files if not path.read_text(encoding="utf-8").strip()] == []


def test_towncrier_knows_exactly_these_readers() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        towncrier = tomllib.load(file)["tool"]["towncrier"]

    assert tuple(kind["directory"] for kind in towncrier["type"]) == READERS
    assert towncrier["start_string"] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_towncrier_collects_a_fragment_under_its_reader(tmp_path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "changelog.d").mkdir()
    template = "template.md.jinja"
    (tmp_path / "changelog.d" / template).write_bytes((FRAGMENTS / template).read_bytes())
    (tmp_path / "changelog.d" / "12.nurses.md").write_text(
        "Pause shows the time since the pause.\n", encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "towncrier",
        "build",
        "--yes",
        "--version",
        "9.9.0",
        "--date",
        "2027-01-02",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    text = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## 9.9.0, 2027-01-02\n\n### For nurses\n\n- Pause shows the time since the pause. (#12)\n" in text
    assert text.index("## 9.9.0") < text.index(f"## {__version__}")
    assert not (tmp_path / "changelog.d" / "12.nurses.md").exists()


def test_the_newest_section_is_the_packages_version() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    newest = re.findall(r"^## (\S+?),", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.M)[0]

    assert version == newest == __version__
