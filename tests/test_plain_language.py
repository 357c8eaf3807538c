"""Python sources use plain US English and the field's terms.

Three word lists: sentences (string literals with a space), docstrings and comments, and names of functions and
classes.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "regrow"

SENTENCE = re.compile(
    r"\b(somebody|nobody|whoever|anybody|everybody)\b|\bthe house\b|\bin peace\b|\bput off\b|\bcall(ed)? (it )?off\b"
    r"|\bfirst talk\b|\b(our|the|this|no) talk\b|\bwe talk\b|\bhour of talk\b|\btake away\b|\bgoes? (on|further)\b"
    r"|\bby itself\b|\bas always\b|\bon (their|his|her) way\b(?! home)|\b(lies?|lay) (ahead|apart)\b"
    r"|\bstands? (in|under|beside|there|against|here|on)\b|\b(was|were|been|is) told\b|\bkept (with|in|on|at)\b"
    r"|\bwhat became of\b|\bwrite down\b|\badd up\b|\bthe spray\b|\bthe drip\b|\bdrip\b|\bwaits? (for|until)\b"
    r"|\b(nothing is lost|nothing was lost|no hurry|cross with you|pass water|watched over|another door|side by side"
    r"|meanwhile)\b|\b(authoris|recognis|organis|normalis)\w*|\be-mail\b|\bgood-bye\b",
    re.IGNORECASE,
)
COMMENT = re.compile(
    r"\b(somebody|nobody|whoever|anybody|everybody)\b|\b(stands?|stood|told|borne|reckon(s|ed)?|shelf|knocks?|rungs?"
    r"|climbs?|tellings?)\b|\bthe house\b|\bone's own\b|\bsays? (who|that it)\b|\blooks? around\b|\bheld against\b"
    r"|\bcarried as\b|\bby itself\b|\bfirst talk\b|\bthe talk\b|\bput off\b|\bcalled off\b|\bmeanwhile\b",
    re.IGNORECASE,
)
NAME = re.compile(
    r"_{0,2}(told|tell|heard|hears?|carry|take|keep|kept|stand(ing)?|borne|given|reckon|climb\w*|knock\w*|shelf|rung\w*"
    r"|seat\w*|goes_round|does|made|word|way)"
)

# Part of a text that is right where it stands, and why.
ALLOWED = {
    "`told`": "names a field of the chart lanes, which is part of the page's data",
}
# Names of functions that are right, and why.
ALLOWED_NAMES: dict[str, str] = {}


def package_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return "/".join(parts[: 2 if parts[0] == "web" and len(parts) > 2 else 1])


def pieces(path: Path) -> Iterator[tuple[str, int, str]]:
    """Kind (comment, sentence or name), line and text of everything a reader of the file sees."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            docstrings.add(first.lineno)
            yield "comment", first.lineno, ast.get_docstring(node) or ""
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield "name", node.lineno, node.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.lineno not in docstrings:
            yield "sentence", node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield "comment", token.start[0], token.string


def broken(kind: str, text: str) -> list[str]:
    """The words of a text that its list forbids."""
    if kind == "name":
        return [text] if NAME.fullmatch(text) and text not in ALLOWED_NAMES else []
    for part in ALLOWED:
        text = text.replace(part, "")
    if kind == "sentence":
        return [found[0] for found in SENTENCE.finditer(text)] if " " in text else []
    return [found[0] for found in COMMENT.finditer(text)]


def files() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


FOUND = [
    (package_of(path), f"{path.relative_to(SOURCE)}:{line}", kind, word)
    for path in files()
    for kind, line, text in pieces(path)
    for word in broken(kind, text)
]


def test_all_packages_are_read() -> None:
    assert {"dosing", "session", "cli", "web/treatment", "web/portal"} <= {package_of(p) for p in files()}
    kinds = Counter(kind for path in files() for kind, _, _ in pieces(path))
    assert min(kinds["comment"], kinds["sentence"], kinds["name"]) > 1000


@pytest.mark.parametrize("package", sorted({package_of(path) for path in files()}))
def test_a_package_has_none_of_these_words(package: str) -> None:
    assert package in {package_of(path) for path in files()}
    assert [where for where in FOUND if where[0] == package] == []


def test_every_exception_is_needed() -> None:
    texts = [(kind, text) for path in files() for kind, _, text in pieces(path)]
    whole = "\n".join(text for kind, text in texts if kind != "name")
    assert [part for part in ALLOWED if part not in whole] == []
    names = {text for kind, text in texts if kind == "name"}
    assert [name for name in ALLOWED_NAMES if name not in names] == []


TEST_NAME = re.compile(
    r"_(somebody|nobody|whoever|anybody|everybody|told|tells?|stands?|talks?|meanwhile|speaks?|spoken|laid|reckoned|said|whom"
    r"|put_off|putting_off|goes_on|taken_away|called_off|the_house)(?=_|$)"
)


def test_names_of_tests_use_plain_words() -> None:
    names = [
        node.name
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert len(names) > 700
    assert [name for name in names if TEST_NAME.search(name)] == []


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("sentence", "Somebody from the clinic has been told."),
        ("sentence", "Give a day that lies ahead"),
        ("sentence", "prior authorisation by e-mail"),
        ("comment", "What the house has"),
        ("comment", "Names work that looks around every so often."),
        ("name", "told"),
        ("name", "_take"),
        ("name", "climb_all"),
    ],
)
def test_the_lists_find_what_they_are_for(kind: str, bad: str) -> None:
    assert broken(kind, bad)


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        ("sentence", "told"),
        ("sentence", "Enter a date in the future."),
        ("name", "take_photo"),
        ("name", "given_name"),
    ],
)
def test_the_lists_accept_plain_words(kind: str, good: str) -> None:
    assert broken(kind, good) == []
