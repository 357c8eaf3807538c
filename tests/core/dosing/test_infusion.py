"""The infusion arithmetic, cases A to E, and what holds for any dose."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.dosing import BadInfusion, minutes_within_rate_cap, prepare_infusion


@pytest.mark.parametrize(
    ("kg", "mg_per_kg", "vial", "bag", "minutes", "mg", "drawn", "total", "concentration", "rate"),
    [
        ("80", "0.5", "50", "100", 40, "40", "0.80", "100.8", "0.3968", "151.2"),
        ("80", "0.5", "100", "100", 40, "40", "0.40", "100.4", "0.3984", "150.6"),
        ("73.0", "0.5", "10", "50", 40, "36.5", "3.65", "53.65", "0.6803", "80.5"),
        ("80", "0.75", "50", "100", 45, "60", "1.20", "101.2", "0.5929", "134.9"),
        ("80", "1.0", "50", "100", 60, "80", "1.60", "101.6", "0.7874", "101.6"),
    ],
    ids="ABCDE",
)
def test_the_oracles_cases(kg, mg_per_kg, vial, bag, minutes, mg, drawn, total, concentration, rate) -> None:
    made = prepare_infusion(
        mg_per_kg=D(mg_per_kg), weight_kg=D(kg), vial_mg_per_ml=D(vial), bag_ml=D(bag), minutes=minutes
    )

    assert (D(mg), D(drawn), D(total)) == (made.dose_mg, made.drawn_ml, made.total_ml)
    assert (concentration, rate) == (str(made.concentration_mg_per_ml), str(made.rate_ml_per_h))


def test_the_syringe_rounds_and_the_order_states_its_content() -> None:
    made = prepare_infusion(
        mg_per_kg=D("0.6"), weight_kg=D("74.0"), vial_mg_per_ml=D(50), bag_ml=D(100), minutes=40
    )

    assert (D("44.40"), D("0.89"), D("44.50")) == (made.dose_mg, made.drawn_ml, made.prepared_mg)
    assert (D("100.89"), D("151.3")) == (made.total_ml, made.rate_ml_per_h)


@pytest.mark.parametrize(
    ("dose", "minutes"), [("0.5", 40), ("0.6", 40), ("0.75", 45), ("0.9", 54), ("1.0", 60)]
)
def test_a_higher_dose_runs_longer_never_faster_than_the_cap(dose: str, minutes: int) -> None:
    assert minutes == minutes_within_rate_cap(D(dose), 40, D("1.0"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight_kg": D(0)}, "weight in kg must be a number above 0, not 0"),
        ({"mg_per_kg": D("-0.5")}, "mg/kg must be a number above 0"),
        ({"mg_per_kg": D("NaN")}, "mg/kg must be a number above 0"),
        ({"minutes": 0}, "minutes must be 1 or more"),
        ({"bag_policy": "guess"}, "use added or volume_neutral"),
        ({"mg_per_kg": D("0.0001"), "weight_kg": D(1)}, "less than one syringe step"),
    ],
)
def test_numbers_that_cannot_be_are_refused_by_name(change: dict, words: str) -> None:
    usual = {
        "mg_per_kg": D("0.5"),
        "weight_kg": D(80),
        "vial_mg_per_ml": D(50),
        "bag_ml": D(100),
        "minutes": 40,
    }
    with pytest.raises(BadInfusion, match=words):
        prepare_infusion(**(usual | change))


@given(
    st.decimals("0.1", "1.0", places=2),
    st.decimals("30", "200", places=1),
    st.sampled_from([D(10), D(50), D(100)]),
    st.integers(20, 120),
)
def test_what_is_prepared_is_within_half_a_syringe_step_of_the_order(mg_per_kg, kg, vial, minutes) -> None:
    made = prepare_infusion(
        mg_per_kg=mg_per_kg, weight_kg=kg, vial_mg_per_ml=vial, bag_ml=D(100), minutes=minutes
    )

    assert abs(made.prepared_mg - made.dose_mg) <= vial * D("0.005")
    assert abs(made.rate_ml_per_h * minutes - made.total_ml * 60) <= D("0.05") * minutes
