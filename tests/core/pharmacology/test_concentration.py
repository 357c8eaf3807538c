"""Concentrations against published tables, 40-digit matrix exponentials, and what must hold for any model."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.pharmacology import (
    BadDose,
    Bolus,
    ConcentrationForecast,
    Dose,
    Infusion,
    People,
    Subjects,
    concentration,
    differing,
    drawn,
    step_response,
    typical,
)
from tests import reference_pk
from tests.content import knowledge

MODELS = knowledge.ids("model")
MEN_OF_70_KG = People.one(70)
THE_35_MG = [Infusion(0, 40 / 60, 52.5)]
SAMPLED_H = np.array([40, 80, 110, 230]) / 60


def subject(model: str, people: People = MEN_OF_70_KG) -> Subjects:
    return typical(knowledge.model(model), people)


def ng(profile: Any, analyte: str = "ketamine") -> Any:
    return profile.analytes[analyte].ng_per_ml[0]


def many(model: str, n: int, seed: int = 1) -> Subjects:
    """Drawn subjects of 45 to 130 kg, enough of them for the compiled way."""
    random = np.random.default_rng(seed)
    found = knowledge.model(model)
    people = People(random.uniform(45, 130, n), random.uniform(18, 85, n))
    return drawn(found, people, random.normal(size=(n, len(differing(found)))))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("K1", [240.33, 45.81, 38.07, 18.42]),
        ("K2", [177.31, 84.73, 63.07, 35.92]),
        ("K4", [158, 79, 60, 27]),
        ("K5", [289, 63, 42, 21]),
    ],
)
def test_the_published_predictions_for_35_mg_over_40_minutes_in_70_kg(
    model: str, expected: list[float]
) -> None:
    found = ng(concentration(subject(model), THE_35_MG, SAMPLED_H))

    assert expected == pytest.approx(found, abs=0.005 if model in ("K1", "K2") else 0.5)


@pytest.mark.parametrize(("model", "auc"), [("K1", 302), ("K2", 436), ("K4", 368), ("K5", 394)])
def test_the_area_under_the_curve_is_the_dose_over_the_clearance(model: str, auc: float) -> None:
    """AUC∞ by the long-run level of an endless infusion: at 1 mg/h it is AUC∞ of 1 mg."""
    level = ng(concentration(subject(model), [Infusion(0, 4000, 1.0)], [3999.0]))[0]

    assert auc == pytest.approx(35 * level, abs=0.5)


def test_the_spray_meets_the_sources_own_table_of_peaks_and_areas() -> None:
    """Cmax and AUC(0–24 h) of 28, 56 and 84 mg, Perez-Ruixo 2021, table 4: 18–60 years, and above 60."""
    times = np.linspace(0.001, 24, 4801)
    table = {
        (28, 40): (43.8, 147.3),
        (56, 40): (72.5, 254.7),
        (84, 40): (101.0, 362.2),
        (84, 70): (102.7, 391.2),
    }
    for (mg, age), (peak, area) in table.items():
        devices = [Dose(n * 5 / 60, 28, "nasal", n + 1) for n in range(mg // 28)]
        curve = ng(concentration(subject("K6", People.one(70, age)), devices, times))

        assert peak == pytest.approx(curve.max(), rel=0.01)
        assert area == pytest.approx(float(np.trapezoid(curve, times)), rel=0.01)


@pytest.mark.no_cover
@pytest.mark.parametrize("model", MODELS)
def test_every_model_agrees_with_the_independent_solution_on_random_people(model: str) -> None:
    """Both ways: plain numpy for one subject, compiled code for many. Segments, a pause, a push, other routes."""
    subjects = many(model, 70)
    history: list[Any] = [
        Infusion(0, 0.21, 60.0),
        Infusion(0.3, 0.55, 35.0),
        Infusion(0.55, 0.9, 12.0),
        Bolus(0.95, 5.0),
    ]
    for route in knowledge.model(model).routes:
        if route == "nasal":
            history += [Dose(1.0, 28, "nasal", 1), Dose(1.0 + 5 / 60, 28, "nasal", 2)]
        elif route != "iv":
            history.append(Dose(1.1, 80, route))
    times = [0.1, 0.21, 0.9, 1.3, 3.0, 8.0, 24.0]
    for which in (0, 1):
        exact = reference_pk.concentrations(subjects, history, times, subject=which)
        assert "ketamine" in " ".join(exact)
        one = Subjects(subjects.model, {k: v[which : which + 1] for k, v in subjects.values.items()})
        for who, row in ((one, 0), (subjects, which)):
            found = concentration(who, history, times)
            for analyte, truth in exact.items():
                seen = found.analytes[analyte].ng_per_ml[row]
                assert reference_pk.worst_relative_error(truth, seen) <= 1e-12


@pytest.mark.no_cover
@settings(max_examples=25, deadline=None)
@given(
    rates=st.lists(st.floats(0.05, 20), min_size=9, max_size=9),
    near=st.sampled_from([0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 0.01]),
    cuts=st.lists(st.floats(0.01, 1), min_size=4, max_size=4),
)
def test_equal_and_nearly_equal_rates_lose_nothing(
    rates: list[float], near: float, cuts: list[float]
) -> None:
    """A metabolite that leaves as fast as its parent, peripherals that are twins: ≤ 1e-9, exact twins included."""
    model = knowledge.model("K4")
    v1, cl, q2, q3, v2, vn, _, qn, vnp = rates
    values = {
        "v1": v1,
        "cl": cl,
        "v2": v2,
        "q2": q2,
        "v3": v2 * (1 + near),
        "q3": q2 * (1 + near) if near < 1e-6 else q3,
        "vn": vn,
        "cln": cl / v1 * vn * (1 + near),
        "vnp": vnp,
        "qn": qn,
        "f_oral": 0.08,
        "ka_oral": 2.7,
    }
    subjects = Subjects(model, {name: np.full(70, value) for name, value in values.items()})
    ends = np.cumsum(cuts)
    history = [Infusion(0, ends[0], 10.0), Infusion(ends[1], ends[2], 4.0)]
    times = [ends[0] / 2, ends[1], ends[3], ends[3] + 2]
    exact = reference_pk.concentrations(subjects, history, times)
    found = concentration(subjects, history, times)

    for analyte in ("ketamine", "norketamine"):
        seen = found.analytes[analyte].ng_per_ml[0]
        assert reference_pk.worst_relative_error(exact[analyte], seen) <= 1e-9


@pytest.mark.no_cover
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n", [1, 70])
def test_two_histories_add_up(model: str, n: int) -> None:
    subjects = many(model, n)
    one: list[Any] = [Infusion(0, 0.5, 40.0)]
    other: list[Any] = [Infusion(0.6, 1.0, 10.0), Bolus(1.2, 3.0)]
    times = [0.2, 0.5, 1.1, 1.2, 4.0]
    both = concentration(subjects, one + other, times)
    first, second = (concentration(subjects, h, times) for h in (one, other))

    assert both.analytes
    for analyte in both.analytes:
        total = first.analytes[analyte].ng_per_ml + second.analytes[analyte].ng_per_ml
        assert both.analytes[analyte].ng_per_ml == pytest.approx(total, rel=1e-11)


@pytest.mark.parametrize("model", MODELS)
def test_splitting_a_segment_or_pausing_for_no_time_changes_nothing(model: str) -> None:
    times = [0.2, 0.5, 0.9, 6.0]
    whole = concentration(subject(model), [Infusion(0, 0.8, 40.0)], times)
    split = concentration(subject(model), [Infusion(0, 0.3, 40.0), Infusion(0.3, 0.8, 40.0)], times)

    assert whole.analytes
    for analyte in whole.analytes:
        assert ng(whole, analyte) == pytest.approx(ng(split, analyte), rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_appears_from_nowhere(model: str) -> None:
    """Mass balance: what a body without a way out holds is what it was given."""
    found = knowledge.model(model)
    closed = replace(
        found, flows=tuple(f for f in found.flows if f.to is not None and f.share is None), warnings=()
    )
    from regrow.pharmacology.linear import amounts
    from regrow.pharmacology.system import grid_of, inputs_of, reached, system_of

    who = typical(closed, MEN_OF_70_KG)
    inputs = inputs_of(who, [Infusion(0, 0.7, 50.0), Bolus(0.9, 5.0)])
    places = reached(who, inputs)
    mg = amounts(system_of(who, places), inputs, grid_of(inputs, np.array([0.7, 5.0])))[0].sum(axis=1)

    assert pytest.approx(mg, rel=1e-10) == [35.0, 40.0]


def test_a_value_at_the_time_of_a_push_is_the_one_before_it() -> None:
    found = ng(concentration(subject("K2"), [Bolus(1.0, 10.0)], [1.0, 1.0 + 1e-9]))

    assert found[0] == 0
    assert found[1] == pytest.approx(10 / (1.7522 * 70) * 1000)


def test_a_dose_per_kilogram_gives_more_exposure_to_the_heavy() -> None:
    """K4's clearance grows with weight^0.75: a ladder in mg/kg is not neutral to exposure."""
    people = People(np.array([50.0, 100.0]), np.array([40.0, 40.0]))
    who = typical(knowledge.model("K4"), people)
    level = concentration(who, [Infusion(0, 4000, 0.5)], [3999.0], scale=people.weight_kg)

    light, heavy = level.analytes["ketamine"].ng_per_ml[:, 0]
    assert heavy / light == pytest.approx(2**0.25)


