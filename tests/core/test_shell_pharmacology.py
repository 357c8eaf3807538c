"""`regrow pk`, `model` and `trial` from a shell: the shapes promised, and errors that name the field."""

import json
from pathlib import Path

import pytest

from tests.shell import run_command as regrow


def test_pk_answers_in_the_shape_promised() -> None:
    done = regrow(
        "pk", "K4", "--weight-kg", "70", "--rate", "0,40,52.5", "--times", "40,80,110,230", "--json"
    )
    found = json.loads(done.stdout)

    assert (found["site"], found["unit"]) == ("venous", "ng/mL")
    assert [round(ng) for ng in found["analytes"]["ketamine"]] == [158, 79, 60, 27]
    assert len(found["analytes"]["norketamine"]) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rate", "0,0,5"], "event 1: end_h is 0 min, not after start_h"),
        (["--rate", "0,40,-5"], "event 1: mg_per_h is -5"),
        (["--rate", "0,40,5", "--rate", "20,60,5"], "event 2: start_h is 20 min, before the one above ends"),
        (["--rate", "0,40"], "--rate: 0,40 has 2 numbers; write START_MIN,END_MIN,MG_PER_H"),
        (["--rate", "0,40,much"], "--rate: '0,40,much' is not numbers"),
        (["--bolus", "5"], "--bolus: 5 has 1 numbers; write MIN,MG"),
        (["--route", "rectal,0,5"], "--route: 'rectal' is not a route"),
        (["--route", "nasal,0,28"], "otto-2021 has no route 'nasal'; it has: iv, oral"),
        (["--rate", "0,40,5", "--site", "arterial"], "--site: otto-2021 was sampled from venous blood"),
        (
            ["--rate", "0,40,5", "--with", "garlic"],
            "--with: 'garlic' is not known; known are: clarithromycin",
        ),
        ([], "nothing was given"),
    ],
)
def test_what_cannot_be_given_is_refused_by_its_field(words: list[str], message: str) -> None:
    done = regrow("pk", "K4", "--weight-kg", "70", "--times", "40", *words)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_ledger_is_printed_whole() -> None:
    found = json.loads(regrow("model", "show", "--json").stdout)

    assert found["dose_and_benefit"]["verdict"] == "not established in people"
    assert [a["id"] for a in found["dose_and_benefit"]["answers"]] == [
        "plateau",
        "monotone",
        "inverted-u",
        "flat",
    ]
    for entry in found["entries"].values():
        assert entry["status"] in ("published", "assumed") or entry["status"].startswith("calibrated to ")
        assert entry["source"]
        assert entry["unit"]


def test_a_trial_prints_its_outcomes_seed_and_parameter_hash() -> None:
    done = regrow("trial", "run", "murrough-2013", "--size", "200", "--json")
    found = json.loads(done.stdout)
    response = found["outcomes"]["response-day-1"]

    assert found["seed"] and found["parameter_hash"] and found["plan_hash"]
    assert response["groups"]["ketamine"]["low"] < response["groups"]["ketamine"]["value"]
    assert response["differences"][0]["between"] == ["ketamine", "midazolam"]
    assert done.stderr == ""


def test_two_trials_are_compared_outcome_by_outcome() -> None:
    done = regrow("trial", "compare", "weekly-six", "weekly-ladder", "--size", "400", "--json")
    names = {row["outcome"] for row in json.loads(done.stdout)["compared"]}

    assert {"response", "remission", "change"} <= names


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "nothing-2020"], "there is no trial 'nothing-2020'"),
        (["run", "./nothing.yaml"], "nothing.yaml:1: cannot be read"),
        (["run", "weekly-six", "--patients"], "--patients: the patients need a folder"),
        (["run", "weekly-six", "--on", "spark://x"], "--on: 'spark://x' is not an address"),
        (["compare", "weekly-six", "zarate-2006"], "count no outcome of the same name"),
    ],
)
def test_what_a_trial_cannot_do_is_a_sentence(words: list[str], message: str) -> None:
    done = regrow("trial", *words)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_parameter_file_changed_by_hand_is_refused(tmp_path: Path) -> None:
    from regrow.knowledge.repository import DATA

    source = DATA / "pharmacology/parameters/fitted.yaml"
    file = tmp_path / "fitted.yaml"
    file.write_text(source.read_text(encoding="utf-8").replace('hash: "', 'hash: "f', 1)[:-1])
    done = regrow("trial", "run", "weekly-six", "--parameters", str(file))

    assert done.returncode == 2
    assert "hash" in done.stderr
