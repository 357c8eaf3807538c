"""A course as a document: out and in again, and refused in a sentence where it cannot be read."""

import copy
from dataclasses import replace
from fractions import Fraction

import pytest

from regrow.course import BadCourse, MedicineChange, PatientFactors, course_as_json, course_from_json
from tests.content import knowledge
from tests.course_factory import course, dose, score, week, word

CASE = course(
    [score(0, 21), replace(score(1, 0), total=Fraction(63, 4), prorated=True), score(2, None, None)],
    [dose(0, systolic_rise_mmhg=22, cadss=4), dose(1, "0.6", "45.2", tolerated=False, because="vomited")],
    alerts=["a"],
    words=(word("clearance", 2, about="d1"),),
    medicines=(MedicineChange("m", "antidepressant_started", week(1), "sertraline"),),
    about=PatientFactors(
        age_years=41, sex="female", failed_trials=3, hypertension=False, antidepressant=True
    ),
)


def test_a_course_comes_back_from_its_document_as_it_was() -> None:
    assert course_from_json(course_as_json(CASE), scale=knowledge.scale) == CASE


def test_the_order_of_records_does_not_change_the_document() -> None:
    turned = replace(CASE, scores=CASE.scores[::-1], doses=CASE.doses[::-1])

    assert course_as_json(turned) == course_as_json(CASE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("doses"), "'doses' is a required property"),
        (lambda d: d["scores"][0].update(at="yesterday"), "'yesterday' is not a time"),
        (lambda d: d["scores"][0].update(at="2026-07-06T13:00:00"), "has no time zone"),
        (lambda d: d["scores"][0].update(total=-3), "scores.0.total"),
        (lambda d: d["doses"][0].update(ordered="half"), "'half' is not a number"),
        (lambda d: d["doses"][0].update(delivered_mg="-4"), "not below 0"),
        (lambda d: d["doses"].append(d["doses"][0]), "duplicate id"),
        (lambda d: d["doses"][0].update(unit="mL"), "doses.0.unit"),
        (lambda d: d["words"][0].update(kind="gossip"), "words.0.kind"),
    ],
)
def test_an_unreadable_course_names_the_place_and_the_reason(change, words) -> None:
    document = copy.deepcopy(course_as_json(CASE))
    change(document)
    with pytest.raises(BadCourse, match=words):
        course_from_json(document, scale=knowledge.scale)
    with pytest.raises(BadCourse):
        course_from_json([document], scale=knowledge.scale)
