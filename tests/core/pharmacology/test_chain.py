"""From occupancy to mood: the published table, the closed form against a stiff solver, and what must hold."""

import os

import numpy as np
import pytest

from regrow.pharmacology import Dose, Infusion, MixedSites, People, Subjects, differing, drawn, typical
from regrow.pharmacology.acute import acute
from regrow.pharmacology.effects import Models, effects_of
from regrow.pharmacology.mood import MoodModel, typical_mood_model
from regrow.pharmacology.occupancy import Receptor, effect_site_occupancy
from regrow.pharmacology.plasticity_drive import FLAT, INVERTED_U, MONOTONE, PLATEAU, typical_shape
from regrow.pharmacology.stages import Session, Setting, Stages, stages, surge_of
from regrow.pharmacology.window import window_of
from tests import reference_ode
from tests.content import knowledge
from tests.run_seed import first_seed

PARAMETERS = knowledge.effect_parameters()
EFFECTS = effects_of(PARAMETERS, Models.of(knowledge))
RACEMATE = knowledge.model("racemate")
SEVENTY_KG = typical(RACEMATE, People.one(70))
ANSWERS = (PLATEAU, MONOTONE, INVERTED_U, FLAT)


def infusion(mg_per_kg: float, kg: float = 70, minutes: float = 40) -> list[Infusion]:
    return [Infusion(0, minutes / 60, mg_per_kg * kg / (minutes / 60))]


def course(sessions: list[Session], times: list[float], answer: int = PLATEAU) -> Stages:
    shape = typical_shape(PARAMETERS, answer)
    tau = np.array([PARAMETERS["tau_synapse_d"]])
    return stages(EFFECTS, SEVENTY_KG, shape, tau, typical_mood_model(PARAMETERS), sessions, times)


def test_occupancy_by_total_racemic_concentration_and_by_esketamine() -> None:
    receptor = Receptor.of(PARAMETERS)
    table = {
        "racemic ketamine": {50: 0.19, 100: 0.32, 150: 0.41, 200: 0.48, 250: 0.54, 300: 0.58, 400: 0.65},
        "S-ketamine": {50: 0.28, 75: 0.37, 100: 0.44},
    }
    for moiety, rows in table.items():
        assert rows
        for ng_per_ml, occupancy in rows.items():
            x = receptor.per_ng(moiety, "ketamine") * ng_per_ml
            assert occupancy == pytest.approx(x / (1 + x), abs=0.006)


def test_half_a_milligram_per_kilogram_occupies_about_two_fifths_and_one_about_three() -> None:
    peaks = [
        effect_site_occupancy(EFFECTS.receptor, SEVENTY_KG, infusion(dose), np.linspace(0, 2, 241)).max()
        for dose in (0.5, 0.75, 1.0)
    ]

    assert pytest.approx(peaks, abs=0.03) == [0.43, 0.53, 0.60]


def test_an_arterial_model_cannot_meet_the_venous_receptor() -> None:
    with pytest.raises(MixedSites, match="domino-1982 is arterial"):
        effect_site_occupancy(
            EFFECTS.receptor, typical(knowledge.model("K1"), People.one(70)), infusion(0.5), [1.0]
        )


def test_every_answer_gives_the_typical_session_a_drive_of_one_and_nothing_none() -> None:
    for answer in ANSWERS:
        shape = typical_shape(PARAMETERS, answer)
        for dose, expected in ((0.5, 1.0), (0.0, 0.0)):
            history = infusion(dose)
            _, drive = surge_of(EFFECTS, SEVENTY_KG, shape, history, window_of(history, (4.0, 24.0)))
            assert expected == pytest.approx(drive[0], rel=1e-3)


def test_the_four_answers_differ_where_they_should() -> None:
    drives = {}
    for answer in ANSWERS:
        shape = typical_shape(PARAMETERS, answer)
        drives[answer] = [
            float(surge_of(EFFECTS, SEVENTY_KG, shape, infusion(d), window_of(infusion(d)))[1][0])
            for d in (0.25, 0.5, 1.0)
        ]

    assert drives[PLATEAU][2] < 1.25
    assert drives[MONOTONE][2] > 1.5
    assert drives[INVERTED_U][2] < drives[INVERTED_U][1]
    assert drives[FLAT][0] > 0.95


def test_synapses_are_one_a_day_after_and_the_fast_benefit_as_set_after_four_hours() -> None:
    found = course([Session(0, infusion(0.5))], [4.0, 24.0])

    assert found.synapses[0, 1] == pytest.approx(1, rel=1e-4)
    assert found.fast[0, 0] == pytest.approx(PARAMETERS["fast_share"], rel=1e-4)