def test_inhibitors_act_by_mouth_and_hardly_by_vein() -> None:
    effects = knowledge.drug_effects()
    model = knowledge.model("K2")
    for id, oral, iv in (("clarithromycin", 2.6, 1.0), ("rifampicin", 0.14, 0.86)):
        with_it = typical(model, MEN_OF_70_KG, [effects[id]])
        plain = typical(model, MEN_OF_70_KG)
        for history, times in (([Dose(0, 80, "oral")], oral), ([Infusion(0, 0.5, 60)], iv)):
            hours = np.linspace(0.0, 400, 40001)[1:]
            area, without = (
                float(np.trapezoid(ng(concentration(s, history, hours)), hours)) for s in (with_it, plain)
            )
            assert area / without == pytest.approx(times, rel=0.01)


def test_the_second_device_is_absorbed_less_in_the_nose() -> None:
    times = [10 / 60]
    first = ng(concentration(subject("K6"), [Dose(0, 28, "nasal", 1)], times))
    second = ng(concentration(subject("K6"), [Dose(0, 28, "nasal", 2)], times))

    assert second[0] < 0.7 * first[0]


def test_a_strip_carried_on_second_by_second_ends_where_the_closed_form_does() -> None:
    subjects = many("K4", 20)
    strip = ConcentrationForecast(subjects)
    for second in range(3600):
        running = second < 600 or 900 <= second < 2400
        strip.advance(1 / 3600, np.full(20, 52.5 if running else 0.0))
    expected = concentration(
        subjects, [Infusion(0, 600 / 3600, 52.5), Infusion(900 / 3600, 2400 / 3600, 52.5)], [1.0]
    )

    assert strip.ng_per_ml() == pytest.approx(expected.analytes["ketamine"].ng_per_ml[:, 0], rel=1e-10)
    assert strip.ng_per_ml("norketamine") == pytest.approx(
        expected.analytes["norketamine"].ng_per_ml[:, 0], rel=1e-10
    )


