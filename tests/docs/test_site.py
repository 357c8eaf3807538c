"""The documentation site builds without a warning and loads nothing from other hosts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built in strict mode: a broken link, a missing page or an unknown name is an error."""
    folder: Path = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_pages_load_nothing_from_other_hosts(site: Path) -> None:
    """Scripts, styles, fonts and images come with the site; links that a reader may click are allowed."""
    loaded = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"'\s>]+)""")
    found = {
        (path.name, address)
        for path in site.rglob("*.html")
        for address in loaded.findall(path.read_text(encoding="utf-8"))
    }
    styles = [
        address
        for path in site.rglob("*.css")
        for address in re.findall(r"url\((https?:[^)]+)\)", path.read_text("utf-8"))
    ]

    assert (found, styles) == (set(), [])


def test_the_api_pages_show_docstrings(site: Path) -> None:
    page = (site / "reference" / "api" / "scales.html").read_text(encoding="utf-8")

    assert "days_before" in page
    assert len(re.findall(r'class="doc doc-heading"', page)) > 10


def test_top_level_files_are_pages(site: Path) -> None:
    for page in ("changelog.html", "security.html", "contributing/index.html"):
        assert (site / page).is_file()
    assert 'href="../find-your-way.html"' in (site / "contributing" / "index.html").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (("discharge", "checklists.py"), "find-your-way.html"),
        (("payer", "criterion", "kind"), "contributing/adding-content.html#a-payer"),
        (("role", "refuses", "middleware"), "reference/page-access.html"),
        (("acknowledging", "escalation"), "messages.html"),
        (("infusion", "--vial-mg-per-ml"), "reference/cli.html"),
    ],
)
def test_a_question_is_one_search_and_one_click_away(site: Path, words: tuple[str, ...], page: str) -> None:
    """The search index has an entry of that page which contains every word."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    found = [
        entry["location"]
        for entry in index
        if all(word.lower() in f"{entry['title']} {entry['text']}".lower() for word in words)
    ]

    assert [location for location in found if location.startswith(page)], found
