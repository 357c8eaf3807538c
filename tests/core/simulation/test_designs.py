"""Every design runs from its file; what cannot be is refused by the name of its field."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from regrow.knowledge import BadKnowledge
from regrow.knowledge.repository import DATA
from regrow.simulation import plan_of, run, run_block
from tests.content import knowledge

STEP = {"scale": "madrs", "fall_below_percent": 50, "ladder_mg_per_kg": [0.6, 0.75]}
MURROUGH = DATA / "trials/murrough-2013.yaml"


@pytest.mark.parametrize("id", knowledge.ids("trial"))
def test_every_trial_that_is_shipped_runs_and_counts_something(id: str) -> None:
    trial = knowledge.trial(id)
    told = run(plan_of(trial, knowledge, size=len(trial.arms) * 600))

    assert set(told["outcomes"]) == {o.id for o in trial.outcomes}
    for outcome in told["outcomes"].values():
        assert all(group["n"] > 0 for group in outcome["groups"].values()), outcome


def test_ten_designs_at_least_are_shipped() -> None:
    assert len({knowledge.trial(id).design for id in knowledge.ids("trial")}) >= 10


def test_the_trial_in_the_docs_runs(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs/trials.md").read_text(encoding="utf-8")
    file = tmp_path / "go-on-or-stop.yaml"
    file.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    told = run(plan_of(knowledge.trial_from(file), knowledge, size=2000))

    ratio = told["outcomes"]["relapse"]["differences"][0]["hazard_ratio"]
    assert 0 < ratio < 1, "boosters delay relapse in this model"


def test_only_responders_go_on_and_chance_parts_them_evenly() -> None:
    _, records = run_block(plan_of(knowledge.trial("withdrawal-spray"), knowledge, size=1024), 0)
    arm = records["induction"]
    stayed, went, stopped = (arm[name].entered > 0 for name in ("optimise", "go-on", "withdraw"))
    fall = arm["induction"].scores["madrs", 28.0] <= 0.5 * arm["induction"].entry_score["madrs"]

    assert np.array_equal(stayed, fall & (arm["induction"].left == 0) & ~np.isnan(arm["induction"].ended_day))
    assert not np.any(went & stopped)
    assert 0.4 < went.sum() / (went | stopped).sum() < 0.6


def test_a_ladder_steps_up_once_a_week_and_only_without_response() -> None:
    _, records = run_block(plan_of(knowledge.trial("weekly-ladder"), knowledge, size=1024), 0)
    record = records["ketamine"]["ketamine"]
    ladder = [0.5, 0.6, 0.75, 0.9]
    last = record.entry_score["phq-9"]  # a missed rating leaves the one before to decide
    treated = np.count_nonzero(~np.isnan(record.mg_per_kg[5]))
    assert treated > 100
    for week in range(1, 6):
        before, now = record.mg_per_kg[week - 1], record.mg_per_kg[week]
        seen = record.scores["phq-9", 7.0 * week]
        last = np.where(np.isnan(seen), last, seen)
        better = last <= 0.5 * record.entry_score["phq-9"]
        for b, n, improved in zip(before, now, better, strict=True):
            if np.isnan(b) or np.isnan(n):
                continue
            rung = ladder.index(b)
            assert n == (b if improved else ladder[min(rung + 1, 3)])


def test_a_relapsed_patient_is_treated_again_from_that_day() -> None:
    _, records = run_block(plan_of(knowledge.trial("relapse-and-again"), knowledge, size=1024), 0)
    after, again = records["course"]["after"], records["course"]["again"]
    relapsed = after.ended_early > 0

    assert np.array_equal(relapsed & (after.left == 0), (again.entered > 0))
    assert np.allclose(after.ended_day[relapsed], again.began_day[relapsed])


def test_a_score_at_entry_regresses_to_the_mean() -> None:
    """Whoever is let in by a high rating was, on average, a little lower in truth."""
    people, _ = run_block(plan_of(knowledge.trial("murrough-2013"), knowledge, size=1024), 0)

    assert np.mean(people.entry_score) > np.mean(people.true_score) + 0.2


def test_drop_out_as_failure_counts_every_patient() -> None:
    told = run(plan_of(knowledge.trial("kads-ladder"), knowledge, size=2000))
    group = told["outcomes"]["response"]["groups"]["ketamine"]

    assert group["missing"] == 0
    assert group["n"] == told["sizes"]["ketamine"]


def changed(tmp_path: Path, change: Any) -> Path:
    raw = yaml.safe_load(MURROUGH.read_text(encoding="utf-8"))
    raw["effective"] = str(raw["effective"])
    change(raw)
    file = tmp_path / "murrough-2013.yaml"
    file.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t["arms"][0].update(start="nowhere"),
            "arms: ketamine starts in 'nowhere'; the phases are",
        ),
        (
            lambda t: t["phases"]["ketamine"].update(then="nowhere"),
            "phases.ketamine: then leads to 'nowhere'",
        ),
        (lambda t: t["phases"]["ketamine"].update(sessions=[9]), "sessions must be days from 0 to 7"),
        (lambda t: t["phases"]["ketamine"].update(visits=[3, 1]), "visits must be days from 0 to 7"),
        (lambda t: t["phases"]["ketamine"]["treatment"].update(mg_per_kg=50), "mg_per_kg is 50; a dose lies"),
        (lambda t: t["phases"]["ketamine"]["treatment"].update(minutes=0), "minutes must be above 0"),
        (
            lambda t: t["phases"]["ketamine"]["treatment"].update(product="spray"),
            "a spray has 1 to 3 devices",
        ),
        (lambda t: t["outcomes"][0].update(day=5), "response-day-1: ketamine has no visit on day 5"),
        (lambda t: t["outcomes"][0].pop("percent"), "a response needs the percent"),
        (
            lambda t: t["outcomes"].append({"id": "r", "kind": "time-to"}),
            "time-to needs phases with an until",
        ),
        (lambda t: t["phases"]["midazolam"].update(until={"scale": "madrs"}), "until needs one of at_least"),
        (
            lambda t: t["phases"]["midazolam"].update(
                visits=[], sessions=[0], until={"scale": "madrs", "at_least": 20}
            ),
            "phases.midazolam: until needs visits at which it can be seen; give visits",
        ),
        (
            lambda t: t["phases"]["midazolam"].update(step=STEP),
            "phases.midazolam: step raises a dose, but the treatment is a placebo",
        ),
        (
            lambda t: t["phases"]["ketamine"].update(step=STEP),
            "phases.ketamine: step's ladder must contain the first dose, 0.5 mg/kg",
        ),
        (
            lambda t: t["phases"]["ketamine"]["treatment"].update(product="esketamine", route="im"),
            "phases.ketamine: esketamine in mg/kg is given by vein; for the nasal spray use product: spray",
        ),
        (
            lambda t: t["phases"]["ketamine"].update(
                then=[{"scale": "madrs", "fall_percent": 50, "to": "midazolam"}]
            ),
            "phases.ketamine: then sends only those who fell enough; give a last branch without a scale",
        ),
        (
            lambda t: t["outcomes"][0].update({"in": {"all": "nowhere"}}),
            "response-day-1: group all names the phase 'nowhere'; the phases are: ketamine, midazolam",
        ),
        (
            lambda t: t["outcomes"][0].update({"in": {"all": {"arm": "gone", "phase": "ketamine"}}}),
            "response-day-1: group all names the arm 'gone'; the arms are: ",
        ),
        (lambda t: t["outcomes"][0].pop("day"), "response-day-1: a response needs a day"),
        (
            lambda t: t["outcomes"][0].update(kind="remission"),
            "response-day-1: a remission needs at_most, the highest score that counts",
        ),
        (
            lambda t: t["outcomes"].append({"id": "a", "kind": "adverse"}),
            "a: adverse needs effect: nausea, sedation or dissociation",
        ),
        (lambda t: t.update(size=0), "size: 0 is less than the minimum of 2"),
        (lambda t: t["population"].pop("entry"), "entry"),
    ],
)
def test_a_design_that_cannot_be_is_refused_by_its_field(tmp_path: Path, change: Any, message: str) -> None:
    with pytest.raises(BadKnowledge, match=message.replace("(", r"\(")):
        knowledge.trial_from(changed(tmp_path, change))