def test_the_tablets_table_adds_up_to_any_course_of_the_pump() -> None:
    """As strip.js does it: one response for each change of rate, straight lines between the table's points."""
    who = subject("K2", People.one(82))
    table = step_response(who, 400)
    history = [Infusion(0, 17 / 60, 60.0), Infusion(24 / 60, 51 / 60, 45.0)]
    changes = [(0, 1.0), (17, -1.0), (24, 0.75), (51, -0.75)]
    minutes = np.array([5.0, 17, 20.3, 33.3, 60, 200])
    expected = ng(concentration(who, history, minutes / 60))
    points = np.arange(len(table.ng_per_ml)) * table.every_min
    found = sum(change * np.interp(minutes - at, points, table.ng_per_ml, left=0.0) for at, change in changes)

    assert expected == pytest.approx(found, rel=2e-3)


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([Infusion(0, 0, 10)], "event 1: end_h is 0 min, not after start_h"),
        ([Infusion(0, 1, -1)], "event 1: mg_per_h is -1"),
        ([Infusion(0, 1, 1e9)], "event 1: mg_per_h is 1e\\+09; a rate lies between"),
        ([Infusion(0, 1, 5), Infusion(0.5, 2, 5)], "event 2: start_h is 30 min, before the one above ends"),
        ([Infusion(1, 2, 5), Infusion(0, 0.5, 5)], "event 2: start_h lies before that of the infusion above"),
        ([Bolus(0, float("nan"))], "event 1: mg is nan; give a number"),
        ([Bolus(-1, 5)], "event 1: at_h is -1; a history begins at 0"),
        ([Dose(0, 5, "rectal")], "event 1: clements-1981 has no route 'rectal'; it has: iv, im"),
    ],
)
def test_a_history_that_cannot_be_is_refused_by_the_name_of_its_field(history: Any, message: str) -> None:
    with pytest.raises(BadDose, match=message):
        concentration(subject("K2"), history, [1.0])


@pytest.mark.parametrize("times", [[], [-1.0], [2.0, 1.0], [1.0, 1.0], [float("inf")]])
def test_times_that_cannot_be_are_refused(times: list[float]) -> None:
    with pytest.raises(BadDose, match="times_h"):
        concentration(subject("K2"), THE_35_MG, times)


def test_a_body_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadDose, match="weight_kg is 0"):
        People.one(0)
    with pytest.raises(BadDose, match="age_years is 300"):
        People.one(70, 300)