@pytest.mark.parametrize("seed", range(int(os.environ.get("REGROW_TEST_CHAINS", "12"))))
def test_the_closed_form_agrees_with_a_stiff_solver_of_all_states(seed: int) -> None:
    """Random people, doses and pauses, six sessions: ≤ 1e-4 of each state's largest value, from 2 hours to 42 days."""
    random = np.random.default_rng(first_seed() + seed)
    people = People(random.uniform(50, 120, 1), random.uniform(20, 80, 1))
    who = drawn(RACEMATE, people, random.normal(size=(1, len(differing(RACEMATE)))))
    tau = float(np.exp(random.normal(np.log(7), 0.5)))
    sessions = []
    for week in range(6):
        mg = random.uniform(0.2, 1.0) * people.weight_kg[0]
        first, pause, second = random.uniform(0.1, 0.5), random.uniform(0.01, 0.3), random.uniform(0.1, 0.5)
        given = [
            Infusion(0, first, mg / (first + second)),
            Infusion(first + pause, first + pause + second, mg / (first + second)),
        ]
        sessions.append(Session(168.0 * week, given))
    shape = typical_shape(PARAMETERS, int(random.integers(4)))
    times = [2.0, 4.0, 24.0, 168.0, 6 * 168.0]
    every = sorted({*times, *(168.0 * w + t for w in range(6) for t in (0.5, 1.0, 2.0, 4.0, 24.0, 72.0))})
    found = stages(
        EFFECTS, who, shape, np.array([tau]), MoodModel(np.ones(1), np.ones(1), np.ones(1)), sessions, every
    )
    per_hour = []
    for session in sessions:
        window = window_of(session.history, tuple(t - session.starts_h for t in every))
        occupancy = effect_site_occupancy(EFFECTS.receptor, who, session.history, window.nodes_h)
        _, drive = surge_of(EFFECTS, who, shape, session.history, window)
        per_hour.append(float(drive[0] / (occupancy[0] @ window.weights_h)))
    reference = reference_ode.solve(EFFECTS, who, tau, sessions, per_hour, every)

    assert len(reference_ode.STATES) == len(reference)
    for row, state in enumerate(reference_ode.STATES):
        largest = np.abs(reference[row]).max()
        for column, time in enumerate(every):
            if time in times:
                ours = getattr(found, state)[0, column]
                assert abs(ours - reference[row, column]) <= 1e-4 * largest, (state, time)


def test_a_session_split_in_two_at_one_rate_is_the_same_session() -> None:
    times = [0.5, 4.0, 24.0, 168.0]
    whole = course([Session(0, infusion(0.5))], times)
    split = course([Session(0, [Infusion(0, 0.3, 52.5), Infusion(0.3, 40 / 60, 52.5)])], times)

    for name in ("synapses", "kept", "fast", "mood"):
        assert getattr(whole, name) == pytest.approx(getattr(split, name), rel=1e-4)


def test_nothing_acts_before_it_is_given() -> None:
    """The score at three hours knows nothing of what is still in the blood."""
    stopped = course([Session(0, infusion(0.5))], [1.0])
    longer = course([Session(0, [*infusion(0.5), Infusion(2.0, 2.5, 52.5)])], [1.0])
    ratio = longer.glutamate[0, 0] / stopped.glutamate[0, 0]

    assert longer.fast[0, 0] / stopped.fast[0, 0] == pytest.approx(ratio, rel=1e-4)


def test_the_spray_runs_through_the_same_chain() -> None:
    model = knowledge.model("K6")
    devices = [Dose(n * 5 / 60, 28, "nasal", n + 1) for n in range(2)]
    who: Subjects = typical(model, People.one(70))
    found = stages(
        EFFECTS,
        who,
        typical_shape(PARAMETERS, PLATEAU),
        np.array([7.0]),
        typical_mood_model(PARAMETERS),
        [Session(0, devices)],
        [0.5, 24.0],
        Setting(comparator="spray", new_antidepressant=True),
    )

    assert 0.2 < found.occupancy[0, 0] < 0.6
    assert 0.5 < found.synapses[0, 1] < 2
    assert found.mood[0, 1] < 1


def test_dissociation_fades_with_repetition_and_pressure_does_not() -> None:
    occupancy = np.array([0.0, 0.2, 0.43])
    first, fourth = acute(EFFECTS, occupancy, 1), acute(EFFECTS, occupancy, 4)

    assert np.all(fourth.cadss[1:] < 0.6 * first.cadss[1:])
    assert np.all(fourth.systolic_rise_mmhg == first.systolic_rise_mmhg)
    assert first.cadss[0] == first.systolic_rise_mmhg[0] == first.nausea[0] == first.sedation[0] == 0
