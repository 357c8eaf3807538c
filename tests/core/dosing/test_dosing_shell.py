"""The next dose from a shell: one JSON document, and one sentence for what cannot be read."""

import json
from pathlib import Path

import pytest

from tests.shell import run_command as shell

COURSE = Path(__file__).parents[3] / "docs/courses/step-up.json"
WEEK_3 = "2026-11-24T14:00:00Z"


def test_a_course_gives_rule_estimate_and_order() -> None:
    answer = json.loads(shell("dosing", "suggest", str(COURSE), "--at", WEEK_3, "--json").stdout)

    rule, order = answer["rule"], answer["order"]
    assert (rule["outcome"], rule["dose_mg_per_kg"], rule["rule"], rule["version"]) == (
        "step_up",
        "0.6",
        "weekly-6",
        1,
    )
    assert rule["because"][0]["records"] == ["s0", "s3"]
    assert {"missing", "bounded_by", "would_change", "near_misses"} <= rule.keys()
    assert (order["prepared_mg"], order["rate_ml_per_h"], order["weight_basis"]) == (
        "44.50",
        "151.3",
        "actual",
    )
    assert answer["estimate"]["label"] == "a model's estimate"
    assert [r["dose_mg_per_kg"] for r in answer["estimate"]["rungs"]] == ["0.5", "0.6", "0.75", "0.9", None]


def test_a_past_moment_is_answered_by_what_was_known_then() -> None:
    first = json.loads(
        shell("dosing", "replay", str(COURSE), "--at", "2026-11-03T14:00:00Z", "--json").stdout
    )
    late = json.loads(shell("dosing", "replay", str(COURSE), "--at", "2026-11-30T14:00:00Z", "--json").stdout)

    assert (first["rule"]["first_dose"], first["rule"]["dose_mg_per_kg"]) == (True, "0.5")
    assert late["rule"]["outcome"] == "none"
    assert (late["estimate"], late["order"]) == (None, None)
    assert "fresh PHQ-9" in late["no_estimate"]


def test_another_rule_answers_by_its_own_file() -> None:
    answer = json.loads(
        shell("dosing", "suggest", str(COURSE), "--at", WEEK_3, "--rule", "t-cusin", "--json").stdout
    )

    assert (answer["rule"]["rule"], answer["rule"]["dose_mg_per_kg"]) == ("t-cusin", "0.75")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["suggest", "nothing.json", "--at", WEEK_3], "cannot be read"),
        (["suggest", str(COURSE), "--at", "noon"], "is not a time"),
        (["suggest", str(COURSE), "--at", "2026-11-24T14:00:00"], "has no zone"),
        (["suggest", str(COURSE), "--at", WEEK_3, "--rule", "t-nobody"], "t-nobody"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_exit_code_2(arguments: list[str], words: str) -> None:
    done = shell("dosing", *arguments)

    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_the_schema_of_a_course_is_there_and_the_example_fits_it() -> None:
    import jsonschema

    schema = json.loads(shell("schema", "course").stdout)

    jsonschema.validate(json.loads(COURSE.read_text()), schema)
