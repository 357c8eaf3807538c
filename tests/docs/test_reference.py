"""Generated reference pages match the code, and name everything that a reader can use."""

import re
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from regrow.knowledge import schema_names
from tests.content import knowledge

from .pages import DOCS, REFERENCE, ROOT, generator


def text_of(page: str) -> str:
    return (REFERENCE / page).read_text(encoding="utf-8")


def test_generated_pages_are_current() -> None:
    """A change of a command, address, role, content file or schema needs `python docs/generate.py`."""
    generate = generator()

    pages = generate.pages()

    assert pages
    assert [str(path.relative_to(ROOT)) for path in generate.stale(pages)] == []


def help_of(*path: str) -> str:
    """Return what `regrow … --help` prints."""
    return str(CliRunner().invoke(generator().typer_app(), [*path, "--help"], prog_name="regrow").output)


def shown_commands(*path: str) -> Iterator[tuple[str, ...]]:
    """Yield each command that `--help` itself lists, groups first."""
    for name in re.findall(r"^  ([a-z]+)", help_of(*path).partition("Commands:\n")[2], flags=re.M):
        yield (*path, name)
        if "Commands:\n" in help_of(*path, name):
            yield from shown_commands(*path, name)


def test_every_command_is_documented_with_its_options() -> None:
    sections = dict(
        re.findall(r"^#+ regrow ([a-z ]+)\n\n```text\n(.*?)^```$", text_of("cli.md"), flags=re.M | re.S)
    )
    shown = [" ".join(path) for path in shown_commands()]

    assert sorted(sections) == sorted(shown)
    for name in ("dosing suggest", "serve", "trial run"):
        options = set(re.findall(r"(?<!\S)--[a-z-]+", help_of(*name.split())))
        assert options and options <= set(re.findall(r"(?<!\S)--[a-z-]+", sections[name])), name


def test_every_variable_the_code_reads_is_documented_and_no_other() -> None:
    generate = generator()
    documented = set(re.findall(r"`(REGROW_[A-Z_]+)`", text_of("settings.md")))

    assert documented == set(generate.variables())


def test_every_content_kind_is_documented_with_its_files() -> None:
    sections = dict(
        re.findall(r"^## ([a-z_]+)\n(.*?)(?=^## |\Z)", text_of("content-kinds.md"), flags=re.M | re.S)
    )

    assert set(sections) == set(knowledge.kinds())
    for kind in knowledge.kinds():
        files = set(re.findall(r"^\| `([^`]+)` \|", sections[kind], flags=re.M))
        assert files == set(knowledge.ids(kind)), kind


def test_every_file_format_is_documented() -> None:
    assert re.findall(r"^## (\S+)$", text_of("file-formats.md"), flags=re.M) == list(schema_names())


@pytest.mark.parametrize(
    "line", [line for line in text_of("page-access.md").splitlines() if line.startswith("| `/")]
)
def test_a_documented_address_is_open_to_exactly_the_documented_roles(line: str) -> None:
    """Compare each row with the mark on the view itself."""
    generate = generator()
    url, *marks, name = [cell.strip() for cell in line.strip("|").split("|")]
    mark = next(
        found for address, route, found in generate.routes() if (f"`{address}`", route) == (url, name)
    )
    named = list(generate.roles())

    if marks:
        assert {str(role) for role in mark.roles} == {r for r, cell in zip(named, marks, strict=True) if cell}
    else:
        assert not mark.roles


def test_every_address_is_documented() -> None:
    documented = set(re.findall(r"^\| `(/[^`]*)` \|", text_of("page-access.md"), flags=re.M))

    assert documented == {address for address, _, _ in generator().routes()}


def test_the_generator_reports_a_stale_page(tmp_path, monkeypatch) -> None:
    generate = generator()
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    page = tmp_path / "cli.md"
    page.write_text(f"# Commands\n\n{generate.NOTE}\n\nold\n", encoding="utf-8")

    assert generate.stale({page: "new"}) == [page]
    assert generate.stale({}) == [page], "a page that is no longer generated is stale too"


def test_the_calibration_page_shows_the_labels_of_the_content_files() -> None:
    """`regrow model calibrate` prints the page; a relabeled figure or parameter needs the same text there."""
    page = (DOCS / "calibration.md").read_text(encoding="utf-8")
    start = knowledge.effect_parameters("start")
    table = page.split("|---|---|---|---|---|---|---|---|---|\n")[1].split("\n\n")[0]
    shown = [tuple(cell.strip() for cell in line.strip("|").split("|")[:3]) for line in table.splitlines()]
    parameters = dict(re.findall(r"^\| `(\w+)`: (.*?) \|", page, flags=re.M))

    assert shown == [(f.study, f.text, f.group) for f in knowledge.calibration().figures]
    assert len(parameters) > 20
    assert parameters == {name: start.entries[name].text for name in parameters}
