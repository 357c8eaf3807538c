"""Every file is in order, a bad one is refused with its line, and a clinic's own folder stands before ours."""

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from regrow.chart import Chart, CriterionStatus, Medicine
from regrow.eligibility import assess_eligibility
from regrow.knowledge import BadKnowledge, Knowledge, Limits
from regrow.knowledge.files import read
from regrow.knowledge.kinds import KINDS
from regrow.knowledge.repository import DATA
from regrow.scales import score
from tests.content import knowledge

TODAY = date(2026, 11, 24)


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A clinic's own folder."""
    for kind in KINDS.values():
        (tmp_path / kind.folder).mkdir(parents=True, exist_ok=True)
    return tmp_path


def put(folder: Path, kind: str, name: str, text: str) -> Path:
    path = folder / KINDS[kind].folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path) -> Knowledge:
    return Knowledge.load(folder, TODAY)


def in_force(folder: Path) -> list[str]:
    """Return what is wrong with the folder."""
    return list(loaded(folder).problems())


def ours(kind: str, id: str) -> str:
    return (DATA / KINDS[kind].folder / f"{id}.yaml").read_text(encoding="utf-8")


def test_every_file_is_in_order() -> None:
    assert list(knowledge.check(TODAY)) == []


def test_an_unpublished_limit_ships_without_a_value() -> None:
    for id in knowledge.ids("protocol"):
        given = knowledge.document("protocol", id).contents["limits"]
        assert set(given.values()) <= {"unset", "optional"}
        if f"limits-{id}" in knowledge.ids(
            "limits"
        ):  # what is done at home is signed by nobody, not in the demo either
            assert set(knowledge.demo_limits(id)) <= set(given)
    assert set(Limits.names()) <= set(knowledge.protocol("iv-weekly-6").unset_limits)
    for kind in knowledge.kinds():
        for document in knowledge.documents(kind):
            assert "mark: U" not in document.path.read_text(encoding="utf-8"), document.path.name


def test_no_is_a_word_and_a_date_is_text(tmp_path: Path) -> None:
    """YAML 1.1 would read `no` as False and a date as a date."""
    path = tmp_path / "sources.yaml"
    path.write_text(
        "id: no\nversion: 1\neffective: 2026-01-01\nsources: {a: {title: no, where: https://x.org}}\n",
        encoding="utf-8",
    )

    assert read(path, "sources")["sources"]["a"]["title"] == "no"


SMALL = "id: bad\nversion: 1\neffective: 2026-01-01\nsources: {}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: a\nid: b\n", r"bad\.yaml:2: the duplicate key 'id'\. Keep one of the two\."),
        ("id: [", r"bad\.yaml:\d+: .*Mend this line\."),
        ("", r"bad\.yaml:1: the file is empty\. Write at least id, version and effective\."),
        (SMALL.replace("1\n", "zero\n", 1), r"bad\.yaml:2: version: 'zero' is not of type 'integer'"),
        (SMALL.replace("2026-01-01", "soon"), r"bad\.yaml:3: effective: 'soon' does not match .*YYYY-MM-DD"),
        (SMALL + "colour: red\n", "'colour' was unexpected"),
        (SMALL + "[a, b]: c\n", r"bad\.yaml:5: a key must be one word"),
        (SMALL + "x: \x07\n", "a character that YAML does not allow"),
        (SMALL + "a: &a [*a]\n", r"bad\.yaml:5: an alias \(\*\) repeats this"),
        (SMALL + "a: &a {b: c}\nd: *a\n", "an alias"),
        (SMALL + "a: " + "[" * 3000 + "]" * 3000 + "\n", "nested too deeply"),
        (SMALL + "a: " + "9" * 6000 + "\n", r"bad\.yaml:5: this number is too long"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadKnowledge, match=words):
        read(path, "sources")


def test_an_unknown_id_or_kind_lists_the_known_ones() -> None:
    with pytest.raises(
        BadKnowledge,
        match=r"no scale 'phq9'\. Did you mean phq-9\? There are: after-session, audit-c",
    ):
        knowledge.scale("phq9")
    with pytest.raises(BadKnowledge, match="there is no kind 'scales'; there are: aftercare, alignment"):
        knowledge.ids("scales")
    with pytest.raises(BadKnowledge, match="there is no scale"):
        knowledge.scale("../sources/sources")


