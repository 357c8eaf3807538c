"""Counting of outcomes: who is counted, missing values, times to an event, and differences between groups."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from regrow.knowledge import Outcome
from regrow.simulation import plan_of, run_block
from regrow.simulation.cohort import BLOCK, Cohort
from regrow.simulation.outcomes import Tally, hazard_ratio, result_of, survival, tally_block
from regrow.simulation.state import PhaseRecord
from tests.content import knowledge

TRIAL = knowledge.trial("murrough-2013")
ARMS = [arm.id for arm in TRIAL.arms]
OUTCOME = Outcome(
    id="o",
    kind="score",
    groups={"treated": ("treated",)},
    scale="madrs",
    day=7.0,
    percent=50.0,
    at_most=10.0,
    effect=None,
    statistic=None,
    at_days=(),
    missing="excluded",
    among={},
    since="start",
    arms={},
)


@pytest.fixture(scope="module")
def people() -> Cohort:
    """A block of 1,024 people, all of them enrolled."""
    found, _ = run_block(plan_of(TRIAL, knowledge, size=BLOCK), 0)
    return replace(found, enrolled=np.ones(BLOCK))


def record(**changes: Any) -> PhaseRecord:
    """All patients entered and stayed; 30 points at the start, 20 on day 3, 10 on day 7."""
    found = PhaseRecord.empty({"madrs": np.full(BLOCK, 30.0)})
    found.entered[:] = 1.0
    found.start_score = {"madrs": np.full(BLOCK, 30.0)}
    found.scores = {("madrs", 3.0): np.full(BLOCK, 20.0), ("madrs", 7.0): np.full(BLOCK, 10.0)}
    return replace(found, **changes)


def counted(people: Cohort, of: Mapping[str, PhaseRecord], **changes: Any) -> Tally:
    """The tally of one outcome; `of` is the record of the phase `treated` in each arm."""
    outcome = replace(OUTCOME, **changes)
    trial = replace(TRIAL, outcomes=[outcome])
    by_arm = {arm: {"treated": found} for arm, found in of.items()}
    return tally_block(trial, people, dict.fromkeys(of, BLOCK), by_arm, 4.0)["o", "treated"]


def shown(*tallies: tuple[str, Tally], **changes: Any) -> Mapping[str, Any]:
    """The result of one outcome with a group for each tally."""
    outcome = replace(OUTCOME, groups={name: ("treated",) for name, _ in tallies}, **changes)
    return result_of(replace(TRIAL, outcomes=[outcome]), {("o", name): t for name, t in tallies})["o"]


@pytest.mark.parametrize(
    ("among", "covariate", "chosen"),
    [
        ({"sex": "female"}, "female", lambda v: v > 0),
        ({"sex": "male"}, "female", lambda v: v == 0),
        ({"failed_trials_at_least": 5}, "failed_trials", lambda v: v >= 5),
        ({"failed_trials_at_most": 5}, "failed_trials", lambda v: v <= 5),
        ({"age_at_least": 45}, "age_years", lambda v: v >= 45),
        ({"hypertension": True}, "hypertension", lambda v: v > 0),
        ({"suicidal_ideation": False}, "suicidal_ideation", lambda v: v == 0),
    ],
)
def test_an_outcome_counts_only_the_patients_it_names(
    people: Cohort, among: dict[str, Any], covariate: str, chosen: Any
) -> None:
    expected = int(chosen(people.covariates[covariate]).sum())

    assert 0 < expected < BLOCK
    assert counted(people, {"a": record()}, among=among).n == expected


def test_a_group_of_one_arm_leaves_the_other_arm_out(people: Cohort) -> None:
    low = record(scores={("madrs", 7.0): np.full(BLOCK, 5.0)})
    both = counted(people, {"a": record(), "b": low})
    one = counted(people, {"a": record(), "b": low}, arms={"treated": ("b",)})

    assert (both.n, sum(both.sums)) == (2 * BLOCK, BLOCK * 15.0)
    assert (one.n, sum(one.sums)) == (BLOCK, BLOCK * 5.0)


def test_a_missing_score_is_replaced_by_the_last_one_seen_in_the_phase(people: Cohort) -> None:
    day_3, day_7 = np.full(BLOCK, 20.0), np.full(BLOCK, 10.0)
    day_7[:2] = np.nan
    day_3[0] = np.nan
    later = {("madrs", 3.0): day_3, ("madrs", 7.0): day_7, ("madrs", 9.0): np.full(BLOCK, 1.0)}
    last = counted(people, {"a": record(scores=later)}, missing="last")
    excluded = counted(people, {"a": record(scores=later)})

    assert (last.n, last.missing) == (BLOCK, 0)
    assert sum(last.sums) == 30.0 + 20.0 + 10.0 * (BLOCK - 2)
    assert (excluded.n, excluded.missing) == (BLOCK - 2, 2)


def test_without_any_session_no_dose_is_counted(people: Cohort) -> None:
    tally = counted(people, {"a": record()}, kind="dose")

    assert (tally.n, tally.missing, tally.events) == (0, BLOCK, {})
    assert shown(("treated", tally), kind="dose")["groups"]["treated"] == {
        "n": 0,
        "missing": BLOCK,
        "value": None,
        "low": None,
        "high": None,
    }


def test_no_difference_is_stated_from_an_empty_group() -> None:
    full = Tally(n=4, sums=[8.0], squares=[20.0])
    found = shown(("empty", Tally(missing=4)), ("full", full), ("other", full))

    assert [d["between"] for d in found["differences"]] == [["full", "other"]]


def test_survival_falls_to_zero_when_the_last_patients_have_the_event() -> None:
    tally = Tally(n=4, events={3.0: 1, 9.0: 2}, censored={5.0: 1})

    assert survival(tally) == [
        (3.0, 0.75, 4, pytest.approx(1 / 12)),
        (5.0, 0.75, 3, pytest.approx(1 / 12)),
        (9.0, 0.0, 2, pytest.approx(1 / 12)),
    ]


def test_without_an_event_there_is_no_hazard_ratio() -> None:
    quiet = Tally(n=3, censored={28.0: 3})
    alone = Tally(n=1, events={5.0: 1})
    none = {"hazard_ratio": None, "low": None, "high": None}

    assert hazard_ratio(quiet, quiet) == none
    assert hazard_ratio(alone, Tally()) == none  # one patient alone: nobody to compare with
    assert hazard_ratio(Tally(n=3, events={5.0: 2}, censored={28.0: 1}), quiet)["hazard_ratio"] > 1
