"""The closed form against the published table and an independent stepper."""

import pytest

from regrow import knowledge
from regrow.pharmacology import PumpRun, plasma

MODEL = knowledge.model("clements-1981")


def test_the_published_predictions_for_35_mg_in_70_kg() -> None:
    found = plasma(MODEL, 70, [PumpRun(0, 40, 35 / 40)], [40, 80, 110, 230])

    assert [round(c.ng_per_ml) for c in found] == [177, 85, 63, 36]
    assert {"venous"} == {c.site for c in found}


def test_it_agrees_with_a_stepper_through_a_pause() -> None:
    runs = [PumpRun(0, 18, 1.0), PumpRun(25, 47, 1.0)]
    volume = MODEL.v1_l_per_kg * 80
    central = peripheral = 0.0
    step = 0.001
    for n in range(60_000):
        minute = n * step
        into = sum(run.mg_per_min for run in runs if run.start_min <= minute < run.end_min)
        flow = MODEL.k12_per_min * central - MODEL.k21_per_min * peripheral
        central += step * (into - MODEL.k10_per_min * central - flow)
        peripheral += step * flow

    assert plasma(MODEL, 80, runs, [60])[0].ng_per_ml == pytest.approx(1000 * central / volume, rel=1e-3)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="weight_kg must be above 0"):
        plasma(MODEL, 0, [], [0])
    with pytest.raises(ValueError, match="each run must end after it starts"):
        plasma(MODEL, 70, [PumpRun(10, 5, 1)], [0])