@pytest.mark.parametrize(
    ("kind", "id", "change", "words"),
    [
        (
            "scale", "gad-7", ("effective: 2006-05-22", "effective: 2031-01-01"),
            r"gad-7\.yaml:3: effective 2031-01-01 is in the future, so this version is not in use",
        ),
        ("scale", "gad-7", ("max: 21", "max: 24"), r"gad-7\.yaml:\d+: total is 0 to 24; the items sum to 0 to 21"),
        ("scale", "gad-7", ("{from: 10, name", "{from: 16, name"), r"the bands must ascend"),
        ("scale", "gad-7", ("{from: 0, name", "{from: 1, name"), r"the first band must begin at 0"),
        ("scale", "gad-7", ("- {number: 2,", "- {number: 1,"), r"two items have the same number"),
        (
            "scale", "gad-7", ("source: phq-screeners", "source: hearsay"),
            r"gad-7\.yaml:\d+: the source 'hearsay' is not known\. Add it under `sources` of this file",
        ),
        ("scale", "qids-sr16", ("[10], [11]", "[10]"), "the domains must hold every item exactly once"),
        ("scale", "ham-d17", ("scale: ham-d6", "scale: ham-d9"), "there is no scale 'ham-d9'"),
        ("scale", "madrs", ("obtain: https", "# https"), "say under `obtain` where the form is obtained"),
        ("crosswalk", "qids-sr16-to-madrs", ("to: [34, 60]", "to: [34, 61]"), "34 to 61 is not within 0 to 60"),
        (
            "interaction", "lamotrigine", ("ids: [lamotrigine]", "ids: [lamotrigin]"),
            r"lamotrigine\.yaml:\d+: there is no medicine 'lamotrigin'\. Add it to a file of medicines",
        ),
        ("interaction", "nasal", ("nasal steroid", "nose steroid"), "no medicine has the class 'nose steroid'"),
        ("definition", "mdd-si", ("depression,", "sadness,"), "there is no definition 'sadness'"),
        ("criterion", "mania", ("instrument: ymrs", "instrument: ymr"), "there is no scale 'ymr'"),
        ("route", "spravato", ("needs_any: [trd-label", "needs_any: [trd-lable"), "there is no definition 'trd-lable'"),
        ("route", "spravato", ("figures: [nasal-f]", "figures: [nasal-g]"), "there is no figure 'nasal-g' in the evidence"),
        ("staging", "maudsley", ("counts_by: trd-label", "counts_by: depression"), "is not a definition that counts failed trials"),
        ("workup", "baseline", ("score: [gad-7]", "score: [gad-8]"), "there is no scale 'gad-8'"),
        ("evidence", "safety", ("  bladder-survey:", "  response-va:"), "'response-va' is in real-world.yaml too"),
        ("picture", "star-d", ("cumulative: stard-cumulative", "cumulative: stard-all"), "there is no figure 'stard-all'"),
        ("titration", "weekly-6", ("instrument: phq-9", "instrument: phq-8"), "there is no scale 'phq-8'"),
        ("titration", "weekly-6", ('start: "0.5"', 'start: "0.55"'), "0.55 is not among the ladder's doses"),
        ("titration", "weekly-6", ('cap: {value: "0.9"', 'cap: {value: "0.8"'), "0.9 is above the cap of 0.8"),
        ("protocol", "iv-weekly-6", ("rule: weekly-6, version: 1", "rule: weekly-6, version: 7"), "there is no version 7 of the titration rule"),
        ("protocol", "iv-weekly-6", ("rule: weekly-6", "rule: spravato-label"), "doses in mg; a rule for an infusion doses in mg/kg"),
    ],
)  # fmt: skip
def test_what_is_wrong_beyond_the_schema_is_found_with_its_line(
    clinic: Path, kind: str, id: str, change: tuple[str, str], words: str
) -> None:
    text = ours(kind, id)
    assert change[0] in text
    bumped = re.sub(r"^version: (\d+)", lambda m: f"version: {int(m[1]) + 1}", text, flags=re.M)
    put(clinic, kind, f"{id}.yaml", bumped.replace(*change, 1))

    assert any(re.search(words, problem) for problem in in_force(clinic)), loaded(clinic).problems()


def test_a_source_that_leads_nowhere_is_named(clinic: Path) -> None:
    text = (
        ours("scale", "own-goal")
        .replace("version: 1", "version: 2")
        .replace("source: own-goal", "source: here")
    )
    put(clinic, "scale", "own-goal.yaml", text + "sources: {here: {title: Here, where: in my drawer}}\n")

    assert "the source 'here' cannot be resolved" in in_force(clinic)[0]


