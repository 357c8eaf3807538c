"""The Spravato rule: the prescriber decides by effect and tolerability, and a missing score blocks nothing."""

from regrow.dosing import Outcome
from tests.course_factory import asked, course, dose, score, signed

RULE = "spravato-label"


def spravato(scores=(), doses=()):
    return course(scores, doses, under=signed("spravato-label"))


def given(number: float, mg: str = "56", percent: str = "100", **more):
    return dose(number, mg, percent, unit="mg", **more)


def test_without_a_score_the_first_dose_is_suggested_and_the_missing_score_stated() -> None:
    found = asked(spravato(), 0, RULE)
    assert found.first_dose and str(found.dose) == "56"
    assert any(reason.text.startswith("No valid score:") for reason in found.because)


def test_without_a_score_a_tolerated_dose_is_held() -> None:
    found = asked(spravato(doses=[given(0)]), 1, RULE)
    texts = [reason.text for reason in found.because]
    assert (found.outcome, str(found.dose)) == (Outcome.HOLD, "56")
    assert texts[0].startswith("No valid score:")
    assert texts[1] == "One dose at 56 mg, given in full and tolerated"


def test_without_a_score_a_dose_given_in_part_is_repeated() -> None:
    found = asked(spravato(doses=[given(0, percent="50")]), 1, RULE)
    assert str(found.dose) == "56"
    assert any("Only 50 % of the last dose was given" in reason.text for reason in found.because)


def test_without_a_score_a_dose_that_was_not_tolerated_steps_down() -> None:
    found = asked(spravato(doses=[given(0), given(0.5, "84", tolerated=False, because="vomiting")]), 1, RULE)
    assert str(found.dose) == "56"


def test_a_score_moves_no_dose() -> None:
    found = asked(spravato([score(0, 20), score(1, 19)], [given(0)]), 1, RULE)
    assert (found.outcome, str(found.dose)) == (Outcome.HOLD, "56")
    assert "5 % better than baseline: 20 → 19, which moves no dose under this rule" in [
        reason.text for reason in found.because
    ]
