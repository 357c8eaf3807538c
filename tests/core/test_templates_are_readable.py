"""Layout of templates, style sheets and scripts: short lines, one block element a line.

djlint checks the rest (`djlint --lint src`). Its formatter is not used: it cannot break a long line of running text,
and it removes a space at the start of `{% if %} · text{% endif %}`, which a reader sees.
"""

import re
from pathlib import Path

import pytest

import regrow

COLUMNS = 120
MOST_LINES = 400
BLOCKS = (
    r"address|article|aside|blockquote|body|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]"
    r"|head|header|html|legend|li|main|nav|ol|option|p|section|select|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
OPENS = re.compile(rf"<(?:{BLOCKS})(?=[\s>])")
DJANGO = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")

SOURCE = Path(regrow.__file__).parent
TEMPLATES = sorted(SOURCE.glob("**/templates/**/*.html"))
STYLES = sorted(SOURCE.glob("**/static/**/*.css"))
SCRIPTS = sorted(SOURCE.glob("**/static/**/*.js"))


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def numbered(path: Path) -> list[tuple[int, str]]:
    return list(enumerate(path.read_text(encoding="utf-8").split("\n"), start=1))


def test_files_are_found() -> None:
    assert len(TEMPLATES) > 90
    assert len(STYLES) > 20
    assert SCRIPTS


@pytest.mark.parametrize("path", [*TEMPLATES, *STYLES, *SCRIPTS], ids=name)
def test_lines_are_at_most_120_columns(path: Path) -> None:
    assert max(len(line) for _, line in numbered(path)) <= COLUMNS


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=name)
def test_a_style_sheet_or_script_is_short(path: Path) -> None:
    assert len(numbered(path)) <= MOST_LINES


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_is_type_checked_throughout(path: Path) -> None:
    lines = numbered(path)

    assert lines[0][1] == "// @ts-check"
    assert [number for number, line in lines if re.search(r"@ts-(ignore|expect-error|nocheck)", line)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_one_block_element_opens_on_a_line(path: Path) -> None:
    opened = {number: len(OPENS.findall(DJANGO.sub("", line))) for number, line in numbered(path)}

    assert max(opened.values()) <= 1, [number for number, count in opened.items() if count > 1]


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_a_line_holds_one_declaration(path: Path) -> None:
    text = re.sub(
        r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), path.read_text(encoding="utf-8"), flags=re.S
    )

    declared = {number: line.count(";") for number, line in enumerate(text.split("\n"), start=1)}
    assert max(declared.values()) == 1, [number for number, count in declared.items() if count > 1]