def test_a_clinics_version_must_be_a_new_one(clinic: Path) -> None:
    put(clinic, "scale", "gad-7.yaml", ours("scale", "gad-7"))

    assert "version 1 is already in Regrow's own file. Give this one version 2." in in_force(clinic)[0]


def test_two_versions_of_a_clinic_may_not_overlap(clinic: Path) -> None:
    text = ours("scale", "gad-7").replace("version: 1", "version: 2").replace("2006-05-22", "2026-11-01")
    put(clinic, "scale", "gad-7.v2.yaml", text)
    put(clinic, "scale", "gad-7.yaml", text.replace("version: 2", "version: 3"))

    assert any("the two overlap. Give it a later day" in problem for problem in in_force(clinic))


def test_an_override_is_in_force_and_the_older_version_stays_readable(clinic: Path) -> None:
    text = ours("scale", "gad-7").replace("version: 1", "version: 2").replace("2006-05-22", "2026-11-01")
    put(clinic, "scale", "gad-7.yaml", text.replace("name: severe", "name: very anxious"))

    assert in_force(clinic) == []
    assert score(loaded(clinic).scale("gad-7"), [3] * 7).severity == "very anxious"
    assert score(loaded(clinic).scale("gad-7", 1), [3] * 7).severity == "severe"
    assert [d.version for d in loaded(clinic).history("scale", "gad-7")] == [1, 2]


def test_a_bad_file_of_the_clinic_leaves_the_last_good_one_in_force(clinic: Path) -> None:
    good = ours("scale", "gad-7").replace("version: 1", "version: 2").replace("2006-05-22", "2026-11-01")
    good = good.replace("name: severe", "name: very anxious")
    path = put(clinic, "scale", "gad-7.yaml", good)
    assert in_force(clinic) == []
    path.write_text(good.replace("version: 2", "version: 2\nversion: 3"), encoding="utf-8")

    problems = in_force(clinic)

    assert "gad-7.yaml:3: the duplicate key 'version'" in problems[0]
    assert "its last valid copy is used" in problems[0]
    assert score(loaded(clinic).scale("gad-7"), [3] * 7).severity == "very anxious"
    assert "last valid copy is used" in in_force(clinic)[0]
    assert score(loaded(clinic).scale("gad-7"), [3] * 7).severity == "very anxious"


def test_a_bad_file_that_was_never_good_leaves_regrows_own_in_force(clinic: Path) -> None:
    put(clinic, "scale", "gad-7.yaml", "id: gad-7\n")

    assert "It is not in use" in in_force(clinic)[0]
    assert loaded(clinic).scale("gad-7").version == 1


def test_a_removed_file_is_no_longer_in_force(clinic: Path) -> None:
    good = ours("scale", "gad-7").replace("version: 1", "version: 2").replace("2006-05-22", "2026-11-01")
    path = put(clinic, "scale", "gad-7.yaml", good)
    in_force(clinic)
    path.unlink()

    assert in_force(clinic) == []
    assert loaded(clinic).scale("gad-7").version == 1


def test_a_file_in_the_wrong_place_is_named(clinic: Path) -> None:
    (clinic / "my-scale.yaml").write_text("id: my-scale\n", encoding="utf-8")

    assert "my-scale.yaml:1: no knowledge is read from here" in in_force(clinic)[0]


def test_a_link_that_leads_nowhere_and_a_folder_named_like_a_file_are_named(clinic: Path) -> None:
    (clinic / KINDS["scale"].folder / "lost.yaml").symlink_to(clinic / "nowhere.yaml")
    (clinic / KINDS["scale"].folder / "folder.yaml").mkdir()

    assert sorted(problem.split(": ")[1] for problem in in_force(clinic)) == [
        "cannot be read",
        "cannot be read",
    ]


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    assert "does not exist. Create it." in in_force(tmp_path / "nowhere")[0]


