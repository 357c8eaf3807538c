"""The same trial gives the same bits, whoever runs it, in whatever pieces, and after being killed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from regrow.knowledge import Treatment
from regrow.simulation import BadStore, Dask, Plan, Processes, plan_of, run, run_block, run_kept
from regrow.simulation.cohort import BLOCK
from tests.content import knowledge

SIZE = 2 * 7 * BLOCK - 300  # seven blocks an arm, the last not full


def plan(size: int = SIZE, trial: str = "weekly-six") -> Plan:
    return plan_of(knowledge.trial(trial), knowledge, size=size)


@pytest.fixture(scope="module")
def whole() -> str:
    """The result in one piece."""
    return json.dumps(run(plan(), blocks_each=7))


@pytest.mark.parametrize("chunks", [2, 7])
def test_chunks_change_nothing(whole: str, chunks: int) -> None:
    assert whole == json.dumps(run(plan(), blocks_each=-(-7 // chunks)))


def test_two_processes_change_nothing(whole: str) -> None:
    assert whole == json.dumps(run(plan(), Processes(2), blocks_each=2))


def test_dask_workers_change_nothing(whole: str) -> None:
    """A real cluster on this machine, with one worker and with two."""
    from distributed import LocalCluster

    for workers in (1, 2):
        with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
            assert whole == json.dumps(run(plan(), Dask(cluster.scheduler_address), blocks_each=2))


def test_a_patient_is_the_same_in_a_small_run_and_in_a_big_one() -> None:
    _, small = run_block(plan(100), 0)
    _, big = run_block(plan(), 0)

    for day in (7.0, 42.0):
        one, other = (records["ketamine"]["ketamine"].scores["phq-9", day] for records in (small, big))
        assert np.array_equal(one, other, equal_nan=True)


def test_another_seed_gives_other_patients() -> None:
    one, other = (
        run_block(plan_of(knowledge.trial("weekly-six"), knowledge, seed=seed), 0)[0] for seed in (1, 2)
    )

    assert not np.any(one.theta == other.theta) or np.mean(one.theta == other.theta) < 0.4
    assert np.mean(one.covariates["weight_kg"] == other.covariates["weight_kg"]) < 0.05


def test_a_dose_of_zero_is_the_comparator_arm() -> None:
    """Arms are paired: the same people, the same chance; without a dose nothing is left that differs."""
    trial = knowledge.trial("weekly-six")
    nothing = replace(trial.phases["ketamine"], treatment=Treatment("racemate", 0.0))
    changed = replace(trial, phases={**trial.phases, "ketamine": nothing})
    _, records = run_block(plan_of(changed, knowledge), 0)

    assert records["ketamine"]["ketamine"].scores
    for key, scores in records["ketamine"]["ketamine"].scores.items():
        assert np.array_equal(scores, records["midazolam"]["midazolam"].scores[key], equal_nan=True)


def test_the_stored_results_are_those_of_the_run(whole: str, tmp_path: Path) -> None:
    assert whole == json.dumps(run_kept(plan(), tmp_path, blocks_each=3))


def test_another_runs_folder_is_refused(tmp_path: Path) -> None:
    run_kept(plan(100), tmp_path)
    with pytest.raises(BadStore, match="holds a run of weekly-six with plan"):
        run_kept(plan(200), tmp_path)


def test_a_killed_run_resumes_where_it_stopped(tmp_path: Path) -> None:
    """SIGKILL in the middle; then again: the finished chunks stay untouched, the result is that of one run."""
    size = 2 * 40 * BLOCK
    command = [sys.executable, "-m", "regrow", "trial", "run", "weekly-six", "--size", str(size)]
    command += ["--keep", str(tmp_path / "kept"), "--patients", "--json"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ.copy())
    until = time.monotonic() + 120
    while time.monotonic() < until and not list((tmp_path / "kept").glob("blocks-*.json")):
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()
    finished = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "kept").glob("blocks-*.json")}
    assert finished, "nothing was finished in two minutes"

    second = subprocess.run(command, capture_output=True, text=True, check=True)

    for name, written in finished.items():
        assert (tmp_path / "kept" / name).stat().st_mtime_ns == written
    assert json.loads(second.stdout) == json.loads(json.dumps(run(plan(size))))
    assert list((tmp_path / "kept").glob("*.half")) == []


def test_every_patient_is_in_the_parquet_files(tmp_path: Path) -> None:
    from pyarrow import parquet

    told = run_kept(plan(2 * BLOCK), tmp_path, patients=True)
    table = parquet.read_table(tmp_path / "blocks-0000000-0000000.parquet")
    last = table.filter(np.array(table["arm"].to_pylist()) == "ketamine")["ketamine/phq-9/day 42"]
    seen = [score for score in last.to_pylist() if score is not None]

    assert len(table) == 2 * BLOCK
    assert told["outcomes"]["change"]["groups"]["ketamine"]["n"] == len(seen)
    assert all(0 <= score <= 27 for score in seen)


def test_a_course_in_the_trial_is_the_course_of_the_plain_pharmacology() -> None:
    """The compiled kernels against `pharmacology.stages`, patient by patient, through six weekly sessions."""
    from regrow.pharmacology import Infusion, Subjects
    from regrow.pharmacology.effects import effects_of
    from regrow.pharmacology.mood import MoodModel
    from regrow.pharmacology.plasticity_drive import Shape
    from regrow.pharmacology.stages import Session, Setting, stages

    made = plan(100)
    entries = made.parameters.entries
    never = replace(entries["loss_per_week"], value=0.0)
    made = replace(
        made, parameters=replace(made.parameters, hash="never", entries={**entries, "loss_per_week": never})
    )
    people, records = run_block(made, 0)
    effects = effects_of(made.parameters, made.models)
    seen = records["ketamine"]["ketamine"].true_shares
    there = np.flatnonzero(~np.isnan(seen[42.0]))
    assert len(there) >= 24
    for i in there[:24]:
        who = Subjects(people.racemate.model, {k: v[i : i + 1] for k, v in people.racemate.values.items()})
        mg = 0.5 * people.covariates["weight_kg"][i]
        sessions = [Session(168.0 * week, [Infusion(0, 40 / 60, mg * 1.5)]) for week in range(6)]
        shape = Shape(
            *(a[i : i + 1] for a in (people.answer, people.half_exposure, people.power, people.downturn))
        )
        minds = MoodModel(*(a[i : i + 1] for a in (people.theta, people.expects, people.recovers)))
        found = stages(
            effects,
            who,
            shape,
            people.tau_synapse_d[i : i + 1],
            minds,
            sessions,
            [168.0 * week for week in range(1, 7)],
            Setting(comparator="midazolam", antidepressant=True),
        )
        assert [float(seen[7.0 * week][i]) for week in range(1, 7)] == pytest.approx(found.mood[0], rel=1e-3)


def test_the_people_of_the_demo_clinic_are_the_models_own() -> None:
    from regrow.simulation import patient

    written = knowledge.virtual_people("weekly-ladder")
    plan = plan_of(knowledge.trial(written.trial), knowledge, seed=written.seed)
    assert len(written.people) >= 8
    for number, scores in list(written.people.items())[:8]:
        found = patient(plan, number)
        seen = found["arms"][written.arm]["ketamine"]["scores"]
        assert list(scores) == [found["entry_score"], *(s["score"] for s in seen)]
