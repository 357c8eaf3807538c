"""The documentation is written in plain US English: no private vocabulary, British spelling or day-month dates.

Code, link targets and generated pages are not prose: the texts of generated pages come from the command line, the content files
and the schemas, and are checked there. The rules and their reasons are in docs/contributing/writing.md.
"""

import re
from pathlib import Path

import pytest

from .pages import ROOT, generated, markdown_files, prose

RULES = {
    "vague actor": r"\b(somebody|nobody|whoever|anybody|everybody)\b",
    "private vocabulary": (
        r"\b(shelf|borne|reckon(s|ed)?|rungs?|knocks?|climbs?|tellings?|stood|told|stands?)\b|\bthe house\b|\bone's own\b"
        r"|\bsays? (who|that it)\b|\blooks? around\b|\bheld against\b|\bcarried as\b|\bby itself\b|\bin peace\b|\bput off\b"
        r"|\bcall(ed)? (it )?off\b|\b(first|our|the|this|no) talk\b|\bwe talk\b|\btake away\b|\bgoes? (on|further)\b"
        r"|\bas always\b|\bon (their|his|her) way\b(?! home)|\b(lies?|lay) (ahead|apart)\b|\bkept (with|in|on|at)\b"
        r"|\bwhat became of\b|\bwrite down\b|\badd up\b|\bin force\b|\bthe (spray|drip)\b|\bwaits? (for|until)\b"
        r"|\b(nothing is lost|no hurry|pass water|watched over|another door|meanwhile)\b"
    ),
    "British spelling": (
        r"\b\w*(authoris|summaris|recognis|organis(?!m)|normalis|randomis|individualis)\w*"
        r"|\b(favour|colour|behaviour|programme|licence|apnoea|haemorrhage|anaesth\w*|oedema|cancelled|labelled|modelled"
        r"|centre|catalogue|acknowledgement|judgement)\w*\b|\be-mail\b"
    ),
    "date or number": (
        r"\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\b\d+ %|\bDr [A-Z]|\bµg\b|\bo'clock\b"
    ),
    "suicide": r"\b(commit(ted|s)? suicide|(successful|failed|unsuccessful|completed) (suicide|attempt)|wants? to die)\b",
    "working note": r"\b(recalled|to be checked|to be read again|TODO|FIXME)\b",
}
# (file, rule, text) that is allowed, and why.
ALLOWED: dict[tuple[str, str, str], str] = {
    (
        "docs/clinical-data.md",
        "working note",
        "to be checked",
    ): "says what the evidence grade R obliges the clinic to do",
}


@pytest.mark.parametrize(
    "page", [p for p in markdown_files() if not generated(p)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_prose_follows_the_writing_guide(page: Path) -> None:
    name = str(page.relative_to(ROOT))
    found = []
    for number, line in enumerate(prose(page.read_text(encoding="utf-8")).splitlines(), 1):
        for rule, pattern in RULES.items():
            for match in re.finditer(pattern, line, flags=0 if rule == "date or number" else re.I):
                if (name, rule, match[0].lower()) not in ALLOWED:
                    found.append(f"{name}:{number}: {rule}: {match[0]!r}")

    assert found == []


def test_every_exception_is_still_needed() -> None:
    assert ALLOWED
    for name, rule, text in ALLOWED:
        assert re.search(RULES[rule], text, flags=re.I)
        assert text in prose((ROOT / name).read_text(encoding="utf-8")).lower()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("vague actor", "Somebody from the clinic will call."),
        ("private vocabulary", "Where it stands in the house."),
        ("British spelling", "prior authorisation"),
        ("date or number", "on 27 Nov 2026, 53.6 % of"),
        ("suicide", "a failed attempt"),
    ],
)
def test_the_rules_find_what_they_are_for(rule: str, text: str) -> None:
    assert re.search(RULES[rule], text, flags=0 if rule == "date or number" else re.I)


def test_headings_are_sentence_case_without_a_period() -> None:
    """Names (Regrow, Python API, DEA) may be capitalized; every other word after the first may not all be."""
    wrong = []
    for page in markdown_files():
        if generated(page) or page.name.startswith("0") or ".github" in page.parts:
            continue
        for heading in re.findall(r"^#{1,4} (.+)$", prose(page.read_text(encoding="utf-8")), flags=re.M):
            words = re.findall(r"[A-Za-z][\w-]*", heading)[1:]
            titled = [word for word in words if word[0].isupper() and not word.isupper()]
            if heading.endswith(".") or (len(words) > 2 and len(titled) == len(words)):
                wrong.append(f"{page.name}: {heading}")

    assert wrong == []
