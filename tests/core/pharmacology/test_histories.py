"""Dose histories that cannot be are refused with the event and the reason."""

import pytest

from regrow.pharmacology.doses import ABSURD_MG, BadDose, Bolus, Infusion, checked


def test_an_event_that_cannot_be_names_its_place_in_the_history() -> None:
    with pytest.raises(BadDose) as early:
        checked([Infusion(-0.5, 1.0, 40.0)])
    with pytest.raises(BadDose) as large:
        checked([Bolus(0.0, 10.0), Bolus(1.0, ABSURD_MG + 1)])
    with pytest.raises(BadDose) as negative:
        checked([Bolus(-1.0, 10.0)])

    assert str(early.value) == "event 1: start_h is -0.5 (-30 min); a history begins at 0 or later"
    assert str(large.value) == f"event 2: mg is {ABSURD_MG + 1:g}; a dose lies between 0 and {ABSURD_MG:g}"
    assert str(negative.value) == "event 1: at_h is -1; a history begins at 0 or later"
