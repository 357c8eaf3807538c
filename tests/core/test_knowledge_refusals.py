"""Each kind of knowledge file is refused, at the line of the mistake, for what its schema cannot see."""

import re
from datetime import date
from pathlib import Path

import pytest

from regrow.knowledge import BadKnowledge, Knowledge
from regrow.knowledge.kinds import KINDS
from regrow.knowledge.repository import DATA
from tests.content import knowledge

TODAY = date(2026, 11, 28)


def changed(folder: Path, kind: str, id: str, old: str, new: str) -> list[str]:
    """Put a changed copy of a shipped file into a clinic's folder; return the problems found with it."""
    inside = KINDS[kind].folder
    text = (DATA / inside / f"{id}.yaml").read_text(encoding="utf-8")
    assert old in text
    text = re.sub(r"^version: (\d+)", lambda m: f"version: {int(m[1]) + 1}", text, flags=re.M)
    path = folder / inside / f"{id}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return list(Knowledge.load(folder, TODAY).problems())


@pytest.mark.parametrize(
    ("kind", "id", "old", "new", "sentence"),
    [
        ("titration", "weekly-6", '"0.6", "0.75"', '"0.75", "0.6"', "the doses must rise, each once. Sort them."),
        ("titration", "t-cusin", "schedule: {values: [", 'schedule: {values: ["0.55", ', "0.55 is not among the ladder's doses."),
        ("titration", "weekly-6", "  in_a_row: 3\n  at_dose: 4\n", "", "say when: `in_a_row`, `at_dose` or both."),
        (
            "titration", "weekly-6", '  fall_below_percent: "20"\n  in_a_row', "  in_a_row",
            "`in_a_row` needs `fall_below_percent`: which fall counts as too small.",
        ),
        ("cadence", "infusions", "protocols: [iv-weekly-6", "protocols: [iv-weekly-7", "there is no protocol 'iv-weekly-7'."),
        ("cadence", "infusions", "hours: 72, open", "hours: 72, days: 3, open", "give exactly one of `hours`, `days` and `months`."),
        ("cadence", "infusions", "message: day-3", "message: day-4", "there is no message 'day-4'."),
        ("cadence", "infusions", "asks: [own-goal]", "asks: [own-gaol]", "there is no scale 'own-gaol'."),
        ("duty", "crisis", "after: director_after_min", "after: director_min", "'director_min' is not among the limits. Add it there."),
        ("preparation", "before-session", "{limit: no_food_hours", "{limit: no_meal_hours", "'no_meal_hours' is not among the limits. Add it there."),
        ("checks", "maintenance", "sessions: bladder_every_sessions", "sessions: bladder_sessions", "'bladder_sessions' is not among the limits. Add it there."),
        ("checks", "maintenance", "asks: maintenance-check", "asks: maintenance", "there is no scale 'maintenance'."),
        ("path", "first-question", "page: safety", "page: safe", "there is no page 'safe'."),
        ("message", "patient", 'en: "{clinic}: thanks for', 'en: "{name}: thanks for', "fills ['clinic']; English fills ['name']."),
        ("crosswalk", "qids-sr16-to-madrs", "to: madrs", "to: madras", "there is no scale 'madras'."),
        ("workup", "baseline", "conditions: [", "conditions: [nothing, ", "there is no criterion 'nothing'."),
        ("interview", "first-hour", "asks: [", "asks: [nothing, ", "there is no criterion 'nothing'."),
        ("interview", "first-hour", "of: score, id: ", "of: score, id: x-", "there is no scale 'x-"),
        ("scale", "gad-7", "      - No ha sido capaz de parar o controlar su preocupación\n", "", "6 items; the scale has 7."),
        ("scale", "gad-7", "[Ningún día, Varios días, ", "[Ningún día, ", "item 1 has 3 answers; the scale has 4."),
        ("scale", "c-ssrs-screener", "[{item: 4, at_least: 1}", "[{item: 9, at_least: 1}", "the level 'high' names item 9, which there is not."),
        ("protocol", "spravato-label", "scale: moaas, at_least: 5", "scale: moas, at_least: 5", "there is no scale 'moas'."),
        ("protocol", "spravato-label", "clock: discharge_gate", "clock: gate", "there is no clock 'gate' under `session`."),
        ("protocol", "spravato-label", "capture: pressure-40, force", "capture: pressure-50, force", "there is no capture 'pressure-50' under `session`."),
        ("protocol", "spravato-label", "what: pressure,", "what: cadss-7,", "there is no scale 'cadss-7'."),
        ("protocol", "spravato-label", "scale: cadss-6, absent_at", "scale: cadss-7, absent_at", "there is no scale 'cadss-7'."),
        (
            "protocol", "spravato-label", "below: during_moaas_below", "below: during_moas_below",
            "'during_moas_below' is not among this protocol's limits. Add it there.",
        ),
        (
            "protocol", "spravato-label", '  devices: {mg: "28", apart_min: 5, doses_mg: ["56", "84"], source: mayo}\n', "",
            "a product of single devices needs `devices`: mg, apart_min and doses_mg.",
        ),
        (
            "dose_effect", "weights", "{id: flat, weight: 0.15", "{id: flat, weight: 0.25",
            "it cannot be read as a dose_effect: hypotheses: the weights sum to 1.1; they must sum to 1.",
        ),
        (
            "dose_effect", "weights", "{id: flat, weight", "{id: plateau, weight",
            "hypotheses: give plateau, monotone, inverted-u, flat, each once and in this order.",
        ),
        ("model", "clements-1981", "rate: k21", "rate: k22", "flow from second names the parameter 'k22', which is not under parameters."),
        ("model", "clements-1981", "to: second,", "to: third,", "a flow names the compartment 'third', which is not under compartments."),
        ("model", "clements-1981", "{into: muscle,", "{into: arm,", "route im leads into 'arm', which is not under compartments."),
        (
            "model", "clements-1981", "{into: muscle, share: f_im}", "{into: muscle, share: f_im, over: f_oral}",
            "route im: the time 'f_oral' cannot differ between subjects.",
        ),
        ("calibration", "open-figures", '  "madrs": 3.0\n', "", "allowed: give an error for the unit 'madrs'."),
        ("scale", "gad-7", "effective: 2006-05-22", "effective: 2006-02-30", "2006-02-30 is not a day. Write it like 2026-11-24."),
        ("scale", "gad-7", "id: gad-7", "id: gad-8", "the id must be the file's name, gad-7."),
    ],
)  # fmt: skip
def test_a_file_is_refused_for_what_its_schema_cannot_see(
    tmp_path: Path, kind: str, id: str, old: str, new: str, sentence: str
) -> None:
    problems = changed(tmp_path, kind, id, old, new)

    assert any(re.match(rf"{id}\.yaml:\d+: ", line) and sentence in line for line in problems), problems
    assert problems[-1].endswith(" It is not in use.")


