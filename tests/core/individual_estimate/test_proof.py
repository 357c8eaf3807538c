"""The proof's machinery: the same patients whatever the workers, rules as their files have them, and honest sums."""

from dataclasses import replace

import numpy as np
import pytest

from regrow.individual_estimate.dosing_policies import Guided, Tree, by_rule, towards
from regrow.individual_estimate.learning import learn
from regrow.individual_estimate.particles import for_one
from regrow.individual_estimate.posterior import posterior_of
from regrow.individual_estimate.simulation_study import (
    Block,
    Difference,
    Study,
    Tally,
    World,
    _drawn,
    clinic_that_learns,
    gain,
    mixture,
    not_useful,
    regret_difference,
    run,
    worst_regret,
)
from regrow.individual_estimate.timeline import DoseDay, ScoreDay, Timeline
from tests.content import knowledge

STUDY = Study.of(knowledge)
CHOICES = STUDY.choices
LADDER = np.array(CHOICES.proof_ladder_mg_per_kg)


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(STUDY.inputs, 1024)


@pytest.fixture(scope="module")
def block() -> Block:
    return Block(STUDY, World("plateau"), 0, 7)


def mg(record) -> np.ndarray:
    return np.array(record.mg_per_kg)


def test_published_rules_set_the_doses_that_their_files_name(block) -> None:
    entry = block.entry()
    fixed = mg(block.treated(by_rule(STUDY.rules["fixed-half"], STUDY.scale, LADDER, entry)))
    cusin = mg(block.treated(by_rule(STUDY.rules["t-cusin"], STUDY.scale, LADDER, entry)))
    loo = mg(block.treated(by_rule(STUDY.rules["t-loo"], STUDY.scale, LADDER, entry)))
    kads = mg(block.treated(by_rule(STUDY.rules["t-kads"], STUDY.scale, LADDER, entry)))
    there = block.people.enrolled > 0

    assert set(fixed[:, there].ravel()) == {0.5}
    assert [set(cusin[n, there]) for n in range(6)] == [{0.5}] * 3 + [{0.75}] * 3
    assert loo[0, there].max() == 0.1 and loo[:, there].max() == 0.5
    assert set(kads[:, there].ravel()) == {0.5, 0.6, 0.75, 0.9}
    assert (np.diff(kads[:, there], axis=0) >= 0).all()


def test_the_estimate_moves_up_one_dose_step_and_stays_on_the_ladder(block, tree) -> None:
    weights = np.array([0.0, 1.0, 0.0, 0.0])
    given = mg(block.treated(Guided(tree, weights, block.entry())))[:, block.people.enrolled > 0]
    options = np.searchsorted(LADDER, given)

    assert np.isin(given, LADDER).all()
    assert (np.diff(options, axis=0) <= 1).all()
    assert given[0].max() == given[0].min() == 0.5
    assert (given[-1] > 0.5).mean() > 0.5  # it takes the world for one where more helps more


def test_a_patient_on_the_tree_is_weighed_as_the_estimate_weighs_a_course(tree) -> None:
    """The shared branches against the filter of one patient: the same means and the same weights."""
    totals = [18.0, 16.0, 15.0, 11.0]
    guided = Guided(tree, np.full(4, 0.25), np.full(1024, totals[0]))
    scores = {("phq-9", 7.0 * n): np.full(1024, t) for n, t in enumerate(totals)}
    rung = np.full(1, int(np.searchsorted(LADDER, 0.5)))
    ways = []
    for session in range(len(totals)):
        rung = guided(session, np.array([0]), scores, rung)
        ways.append(float(LADDER[rung[0]]))
    doses = [DoseDay(7 * n, d, 40.0, True, None, "") for n, d in enumerate(ways[:-1])]
    sheets = [ScoreDay(7 * n, t, "phq-9", 14, 1.0, "") for n, t in enumerate(totals)]
    choices = replace(CHOICES, least_effective_share=0.0)
    tree.particles.choices = choices
    _, posterior = posterior_of(tree.particles, np.full(4, 0.25), Timeline(doses, sheets, 21, None, ()))
    mine = np.exp(guided.log_like[0] - guided.log_like[0].max())

    assert guided.mean[0, 0] == pytest.approx(posterior.mean[0], abs=1e-9)
    assert mine / mine.sum() == pytest.approx(posterior.weight, abs=1e-9)


def test_a_goal_policy_steps_up_once_a_week_and_down_at_once(block) -> None:
    there = block.people.enrolled > 0
    up = mg(block.treated(towards(9)))[:, there]
    down = mg(block.treated(towards(0)))[:, there]

    assert [set(row) for row in up] == [{0.5}, {0.6}, {0.75}, {0.9}, {1.0}, {1.0}]
    assert [set(row) for row in down] == [{0.5}, *[{0.1}] * 5]


def test_workers_change_nothing() -> None:
    worlds = [World("flat")]
    one = run(worlds, 1, STUDY, particles=1024, workers=1)
    two = run(worlds, 1, STUDY, particles=1024, workers=2)

    assert one[worlds[0]].keys() == two[worlds[0]].keys() != set()
    for name, tally in one[worlds[0]].items():
        assert np.array_equal(tally.all("utility"), two[worlds[0]][name].all("utility"))