def test_an_unpublished_minimum_dose_is_added_by_one_file(clinic: Path) -> None:
    """Protriptyline ships without one; the clinic's own file of medicines replaces the entry."""
    put(
        clinic,
        "medicines",
        "our-doses.yaml",
        "id: our-doses\nversion: 1\neffective: 2026-11-01\ntitle: Our doses\nsource: our-director\n"
        "sources: {our-director: {title: Signed by our medical director, where: docs/signed.md}}\n"
        "medicines:\n  - id: protriptyline\n    names: [Vivactil]\n    class: tricyclic\n"
        "    roles: [antidepressant, tricyclic]\n"
        '    adequate: {usual: {mg_per_day: "30", mark: CFG, source: our-director}}\n',
    )

    assert in_force(clinic) == []
    drug = loaded(clinic).formulary().find("Vivactil").drug
    assert drug is not None and drug.usual is not None
    assert (drug.usual.mg_per_day, drug.usual.mark) == (30, "CFG")


def test_the_recipes_of_the_handbook_each_take_one_file(clinic: Path) -> None:
    """The files printed in docs/knowledge.md are put in place and do what the page says."""
    page = (Path(__file__).parents[2] / "docs" / "knowledge.md").read_text(encoding="utf-8")
    recipes = re.findall(r"^`([a-z/-]+/[a-z0-9-]+\.yaml)`:\n\n```yaml\n(.*?)```", page, flags=re.M | re.S)
    assert [name for name, _ in recipes] == [
        "scales/who-5.yaml",
        "medicines/our-medicines.yaml",
        "limit-catalog/our-limits.yaml",
        "candidacy/criteria/cardiac-device.yaml",
        "candidacy/definitions/trd-clinic.yaml",
    ]
    for name, text in recipes:
        path = clinic / name
        path.write_text(text, encoding="utf-8")
        assert in_force(clinic) == [], name

    assert score(loaded(clinic).scale("who-5"), [5, 5, 5, 5, 5]).total == 25
    found = loaded(clinic).formulary().find("Zurzuvae 50 mg").drug
    assert found is not None and found.id == "zuranolone"
    rules = loaded(clinic).candidacy_rules()
    result = assess_eligibility(Chart("p"), rules, on=TODAY)
    assert result.of("no-cardiac-device").state is CriterionStatus.NOT_DOCUMENTED
    assert loaded(clinic).document("definition", "trd-clinic").version == 2
    assert assess_eligibility(
        Chart("p", medicines=[Medicine("m", "zuranolone")]), rules, on=TODAY
    ).of("medicines-recognised").state is CriterionStatus.MET  # fmt: skip
    shutil.rmtree(clinic / ".in-force")


def test_the_reference_names_every_kind_with_its_folder() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/content-kinds.md").read_text(encoding="utf-8")

    assert KINDS
    for kind in KINDS.values():
        assert f"## {kind.id}\n\n**{kind.label}**, in `{kind.folder}`" in page, kind.id


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("minutes: 60", "minutes: 50", "the sections sum to 60 minutes"),
        (
            "asks: [substance-use, ketamine-misuse]",
            "asks: [substance-use]",
            "no section asks about 'ketamine-misuse'",
        ),
        (
            "[substance-use, ketamine-misuse]",
            "[substance-use, ketamine-misuse, liver]",
            "'liver' is asked in",
        ),
        ("rates: [own-goal]", "rates: [own-gaol]", "there is no scale 'own-gaol'"),
        ("{of: words, id: hopes,", "{of: words, id: dreams,", "there is no section"),
        ("id: place, section", "id: weather, section", "place, identity or emergency"),
    ],
)
def test_a_guide_that_would_forget_something_is_not_in_force(
    clinic: Path, before: str, after: str, says: str
) -> None:
    text = ours("interview", "first-hour")
    assert before in text
    put(clinic, "interview", "first-hour.yaml", text.replace(before, after, 1))
    assert says in " ".join(in_force(clinic))


def test_symptoms_at_home_without_the_call_for_help_are_not_in_force(clinic: Path) -> None:
    text = ours("symptoms", "at-home").replace("id: asks-for-help", "id: rings")
    put(clinic, "symptoms", "at-home.yaml", text)
    assert "a button rests on it" in " ".join(in_force(clinic))


def test_the_catalog_defines_every_limit_that_a_file_names_and_gives_no_value() -> None:
    named = {
        name
        for kind in ("protocol", "checks", "duty", "preparation", "limits")
        for document in knowledge.documents(kind)
        for name in document.contents["limits"]
    }
    assert named == set(knowledge.limit_catalog())
    for limit in knowledge.limit_catalog().values():
        assert (limit.mark, limit.signed_by, limit.usual) == ("CFG", "medical director", None), limit.id


