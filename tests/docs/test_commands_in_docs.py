"""Commands printed in the documentation exist, and those of the README that only read run."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import ROOT, code_lines, generated, generator, inline_code, markdown_files

README = (ROOT / "README.md").read_text(encoding="utf-8")
# What a test does not run, and why.
NOT_RUN = {
    "demo": "serves until it is stopped; tests/docs/test_wheel.py runs it",
    "test": "is this suite",
    "import": "writes a chart from a file that the reader brings",
}


def regrow_lines(text: str) -> list[list[str]]:
    """Return the arguments of each `./regrow …` or `regrow …` line, comments and environment variables removed."""
    found = []
    for line in [*code_lines(text), *(c for c in inline_code(text) if "regrow " in c)]:
        words = (
            shlex.split(line, comments=True) if line.count('"') % 2 == 0 and "'" not in line else line.split()
        )
        while words and "=" in words[0]:
            words = words[1:]
        if words and words[0] in ("./regrow", "regrow"):
            found.append(words[1:])
    return found


RUN = [words for words in regrow_lines(README) if words and words[0] not in NOT_RUN and words[0] != "--help"]


@pytest.mark.parametrize("arguments", RUN, ids=lambda arguments: " ".join(arguments[:2]))
def test_a_command_of_the_readme_runs(arguments: list[str], tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("REGROW_")} | {
        "REGROW_DATA": str(tmp_path)
    }
    done = subprocess.run(
        [sys.executable, "-m", "regrow", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_the_readme_shows_at_least_six_commands_that_run() -> None:
    assert len(RUN) >= 6


PAGES = [path for path in markdown_files() if not generated(path)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_exist(page: Path) -> None:
    """Each `regrow …` in the documentation names a command of the shell, and options of that command."""
    import typer

    root = typer.main.get_command(generator().typer_app())
    unknown = []
    for words in regrow_lines(page.read_text(encoding="utf-8")):
        command, rest = root, words
        while rest and hasattr(command, "commands") and rest[0] in command.commands:
            command, rest = command.commands[rest[0]], rest[1:]
        options = {"--help", *(option for p in command.params for option in (*p.opts, *p.secondary_opts))}
        wrong = [word for word in rest if word.startswith("--") and word.split("=")[0] not in options]
        placeholder = not rest or rest[0] in ("COMMAND", "…") or rest[0].startswith("--")
        if wrong or (hasattr(command, "commands") and not placeholder):
            unknown.append(" ".join(["regrow", *words]))

    assert unknown == []