def test_gains_are_taken_in_pairs_and_regrets_in_each_policys_own_worst_world() -> None:
    worlds = [World("plateau"), World("monotone")]

    def tally(values: list[float]) -> Tally:
        return Tally(
            utility=[np.array(values)], final=[-np.array(values)], escalated=[np.array([1.0, 1.0, 0.0])]
        )

    found = {
        worlds[0]: {"fixed-half": tally([1, 2, 3]), "a": tally([2, 3, 4]), "optimum": tally([2, 3, 4])},
        worlds[1]: {"fixed-half": tally([1, 2, 3]), "a": tally([0, 1, 2]), "optimum": tally([5, 6, 7])},
    }

    assert gain(found, worlds[0], "a") == Difference(1.0, 0.0)
    assert mixture(found, "a", "fixed-half", {"plateau": 3.0, "monotone": 1.0}).mean == pytest.approx(0.5)
    assert worst_regret(found, "fixed-half") == (worlds[1], 4.0)
    assert regret_difference(found, "a", "fixed-half").mean == pytest.approx(1.0)
    assert not_useful(found, worlds[0], "a") == 0
    assert not_useful(found, worlds[1], "a") == pytest.approx(2 / 3)


def test_evidence_adds_up_tempered_and_no_answer_is_given_up() -> None:
    prior = np.array([0.5, 0.15, 0.2, 0.15])
    one = np.array([[0.0, 1.0, 0.0, 0.0]])

    assert learn(prior, np.zeros((0, 4)), power=0.7, floor=0.02) == pytest.approx(prior)
    once = learn(prior, one, power=0.5, floor=0.0)
    assert once[1] / once[0] == pytest.approx(prior[1] / prior[0] * np.exp(0.5))
    sure = learn(prior, np.repeat(one, 500, axis=0), power=0.7, floor=0.02)
    assert sure[1] == pytest.approx(1 / 1.06)
    assert sure[[0, 2, 3]] == pytest.approx(np.full(3, 0.02 / 1.06))


def test_the_drop_of_a_rating_is_lived_through() -> None:
    gaps = Block(STUDY, World("plateau", missing=1 / 3), 0, 7)
    seen = [int(gap.sum()) for gap in gaps.gaps[1:]]

    assert seen and all(130 < count < 210 for count in seen)  # a third of half of 1,024


def test_for_one_person_what_studies_differ_in_is_added() -> None:
    p = knowledge.effect_parameters()
    wide = for_one(p)

    assert wide["theta_log_sd"] == pytest.approx(np.hypot(p["theta_log_sd"], p["study_benefit_sd"]))
    assert wide.hash != p.hash


def test_a_hypothesis_that_predicts_the_scores_gets_the_evidence(tree) -> None:
    """No fall at 0.5, then a fall at each higher dose: for one who needs more, not for a flat dose-response curve."""
    totals = [20.0, 20.0, 19.0, 16.0, 12.0, 8.0]
    guided = Guided(tree, np.array([0.0, 1.0, 0.0, 0.0]), np.full(1024, totals[0]))
    rung = np.full(1, int(np.searchsorted(LADDER, 0.5)))
    for session, total in enumerate(totals):
        scores = {("phq-9", 7.0 * session): np.full(1024, total)}
        rung = guided(session, np.array([0]), scores, rung)
    like = guided.log_like[0]
    evidence = guided.evidence(np.array([0]))

    assert evidence.shape == (1, 4)
    assert evidence[0] == pytest.approx(
        [np.log(np.mean(np.exp(like[guided.answer == a]))) for a in range(4)], rel=1e-9
    )
    assert len(set(evidence[0])) == 4


def test_a_rule_with_a_remission_cut_holds_at_remission_and_one_without_steps_up() -> None:
    entry = np.array([10.0, 10.0, 10.0])
    scores = {("phq-9", 7.0): np.array([4.0, 9.0, np.nan])}
    rule = replace(STUDY.rules["t-kads"], hold_from_fall_percent=100)
    now = np.full(3, int(np.searchsorted(LADDER, 0.5)))

    def chosen(held: bool) -> list[float]:
        choose = by_rule(replace(rule, hold_in_remission=held), STUDY.scale, LADDER, entry)
        return [float(d) for d in LADDER[choose(1, np.arange(3), scores, now)]]

    assert chosen(True) == [0.5, 0.6, 0.5]
    assert chosen(False) == [0.6, 0.6, 0.5]


def test_a_clinic_starts_from_the_prior_and_learns_from_each_batch() -> None:
    study = replace(STUDY, inputs=replace(STUDY.inputs, choices=replace(CHOICES, learning_batch=40)))
    first, second = clinic_that_learns(World("flat"), 0, 2, study, particles=256)
    again = clinic_that_learns(World("flat"), 0, 1, study, particles=256)

    assert first.weights == tuple(study.inputs.weights)
    assert second.weights != first.weights and sum(second.weights) == pytest.approx(1.0)
    assert first.optimum >= first.gain  # a known answer is worth at least as much
    assert again == [first]


def test_by_chance_a_share_of_patients_is_treated_as_if_one_hypothesis_were_true(block) -> None:
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    drawn = _drawn(block, weights, 0, 0, CHOICES)
    by_chance = drawn.max(axis=1) == 1.0
    sure = np.array([1.0, 0.0, 0.0, 0.0])

    assert drawn.shape == (1024, 4)
    assert (drawn[~by_chance] == weights).all() and (~by_chance).any()
    assert by_chance.mean() == pytest.approx(CHOICES.learning_by_chance, abs=0.05)
    assert drawn[by_chance].mean(axis=0) == pytest.approx(weights, abs=0.12)
    assert _drawn(block, sure, 0, 0, CHOICES) is sure
