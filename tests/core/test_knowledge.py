"""Every file is in order, and a bad one is refused with its line."""

from datetime import date
from pathlib import Path

import pytest

from regrow import knowledge
from regrow.knowledge.files import read


def test_every_file_is_in_order() -> None:
    assert list(knowledge.check(date(2026, 11, 24))) == []


def test_a_file_from_the_future_is_not_in_force() -> None:
    assert any("is in the future" in problem for problem in knowledge.check(date(2020, 1, 1)))


def test_each_learning_page_takes_its_figures_from_the_evidence() -> None:
    """A percentage typed into a text would have no source; it must come by key."""
    import re

    for id in knowledge.ids("learn"):
        for section in knowledge.learn_page(id).sections:
            for key in re.findall(r"\{([\w-]+)", section.text):
                assert key in knowledge.figures(), f"{id}: {key}"
            assert "%" not in section.text, f"{id}: a figure without a key in {section.title!r}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: a\nid: b\n", r"bad\.yaml:2: .*duplicate key"),
        ("id: [", r"bad\.yaml:\d+: "),
        (
            "id: sources\nversion: zero\neffective: 2026-01-01\nsources: {}\n",
            r"bad\.yaml:2: version: 'zero' is not",
        ),
        ("id: sources\nversion: 1\neffective: soon\nsources: {}\n", r"bad\.yaml:3: effective"),
        ("id: sources\nversion: 1\neffective: 2026-01-01\nsources: {}\ncolour: red\n", "colour"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(knowledge.BadKnowledge, match=words):
        read(path, "sources")


def test_no_is_a_word_and_not_false(tmp_path: Path) -> None:
    """YAML 1.1 would read `no` as False."""
    path = tmp_path / "sources.yaml"
    path.write_text(
        'id: no\nversion: 1\neffective: 2026-01-01\nsources: {a: {title: "no", where: no}}\n',
        encoding="utf-8",
    )

    assert read(path, "sources")["sources"]["a"] == {"title": "no", "where": "no"}


def test_safety_limits_ship_empty() -> None:
    assert set(knowledge.protocol("iv-weekly-6").unset_limits) == set(knowledge.Limits.names())