def test_a_file_whose_name_gives_another_version_is_refused(tmp_path: Path) -> None:
    text = (DATA / "scales/gad-7.yaml").read_text(encoding="utf-8")
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales/gad-7.v9.yaml").write_text(text, encoding="utf-8")

    assert list(Knowledge.load(tmp_path, TODAY).problems()) == [
        "gad-7.v9.yaml:2: the version must be the file's, 9. It is not in use."
    ]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales/own.yaml").write_bytes("title: Schläfrigkeit\n".encode("latin-1"))

    assert list(Knowledge.load(tmp_path, TODAY).problems()) == [
        "own.yaml:1: not UTF-8 text. Save it as UTF-8. It is not in use."
    ]


def test_only_an_infusion_protocol_is_titrated_and_infused() -> None:
    assert knowledge.infusion_protocol("iv-weekly-6").id == "iv-weekly-6"
    title = knowledge.protocol("spravato-label").title
    with pytest.raises(BadKnowledge) as refused:
        knowledge.infusion_protocol("spravato-label")
    assert str(refused.value) == f"{title} is not an infusion whose dose is titrated; choose one that is"


def test_a_limit_that_the_catalog_does_not_define_is_refused_by_name() -> None:
    with pytest.raises(BadKnowledge) as refused:
        knowledge.limit("no_such_limit")
    assert (
        str(refused.value)
        == "there is no limit 'no_such_limit' in the catalog; add it to a file in limit-catalog"
    )