@pytest.mark.parametrize(
    ("kind", "id", "known"),
    [
        ("protocol", "iv-weekly-6", "observation_min"),
        ("checks", "maintenance", "bladder_every_sessions"),
        ("duty", "crisis", "director_after_min"),
        ("preparation", "before-session", "no_food_hours"),
    ],
)
def test_a_file_that_names_an_unknown_limit_is_refused_with_its_line(
    clinic: Path, kind: str, id: str, known: str
) -> None:
    text = re.sub(r"^version: (\d+)", lambda m: f"version: {int(m[1]) + 1}", ours(kind, id), flags=re.M)
    text = re.sub(r"^effective: .*", "effective: 2026-11-24", text, flags=re.M)
    path = put(clinic, kind, f"{id}.yaml", text.replace("limits:\n", f"limits:\n  {known}s: unset\n", 1))
    line = path.read_text(encoding="utf-8").split(f"{known}s:")[0].count("\n") + 1

    assert in_force(clinic) == [
        f"{id}.yaml:{line}: there is no limit '{known}s' in the catalog. Did you mean {known}? "
        "Add it to a file in limit-catalog, or correct the id. It is not in use."
    ]


GLUCOSE = (
    "id: our-limits\nversion: 1\neffective: 2026-11-01\ntitle: Our limits\nsigned_by: medical director\nmark: CFG\n"
    "source: our-director\nsources: {our-director: {title: Our director, where: docs/signed.md}}\nlimits:\n"
    '  glucose_below_mg_per_dl: {label: "Do not start below: glucose", unit: mg/dL, min: "20", max: "200", decimals: 0}\n'
)


def test_a_clinic_adds_a_limit_with_a_file_and_may_then_name_it(clinic: Path) -> None:
    text = re.sub(
        r"^version: (\d+)", lambda m: f"version: {int(m[1]) + 1}", ours("protocol", "iv-weekly-6"), flags=re.M
    )
    text = re.sub(r"^effective: .*", "effective: 2026-11-24", text, flags=re.M)
    put(clinic, "limit", "our-limits.yaml", GLUCOSE)
    put(
        clinic,
        "protocol",
        "iv-weekly-6.yaml",
        text.replace("limits:\n", "limits:\n  glucose_below_mg_per_dl: optional\n", 1),
    )

    assert in_force(clinic) == []
    assert "glucose_below_mg_per_dl" in loaded(clinic).protocol("iv-weekly-6").optional_limits
    glucose = loaded(clinic).limit("glucose_below_mg_per_dl")
    assert glucose.problem(Decimal("70")) == ""
    assert glucose.problem(Decimal("7")) == "Do not start below: glucose: enter 20 to 200 mg/dL."
    assert glucose.problem(Decimal("70.5")) == "Do not start below: glucose: enter a whole number."


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('max: "200"', 'max: "10"'), "the bounds must ascend"),
        (
            ("decimals: 0", 'decimals: 0, usual: {from: "60", to: "80"}'),
            "'source' is a dependency of 'usual'",
        ),
        (("glucose_below_mg_per_dl", "Glucose"), "does not match"),
        (('min: "20", ', ""), "'min' is a required property"),
    ],
)
def test_a_limit_without_plausible_bounds_is_refused(
    clinic: Path, change: tuple[str, str], says: str
) -> None:
    put(clinic, "limit", "our-limits.yaml", GLUCOSE.replace(*change))

    assert says in " ".join(in_force(clinic))


@pytest.mark.parametrize(
    ("kind", "id", "before", "after", "says"),
    [
        (
            "clinic",
            "happy-healthy-new-york",
            "zone: America/New_York",
            "zone: Mars/Phobos",
            "not a time zone",
        ),
        ("clinic", "happy-healthy-new-york", "interview_min: 60", "interview_min: 0", "interview_min"),
        ("titration", "weekly-6", 'rate_cap: {value: "1.0"', 'rate_cap: {value: "0.0"', "rate_cap"),
        ("protocol", "iv-weekly-6", 'vial_mg_per_ml: "50"', 'vial_mg_per_ml: "0"', "vial_mg_per_ml"),
    ],
)
def test_a_value_that_no_clinic_can_have_is_not_in_force(
    clinic: Path, kind: str, id: str, before: str, after: str, says: str
) -> None:
    text = ours(kind, id)
    assert before in text
    put(clinic, kind, f"{id}.yaml", text.replace(before, after, 1))
    assert says in " ".join(in_force(clinic))
