"""The shell: exact keys, exit code 2 and one sentence for what cannot be used, never a traceback."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell import migrated_database, run_process
from tests.shell import run_command as regrow

from .test_fhir import bundle, observation, patient


@pytest.fixture
def test_database(db: None) -> Iterator[None]:
    """Let a command run on the database of the tests; it may create only files private to its owner."""
    umask = os.umask(0o077)
    yield
    os.umask(umask)


def test_score_answers_with_its_keys() -> None:
    answer = json.loads(regrow("score", "phq-9", "--answers", "3,3,2,3,2,2,3,2,1", "--json").stdout)

    assert {"instrument": "phq-9", "scorable": True, "total": 21, "item_9": 1}.items() <= answer.items()


def test_a_blank_is_a_dash() -> None:
    answer = json.loads(regrow("score", "phq-9", "--answers", "0,0,0,0,0,0,0,0,-", "--json").stdout)

    assert (answer["scorable"], answer["total"], answer["item_9"]) == (False, None, None)


def test_infusion_answers_in_decimal_strings() -> None:
    arguments = "infusion --mg-per-kg 0.5 --weight-kg 80 --vial-mg-per-ml 50 --bag-ml 100 --minutes 40 --json"
    answer = json.loads(regrow(*arguments.split()).stdout)

    expected = {
        "dose_mg": "40",
        "drawn_ml": "0.80",
        "total_ml": "100.8",
        "rate_ml_per_h": "151.2",
        "concentration_mg_per_ml": "0.3968",
    }
    assert expected.items() <= answer.items()


def test_import_reports_truthfully_and_twice_changes_nothing(tmp_path: Path, test_database: None) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(
        json.dumps(bundle(patient(), observation("o", "29463-7", 80, "kg"), {"resourceType": "Claim"}))
    )
    first = json.loads(regrow("import", str(path), "--json").stdout)
    second = json.loads(regrow("import", str(path), "--json").stdout)

    assert first["taken"] == {"Observation": 1, "Patient": 1}
    assert first["left"] == [{"resource": "Claim", "count": 1, "why": "billing of another clinic"}]
    assert (first["patient"], 0) == (second["patient"], second["changed"])


def test_two_people_can_be_imported_into_a_clinic_that_has_no_staff_yet(
    tmp_path: Path, test_database: None
) -> None:
    from regrow.web.accounts.models import User
    from regrow.web.patients.models import Patient

    assert not User.objects.exists()
    for id in ("p1", "p2"):
        path = tmp_path / f"{id}.json"
        path.write_text(json.dumps(bundle(patient(id=id))))
        assert regrow("import", str(path)).returncode == 0
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("score phq-9 --answers 1,2", "has 9 items, 2 answers were given"),
        ("score phq-9 --answers 9,0,0,0,0,0,0,0,0", "item 1: 9 is not an answer"),
        ("score phq-9 --answers x,0,0,0,0,0,0,0,0", "answer 1: 'x' is not a whole number"),
        (
            "score phq-99 --answers 1",
            "there is no scale 'phq-99'. Did you mean phq-9? There are: after-session, audit-c,",
        ),
        (
            "infusion --mg-per-kg x --weight-kg 80 --vial-mg-per-ml 50 --bag-ml 100 --minutes 40",
            "'x' is not a number",
        ),
        ("infusion --mg-per-kg 0.5 --weight-kg -80 --vial-mg-per-ml 50 --bag-ml 100 --minutes 40", "above 0"),
        ("schema nothing", "there is no schema 'nothing'"),
        (
            "score phq-9 --answers 0,0,0,0,0,0,0,0,0 --version 9",
            "there is no version 9 of phq-9; there are: 1, 2",
        ),
        ("score phq-9 --answers 0,0,0,0,0,0,0,0,0 --sex x", "'x' is not one of female, male"),
        (
            "score phq-9 --answers 0,0,0,0,0,0,0,0,0 --convert-to madrs",
            "no published table joins phq-9 and madrs",
        ),
        ("score phq-9 --answers ٣,0,0,0,0,0,0,0,0", "is not a whole number"),
        ("knowledge show nothing", "there is no knowledge file 'nothing'"),
        ("knowledge list --kind scales", "there is no kind 'scales'"),
        ("import /nowhere.json", "cannot be read"),
        ("migrate --database mysql://x", "is not a database address"),
        ("candidacy /nowhere.json --at 2026-11-24", "cannot be read"),
        (
            "infusion --mg-per-kg 1e400 --weight-kg 80 --vial-mg-per-ml 50 --bag-ml 100 --minutes 40",
            "below 1,000,000",
        ),
        ("trial run murrough-2013 --size 100 --on dask://127.0.0.1:1", "no scheduler answers at 127.0.0.1:1"),
        ("trial run murrough-2013 --size 100 --on dask://nohost", "write dask://HOST:PORT"),
        ("vitals simulate --to 127.0.0.1:1 --count 1", "answered none of 1 messages"),
        ("test --only nope", "there are: types, lint"),
        ("session note /nowhere.jsonl", "/nowhere.jsonl: cannot be read: No such file or directory"),
        ("audit verify --database sqlite:////nowhere/clinic.sqlite3", "there is no clinic at"),
        ("dosing shadow t-cusin --database sqlite:////nowhere/clinic.sqlite3", "there is no clinic at"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_exit_code_2(
    arguments: str, words: str, tmp_path: Path
) -> None:
    names_database = "--database" in arguments  # a process of its own: the address stays in the environment
    done = run_process(*arguments.split(), data=tmp_path) if names_database else regrow(*arguments.split())

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "content", ["{", "[]", "null", '{"resourceType": "Bundle"}', "\x00", '"' + "[" * 3000]
)
def test_a_malformed_bundle_never_shows_a_traceback(content: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    done = regrow("import", str(path))

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "bad.json" in done.stderr


def test_a_malformed_bundle_creates_no_database(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text("null")
    done = run_process("import", str(path), data=tmp_path)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert not (tmp_path / "clinic.sqlite3").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [("audit verify", "file is not a database"), ("migrate", "file is not a database")],
)
def test_a_file_that_is_no_database_is_one_sentence(arguments: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "clinic.sqlite3").write_bytes(b"precious" * 1000)
    done = run_process(*arguments.split(), data=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert words in done.stderr


def test_every_command_shows_an_example() -> None:
    names = [
        "score",
        "infusion",
        "candidacy",
        "import",
        "schema",
        "migrate",
        "createadmin",
        "backup",
        "restore",
        "serve",
        "demo",
        "test",
        "lock",
    ]
    assert names
    for name in names:
        assert "Example: regrow" in regrow(name, "--help").stdout, name


def test_every_schema_is_a_schema() -> None:
    import jsonschema

    names = regrow("schema").stdout.split()
    assert len(names) > 20
    for name in names:
        jsonschema.Draft202012Validator.check_schema(json.loads(regrow("schema", name).stdout))


def test_the_database_is_readable_by_its_owner_only() -> None:
    file = migrated_database()

    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_a_port_in_use_gives_one_sentence(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_process("demo", "--port", str(taken.getsockname()[1]), data=tmp_path)

    assert done.returncode == 2
    assert "cannot be used" in done.stderr


CHARTS = Path(__file__).parents[2] / "docs" / "charts"


@pytest.mark.parametrize(
    ("name", "states", "outcome"),
    [
        (
            "maya-candidate",
            {
                "trd-clinic": "met",
                "trd-label": "not_met",
                "no-aneurysm": "met",
                "no-psychosis": "not_documented",
            },
            "undecided",
        ),
        (
            "elias-acute",
            {"crisis-path": "met", "acute-suicidality": "met", "mdd-si": "met", "no-pregnancy": "met"},
            "undecided",
        ),
        ("ruth-closed", {"trd-label": "met", "no-aneurysm": "not_met", "no-older": "not_met"}, "neither"),
    ],
)
def test_the_charts_of_the_handbook_are_judged(name: str, states: dict[str, str], outcome: str) -> None:
    done = regrow("candidacy", str(CHARTS / f"{name}.json"), "--at", "2026-11-24", "--json")
    answer = json.loads(done.stdout)
    found = {d["id"]: d for d in answer["determinations"]}

    assert states == {id: found[id]["state"] for id in states}
    assert answer["recommendation"]["outcome"] == outcome
    assert {"id", "state", "because", "missing", "text"} <= found["trd-clinic"].keys()
    assert {"route", "state", "because"} <= answer["routes"][0].keys()


def test_knowledge_is_listed_and_shown() -> None:
    rows = json.loads(regrow("knowledge", "list", "--kind", "scale", "--json").stdout)
    shown = json.loads(regrow("knowledge", "show", "phq-9", "--version", "1", "--json").stdout)

    assert {"kind": "scale", "id": "phq-9", "version": 2}.items() <= {r["id"]: r for r in rows}[
        "phq-9"
    ].items()
    assert shown["contents"]["version"] == 1
    assert [h["version"] for h in shown["history"]] == [1, 2]
    assert "Present when" in regrow("knowledge", "show", "mania").stdout


def test_a_prorated_total_is_a_decimal_string_and_marked() -> None:
    answer = json.loads(regrow("score", "phq-9", "--answers", "-,2,2,2,2,2,2,2,0", "--json").stdout)

    assert (answer["total"], answer["total_exact"], answer["prorated"]) == ("15.75", "63/4", True)


def test_a_conversion_is_made_on_request_and_labeled() -> None:
    sheet = ["score", "qids-sr16", "--answers", "3,0,0,0,3,3,0,0,0,3,3,1,0,0,0,0", "--json"]

    assert "converted" not in json.loads(regrow(*sheet).stdout)
    converted = json.loads(regrow(*sheet, "--convert-to", "ham-d17").stdout)["converted"]
    assert (converted["lowest"], converted["highest"]) == (20, 20)
    assert "it was not measured" in converted["text"]


def test_an_invalid_clinic_file_is_reported_and_the_shipped_one_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "knowledge" / "scales"
    folder.mkdir(parents=True)
    (folder / "gad-7.yaml").write_text("id: gad-7\nid: gad-7\n", encoding="utf-8")
    monkeypatch.setenv("REGROW_DATA", str(tmp_path))
    done = regrow("score", "gad-7", "--answers", "0,0,0,0,0,0,0")

    assert done.returncode == 0
    assert done.stdout == "GAD-7: 0, minimal\n"
    assert "gad-7.yaml:2: the duplicate key 'id'" in done.stderr
    assert regrow("knowledge", "check").returncode == 2


@pytest.mark.parametrize(
    ("score", "words"),
    [
        ({"instrument": "phq-99", "total": 3}, "scores.s: there is no instrument 'phq-99'"),
        ({"instrument": "phq-9", "answers": [1, 2]}, "scores.s: PHQ-9 has 9 items, 2 answers were given"),
        ({"instrument": "phq-9", "answers": [0] * 8 + [4]}, "scores.s: PHQ-9 item 9: 4 is not an answer"),
        (
            {"instrument": "phq-9", "version": 9, "total": 3},
            "version 9 of PHQ-9 does not mean the same as version 2",
        ),
        ({"instrument": "phq-9", "total": 28}, "a PHQ-9 lies between 0 and 27, not at 28"),
    ],
)
def test_an_unreadable_score_of_a_chart_is_reported(
    tmp_path: Path, score: dict[str, object], words: str
) -> None:
    path = tmp_path / "chart.json"
    sheet = {"id": "s", "at": "2026-11-20T10:00:00Z", **score}
    path.write_text(json.dumps({"patient": {"id": "p"}, "scores": [sheet]}), encoding="utf-8")
    done = regrow("candidacy", str(path), "--at", "2026-11-24")

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
