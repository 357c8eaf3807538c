"""Which weight, which mg, and what a slip of the pen looks like."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from regrow.course import PatientFactors
from regrow.dosing import (
    BadOrder,
    BadWeight,
    dose_slips,
    dosing_weight,
    make_order,
    order_as_json,
    prepare_infusion,
    weight_slips,
)
from tests.content import knowledge
from tests.course_factory import course, signed

WEIGHTS = knowledge.dosing_weights()
PROTOCOL, RULE = knowledge.infusion_protocol("iv-weekly-6"), knowledge.titration("weekly-6")
LADDER = RULE.ladder


def about(sex: str, cm: str, basis: str) -> PatientFactors:
    return PatientFactors(sex=sex, height_cm=D(cm), weight_basis=basis)


@pytest.mark.parametrize(
    ("sex", "cm", "kg", "actual", "ideal", "adjusted"),
    [("male", "178", "140", "70.0", "36.6", "50.0"), ("female", "160", "118", "59.0", "26.2", "39.3")],
)
def test_one_bit_of_policy_halves_the_dose(sex, cm, kg, actual, ideal, adjusted) -> None:
    mg = [
        (D("0.5") * dosing_weight(basis, D(kg), WEIGHTS, height_cm=D(cm), sex=sex)).quantize(D("0.1"))
        for basis in ("actual", "ideal", "adjusted")
    ]

    assert mg == [D(actual), D(ideal), D(adjusted)]


@pytest.mark.parametrize(
    ("basis", "cm", "sex", "words"),
    [
        ("ideal", None, "male", "needs the height"),
        ("adjusted", D(170), "other", "female and male only"),
        ("lean", D(170), "male", "use actual, ideal, adjusted"),
        ("ideal", D(40), "female", "not above 0"),
    ],
)
def test_a_weight_that_cannot_be_computed_names_what_is_missing(basis, cm, sex, words) -> None:
    with pytest.raises(BadWeight, match=words):
        dosing_weight(basis, D(80), WEIGHTS, height_cm=cm, sex=sex)


def test_an_order_spells_out_everything_that_it_rests_on() -> None:
    case = course(kg="74.0", about=about("female", "165", "actual"), under=signed(flush_ml="20"))
    order = order_as_json(
        make_order(
            PROTOCOL, RULE, case, D("0.6"), prn="ondansetron as the clinic's plan says", weights=WEIGHTS
        )
    )

    assert (order["dose_mg"], order["prepared_mg"], order["drawn_ml"]) == ("44.40", "44.50", "0.89")
    assert (order["total_ml"], order["rate_ml_per_h"], order["minutes"]) == ("100.89", "151.3", "40")
    assert (order["weight_basis"], order["weight_kg"], order["actual_kg"]) == ("actual", "74.0", "74.0")
    assert (order["vial_mg_per_ml"], order["bag_policy"], order["flush_ml"]) == ("50", "added", "20")
    assert order["prn"].startswith("ondansetron")


def test_the_weight_basis_is_kept_for_the_course_beside_the_actual_weight() -> None:
    case = course(kg="140", about=about("male", "178", "adjusted"))
    order = order_as_json(make_order(PROTOCOL, RULE, case, D("0.5"), weights=WEIGHTS))

    assert (order["weight_basis"], order["weight_kg"], order["actual_kg"]) == ("adjusted", "99.9", "140")


@pytest.mark.parametrize(
    ("kg", "dose", "words"),
    [
        ("80", "0.91", "up to its cap of 0.9"),
        ("80", "0", "above 0"),
        ("80", "NaN", "outside this protocol"),
        ("140", "0.9", "126 mg is above the signed limit of 120 mg"),
    ],
)
def test_an_order_above_a_cap_is_not_made(kg: str, dose: str, words: str) -> None:
    with pytest.raises(BadOrder, match=words):
        make_order(PROTOCOL, RULE, course(kg=kg), D(dose), weights=WEIGHTS)


def test_no_order_without_a_weight_or_a_signature() -> None:
    with pytest.raises(BadOrder, match="No weight is on file"):
        make_order(PROTOCOL, RULE, replace(course(), weights=()), D("0.5"), weights=WEIGHTS)
    with pytest.raises(BadOrder, match="no signed limits"):
        make_order(PROTOCOL, RULE, replace(course(), signed=None), D("0.5"), weights=WEIGHTS)


def test_rounding_the_syringe_never_passes_the_signed_limit() -> None:
    made = prepare_infusion(
        mg_per_kg=D("0.6"),
        weight_kg=D("199.8"),
        vial_mg_per_ml=D(50),
        bag_ml=D(100),
        minutes=40,
        syringe_step_ml=D("0.05"),
        at_most_mg=D(120),
    )

    assert (made.dose_mg, made.prepared_mg) == (D("119.88"), D("120.00"))
    lower = prepare_infusion(
        mg_per_kg=D("0.6"),
        weight_kg=D("199.8"),
        vial_mg_per_ml=D(50),
        bag_ml=D(100),
        minutes=40,
        syringe_step_ml=D("0.05"),
        at_most_mg=D("119.9"),
    )
    assert lower.prepared_mg == D("117.50")


@pytest.mark.parametrize(
    ("kg", "before", "words"),
    [
        ("176.4", "80", "pounds typed as kilograms: 80.0 kg"),
        ("36.3", "80", "divided by 2.2"),
        ("800", "80", "ten times the weight before: 80.0 kg"),
        ("8.1", "80", "a tenth of the weight before"),
        ("84", "80", None),
        ("80", "80", None),
        ("120", "80", None),
    ],
)
def test_pounds_and_a_digit_too_many_are_recognised_by_the_weight_before(kg, before, words) -> None:
    found = weight_slips(
        D(kg), before_kg=D(before), height_cm=None, within_percent=D(5), plausible_bmi=WEIGHTS.plausible_bmi
    )

    assert (words in found[0]) if words else (found == [])


def test_without_an_earlier_weight_the_height_reveals_a_typing_error() -> None:
    assert (
        "body mass index of 242"
        in weight_slips(
            D(700), before_kg=None, height_cm=D(170), within_percent=D(5), plausible_bmi=WEIGHTS.plausible_bmi
        )[0]
    )
    assert (
        weight_slips(
            D(70), before_kg=None, height_cm=D(170), within_percent=D(5), plausible_bmi=WEIGHTS.plausible_bmi
        )
        == []
    )


@pytest.mark.parametrize(
    ("dose", "words"),
    [
        ("5", "5 is ten times 0.5"),
        ("0.05", "0.05 is a tenth of 0.5"),
        ("0.06", "a tenth of"),
        ("0.5", None),
        ("0.55", None),
    ],
)
def test_a_decimal_point_that_slipped_is_recognised_by_the_ladder(dose: str, words: str | None) -> None:
    found = dose_slips(D(dose), LADDER)

    assert (words in found[0]) if words else (found == ())
