"""One patient's estimate: the same to the last bit, within the caps, and silent where it has nothing to say."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import numpy as np
import pytest

from regrow.course import ClinicianStatement, MedicineChange, PatientFactors
from regrow.dosing import suggest
from regrow.individual_estimate import Estimate, NoEstimate, estimate, estimate_as_json, particles, warm_up
from regrow.individual_estimate import posterior as kept
from regrow.individual_estimate.inputs import EstimateInputs
from regrow.individual_estimate.timeline import timeline_of
from tests.content import knowledge
from tests.course_factory import course, dose, score, signed, week

PROTOCOL, RULE, SCALE = (
    knowledge.infusion_protocol("iv-weekly-6"),
    knowledge.titration("weekly-6"),
    knowledge.scale("phq-9"),
)
ABOUT = PatientFactors(age_years=41, sex="female", failed_trials=3, hypertension=False, antidepressant=True)
FALLING = (21, 20, 18, 16)


def case(totals=FALLING, ordered="0.5", about=ABOUT, **more):
    doses = [
        dose(n, ordered, systolic_start_mmhg=125, systolic_rise_mmhg=20 + n) for n in range(len(totals) - 1)
    ]
    return course([score(n, total) for n, total in enumerate(totals)], doses, kg="74", about=about, **more)


def found(of, number: float | None = None):
    at = week(len(of.scores) - 1 if number is None else number) + timedelta(hours=1)
    said = suggest(RULE, SCALE, of, at=at, weights=knowledge.dosing_weights())
    return estimate(of, PROTOCOL, RULE, SCALE, said, at=at, knowledge=knowledge)


def test_the_same_course_gives_the_same_estimate_to_the_last_bit_whatever_the_order_of_records() -> None:
    one = found(case())
    turned = case()
    turned = replace(turned, scores=turned.scores[::-1], doses=turned.doses[::-1])
    kept._lives.clear()

    assert found(turned) == one


def test_another_process_and_another_past_give_the_same_bits() -> None:
    """What was kept for past weeks must not show: a course that grew week by week is the course told at once."""
    for weeks in range(1, 5):
        grown = found(case(FALLING[:weeks]))
    told = "from tests.core.individual_estimate.test_estimate import *; import json; print(json.dumps(estimate_as_json(found(case()))))"
    other = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert json.loads(other.stdout) == json.loads(json.dumps(estimate_as_json(grown)))


def test_no_dose_option_exceeds_the_cap_and_each_has_its_intervals() -> None:
    made = found(case())

    assert isinstance(made, Estimate)
    assert [r.dose for r in made.options] == [*RULE.ladder, None]
    assert [r.allowed for r in made.options] == [True, True, False, False, True]
    for rung in made.options:
        assert list(rung.next_score) == sorted(rung.next_score)
        assert 0 <= rung.response <= 1
    over = [r.over_pressure for r in made.options if r.over_pressure is not None]
    assert over == sorted(over)
    assert [r.dissociation for r in made.options[:4]] == sorted(r.dissociation for r in made.options[:4])
    assert [p.days for p in made.path] == [7, 14, 21]


def test_the_estimate_states_how_uncertain_the_dose_effect_is() -> None:
    made = found(case())

    assert isinstance(made, Estimate)
    assert made.learned_of_dose < 0.1
    assert made.known_answers["plateau"] == pytest.approx(0.5)
    assert sum(made.answers.values()) == pytest.approx(1)
    assert found(case(FALLING[:1])).learned == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (replace(case(), signed=None), "limits are not signed"),
        (replace(case(), weights=()), "No weight"),
        (
            replace(case(), scores=case().scores[1:]),
            "No estimate without a valid score. Missing: ",
        ),
        (case((21, 20, 18, None)), "without a valid score"),
        (case((21, 20, 18, 25)), "Speak with the patient first"),
        (case(words=(ClinicianStatement("w", "estimate_off", week(1)),)), "switched the estimate off"),
    ],
)
def test_there_is_no_estimate_where_nothing_may_be_estimated(of, words) -> None:
    made = found(of)

    assert isinstance(made, NoEstimate)
    assert words in made.why


def test_an_estimate_switched_on_again_is_shown_again() -> None:
    words = (
        ClinicianStatement("a", "estimate_off", week(1)),
        ClinicianStatement("b", "estimate_on", week(2)),
    )

    assert isinstance(found(case(words=words)), Estimate)


def test_a_patient_the_model_does_not_fit_gets_no_estimate_and_a_reason() -> None:
    made = found(case((21, 2, 20, 1, 21, 2)))

    assert isinstance(made, NoEstimate)
    assert "does not look like the model" in made.why


def test_a_partial_dose_counts_as_what_was_given() -> None:
    whole = case((21, 15))
    part = replace(whole, doses=(replace(whole.doses[0], delivered_percent=D(10)),))
    more, less = found(whole), found(part)

    # The same fall after a tenth of the dose speaks for what is not the dose: less is expected of the next one.
    assert isinstance(more, Estimate) and isinstance(less, Estimate)
    assert less.options[0].end_score != more.options[0].end_score


def test_missing_weeks_widen_what_is_expected() -> None:
    whole = case((21, 20, 18, 16, 15))
    gaps = replace(whole, scores=(whole.scores[0], whole.scores[-1]))
    sure, unsure = found(whole), found(gaps, 4)

    assert isinstance(sure, Estimate) and isinstance(unsure, Estimate)
    assert unsure.scores == 2
    assert unsure.learned < sure.learned


def test_another_instrument_is_converted_by_published_tables_with_a_note() -> None:
    mixed = case()
    with_madrs = replace(mixed, scores=(*mixed.scores, score(2.5, 25, scale="madrs", id="m")))
    made = found(with_madrs, 3)

    assert isinstance(made, Estimate)
    assert any("madrs" in note for note in made.notes)
    assert made.scores == 5


@pytest.mark.parametrize("what", ["antidepressant_started", "antidepressant_stopped", "interacting_started"])
def test_a_changed_medication_changes_the_estimate_with_a_note(what: str) -> None:
    changed = found(case(medicines=(MedicineChange("m", what, week(1.2)),)))

    assert isinstance(changed, Estimate)
    assert changed.notes
    assert changed.options[0].end_score != found(case()).options[0].end_score


def test_after_months_and_a_relapse_the_estimate_uses_the_earlier_course() -> None:
    """Six weeks, response, half a year of nothing, and a return."""
    weeks = [score(n, t) for n, t in enumerate((21, 15, 12, 10, 9, 8, 8))]
    back = course([*weeks, score(32, 17)], [dose(n) for n in range(6)], kg="74", about=ABOUT)
    made = found(back, 32)

    assert isinstance(made, Estimate)
    held, without = made.options[0], made.options[-1]
    assert held.end_score < without.end_score
    assert made.wears_off_days is not None


def test_cached_weeks_change_no_result() -> None:
    rng = random.Random(7)
    totals = [21]
    for _ in range(11):
        totals.append(max(3, min(21, totals[-1] + rng.choice([-2, -1, 0, 1]))))
    long = case(tuple(totals))
    fresh = found(long)
    for weeks in range(2, len(totals)):
        found(case(tuple(totals[:weeks])))

    assert found(long) == fresh


def test_a_second_signed_limit_is_read_not_invented() -> None:
    limits = signed(during_systolic_mmhg="150")
    low = found(replace(case(), signed=limits))
    none = found(
        replace(
            case(),
            signed=replace(limits, limits={k: v for k, v in limits.limits.items() if "during_s" not in k}),
        )
    )

    assert isinstance(low, Estimate) and isinstance(none, Estimate)
    assert (low.options[0].over_pressure or 0) > (found(case()).options[0].over_pressure or 0)
    assert none.options[0].over_pressure is None


def test_the_answers_share_all_the_weight_and_numbers_are_finite() -> None:
    made = found(case())

    assert isinstance(made, Estimate)
    assert np.isfinite([r.end_score for r in made.options]).all()
    assert 0 < made.effective <= 1


def test_resampled_particles_keep_the_information() -> None:
    """Scores that few particles explain: they are tempered, picked and moved, and every figure is still there."""
    totals = (21, 8, 9, 14, 8, 12)
    at = week(len(totals) - 1) + timedelta(hours=1)
    of = case(totals)
    choices = replace(knowledge.estimate_choices(), least_effective_share=0.9)
    group = particles.Group.of(74.0, 3, "phq-9", choices)
    own = particles.Particles(group, replace(EstimateInputs.of(knowledge), choices=choices))
    timeline = timeline_of(of, "phq-9", at, interaction_noise=1.0, severity=own.severity)
    timeline = replace(timeline, doses=[replace(d, minutes=40.0) for d in timeline.doses])
    weights = np.full(4, 0.25)
    _, anew = kept.posterior_of(own, weights, timeline)
    own.choices = replace(choices, least_effective_share=0.0)
    kept.discount()
    _, whole = kept.posterior_of(own, weights, timeline)

    assert anew.moved == len([s for s in timeline.scores if s.day > 0])
    assert (anew.particles.count, whole.particles.count) == (choices.draws, choices.particles)
    for name in ("theta", "expects", "tau_synapse_d"):
        few, many = getattr(anew.particles, name), getattr(whole.particles, name)
        mean = float(whole.weight @ many)
        sd = float(np.sqrt(whole.weight @ (many - mean) ** 2))
        assert abs(float(anew.weight @ few) - mean) < 0.2 * sd, name


def test_a_warm_up_changes_no_estimate() -> None:
    before = found(case())
    warm_up(knowledge)

    assert estimate_as_json(found(case())) == estimate_as_json(before)
