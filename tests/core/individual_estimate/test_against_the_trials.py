"""The estimate's shorter chain against the whole one, and its stated intervals against the truth."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from regrow.individual_estimate.calibration_check import ranks_of, trial_of
from regrow.individual_estimate.inputs import EstimateInputs
from regrow.individual_estimate.particles import Group, Particles
from regrow.individual_estimate.posterior import draw_initial, propagate
from regrow.individual_estimate.predict import normal_sum
from regrow.individual_estimate.timeline import DoseDay, Timeline
from regrow.simulation.cohort import BLOCK, cohort
from regrow.simulation.course import Course
from regrow.simulation.run import plan_of
from tests.content import knowledge

CHOICES = knowledge.estimate_choices()


def test_days_of_sessions_leave_what_the_trials_whole_chain_leaves() -> None:
    """The same people through the same six sessions: shares left agree to half a point in a hundred."""
    small = replace(CHOICES, particles=BLOCK)
    group = Group(70.0, 3, "phq-9")
    inputs = replace(EstimateInputs.of(knowledge), choices=small)
    particles = Particles(group, inputs)
    plan = plan_of(
        replace(trial_of("iv-weekly-6", "clinic", 2 * BLOCK, knowledge), drop_out=False), knowledge
    )
    effects = particles.effects
    people = cohort(effects, plan.severity, np.full(4, 0.25), plan.trial.population, particles.seed, 0)
    same = particles._blocks[0]
    trial = replace(plan.trial, seed=particles.seed)
    course = Course(trial, effects, replace(same, enrolled=np.ones(BLOCK)), plan.severity)
    record = next(iter(course.arm(trial.arms[0]).values()))
    mg = np.array(record.mg_per_kg)
    held = (mg == 0.5).all(axis=0)  # those who stay at one dose share a timeline
    doses = [DoseDay(7 * n, 0.5, 40.0, True, None, "") for n in range(6)]
    particles.lost_on[:] = 10**9
    share, _ = propagate(
        particles, Timeline(doses, (), 42, None, ()), draw_initial(particles), 42, [(42, False), (21, False)]
    )
    for row, day in ((0, 42.0), (1, 21.0)):
        whole = record.true_shares[day]
        there = held & np.isfinite(whole) & (np.abs(share[row] - whole) < 0.2)  # the rest lost what was built
        assert there.sum() > 0.9 * held.sum()
        assert np.abs(share[row] - whole)[there].max() < 0.02
        assert np.abs(share[row] - whole)[there].mean() < 0.005
    assert len(people.theta) == BLOCK


def test_stated_80_percent_intervals_hold_the_truth_in_80_of_100() -> None:
    """256 patients of the trials' engine; the benchmark does it for thousands. Wide enough to fail once in 10⁴ runs."""
    made = ranks_of(256, knowledge, particles=4096)
    margin = NormalDist().inv_cdf(1 - 1e-4 / 2) * (0.8 * 0.2 / 256) ** 0.5
    for name, ranks in made.ranks.items():
        held = np.mean((ranks > 0.1) & (ranks < 0.9))
        assert abs(held - 0.8) < margin, name
    assert np.mean(made.p < CHOICES.surprise_below) < 0.06


def test_the_tail_of_chi_square_is_right() -> None:
    from scipy.stats import chi2

    for chances in ([0.5], [0.01, 0.99], [0.2] * 7, [0.001] * 3, [0.3, 0.9] * 30):
        z = [NormalDist().inv_cdf(c) for c in chances]
        assert normal_sum(chances) == pytest.approx(chi2.sf(sum(v * v for v in z), len(z)), rel=1e-9)
