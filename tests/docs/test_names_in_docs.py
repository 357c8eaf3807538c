"""Files, packages and names that the documentation mentions exist."""

import importlib
import re
import subprocess
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from .pages import DOCS, ROOT, generated, generator, inline_code, markdown_files

PATH = re.compile(r"^(\.?[a-zA-Z_][\w.-]*/)+[\w.*{},-]*$")
TOP = {path.name for path in ROOT.iterdir()}
DATA = ROOT / "src" / "regrow" / "knowledge" / "data"
# Text in backticks that looks like a path and is none of the repository's, and why.
EXAMPLES = {
    "application/hl7-v2": "a content type",
    "limit-catalog/our-limits.yaml": "a recipe: the reader creates it",
    "scales/who-5.yaml": "a recipe: the reader creates it",
    "medicines/our-medicines.yaml": "a recipe: the reader creates it",
    "candidacy/criteria/cardiac-device.yaml": "a recipe: the reader creates it",
}
HAND_WRITTEN = [path for path in markdown_files() if not generated(path)]


def candidates(path: str) -> Sequence[Path]:
    """Return where a path in the documentation may be: the repository, or the folder its first part names."""
    places = [ROOT / path, ROOT / "src" / "regrow" / path, DATA / path, DATA.parent / path, DOCS / path]
    return [*places, ROOT / "src" / "regrow" / "web" / path]


def mentioned_paths(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [
        token
        for token in inline_code(text)
        if PATH.match(token) and token.split("/")[0] not in ("http:", "https:")
    ]


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_exist(page: Path) -> None:
    missing = []
    for token in mentioned_paths(page):
        if token in EXAMPLES or any(word in token for word in ("<", "{", "*")):
            continue
        if not any(place.exists() for place in candidates(token)):
            missing.append(token)

    assert missing == []


def test_dotted_names_exist() -> None:
    names = [
        (str(page.relative_to(ROOT)), token)
        for page in HAND_WRITTEN
        for token in inline_code(page.read_text(encoding="utf-8"))
        if re.fullmatch(r"regrow(\.\w+)+", token)
    ]

    assert names
    assert [(page, name) for page, name in names if not _exists(name)] == []


def _exists(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_environment_variables_in_the_docs_are_read_by_the_code() -> None:
    read = set(generator().variables())
    named = {
        (str(page.relative_to(ROOT)), name)
        for page in HAND_WRITTEN
        for name in re.findall(r"\bREGROW_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8"))
    }

    assert sorted(entry for entry in named if entry[1] not in read) == []


def test_addresses_of_the_site_in_the_docs_exist() -> None:
    known = {address for address, _, _ in generator().routes()}
    named = {
        (str(page.relative_to(ROOT)), token)
        for page in HAND_WRITTEN
        for token in inline_code(page.read_text(encoding="utf-8"))
        if re.fullmatch(r"/[a-z0-9/-]+/", token)
    }

    assert named
    assert sorted(entry for entry in named if entry[1] not in known) == []


def test_packages_of_the_architecture_page_are_the_packages_of_the_code() -> None:
    tree = (
        (DOCS / "architecture.md").read_text(encoding="utf-8").split("    src/regrow/\n")[1].split("\n\n")[0]
    )
    core = set(re.findall(r"^ {6}(\w+)/", tree, flags=re.M))
    web = set(re.findall(r"^ {8}(\w+)/", tree, flags=re.M))
    web |= set(re.findall(r"^ {8}\w.*?\S[ ]+(\w+)/ ", tree, flags=re.M))

    assert core == packages(ROOT / "src" / "regrow")
    assert web == packages(ROOT / "src" / "regrow" / "web")


def packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


@pytest.mark.parametrize(("first", "prefix"), [("knowledge", "regrow."), ("platform", "regrow.web.")])
def test_layers_of_the_architecture_page_are_those_that_import_linter_enforces(
    first: str, prefix: str
) -> None:
    """A contract lists the layers of the core, another those of the web application, both from top to bottom."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8").split(f"    {first} <")[1].split("\n\n")[0]
    shown = [{name.strip() for name in layer.split(",")} for layer in f"{first} <{text}".split("<")]
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (layers,) = [
        c["layers"] for c in contracts if c["type"] == "layers" and f"{prefix}{first}" in c["layers"]
    ]
    enforced = [{name.strip().removeprefix(prefix) for name in re.split(r"[|:]", layer)} for layer in layers]

    assert shown == [layer for layer in enforced[::-1] if layer != {"urls"}]


@cache
def words_of_the_code() -> frozenset[str]:
    """Return every word in the package's code and content."""
    files = subprocess.run(
        ["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    words: set[str] = set()
    for name in files.splitlines():
        path = ROOT / name
        if path.suffix in (".py", ".yaml", ".js", ".json", ".html"):
            words |= set(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
            words |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        words |= set(path.parts) | {path.stem}
    return frozenset(words)


def glossary_names() -> list[str]:
    rows = re.findall(
        r"^\| (?!term|---)[^|]+\|[^|]+\|([^|]+)\|", (DOCS / "glossary.md").read_text("utf-8"), flags=re.M
    )
    return [token for cell in rows for token in re.findall(r"`(\w+)`", cell)]


def test_code_names_of_the_glossary_occur_in_the_code() -> None:
    assert len(glossary_names()) > 40
    assert [name for name in glossary_names() if name not in words_of_the_code()] == []


def test_search_words_of_find_your_way_lead_to_their_file() -> None:
    """The word in the second column occurs in the first file of the third."""
    rows = re.findall(
        r"^\| [^|]+ \| `(\w+)`[^|]* \| `(src/[\w/.-]+)`",
        (DOCS / "find-your-way.md").read_text("utf-8"),
        flags=re.M,
    )
    missing = [
        (word, name)
        for word, name in rows
        if not (ROOT / name).is_file() or word not in (ROOT / name).read_text(encoding="utf-8")
    ]

    assert len(rows) > 10
    assert missing == []


def test_the_demo_tour_names_people_of_the_demo_clinic() -> None:
    """Every login and every patient of the tour is one that `regrow demo` creates."""
    tour = (DOCS / "demo-tour.md").read_text(encoding="utf-8")
    demo = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/regrow").glob("*/demo/*.py"))
    logins = re.findall(r"^\| (`.+?`) \|", tour, flags=re.M)
    patients = {
        "Amara Diallo",
        "Ingrid Solberg",
        "Nadia Petrova",
        "Andre Baptiste",
        "Sofia Lindqvist",
        "Samir Haddad",
    }

    assert [name for cell in logins for name in re.findall(r"`(\w+)`", cell) if f'"{name}"' not in demo] == []
    assert [name for name in patients if name not in tour or name not in demo] == []
