"""The picture and the sketches: the engine's own numbers, small enough to send, and honest about the question."""

from pathlib import Path

import numpy as np
import pytest

import regrow
from regrow.pharmacology import BadDose
from regrow.pharmacology.curve_sketches import sketches
from regrow.pharmacology.effects import effects_in_force
from regrow.pharmacology.figure_series import LANES, answers, picture_of
from tests.content import knowledge

STATIC = Path(regrow.__file__).parent / "web/portal/static/portal"
EFFECTS = effects_in_force(knowledge)


def test_a_pause_really_pauses_the_infusion() -> None:
    whole, paused = picture_of(EFFECTS, "iv", 0.5), picture_of(EFFECTS, "iv", 0.5, 20.0)
    resumed = picture_of(EFFECTS, "iv", 0.5, 20.0, 60.0)

    assert max(paused.lanes["brake"]) < 0.8 * max(whole.lanes["brake"])
    assert max(paused.lanes["connections"]) < max(resumed.lanes["connections"])
    assert resumed.running == [(0.0, pytest.approx(20.0)), (pytest.approx(60.0), pytest.approx(80.0))]


def test_the_usual_infusion_fills_each_lane_once() -> None:
    picture = picture_of(EFFECTS, "iv", 0.5)

    assert [1.0] * len(LANES) == pytest.approx([max(picture.lanes[lane]) for lane in LANES], abs=0.01)


def test_lanes_follow_each_other_in_time() -> None:
    picture = picture_of(EFFECTS, "iv", 0.5)
    peaks = [
        picture.minutes[int(np.argmax(picture.lanes[lane]))]
        for lane in ("brake", "glutamate", "bdnf", "connections")
    ]

    assert peaks == sorted(peaks)


def test_the_four_answers_agree_at_half_a_milligram_and_part_beyond() -> None:
    doses, found = answers(EFFECTS)
    at = {dose: [found[name][i] for name in found] for i, dose in enumerate(doses)}

    assert max(at[0.5]) - min(at[0.5]) < 0.01
    assert max(at[1.0]) - min(at[1.0]) > 0.1


@pytest.mark.parametrize(
    ("route", "dose", "paused"), [("iv", 0.55, None), ("im", 0.5, None), ("iv", 0.5, 45.0)]
)
def test_what_the_slider_has_not_is_refused(route: str, dose: float, paused: float | None) -> None:
    with pytest.raises(BadDose):
        picture_of(EFFECTS, route, dose, paused)


def test_sentences_are_short_enough() -> None:
    steps = knowledge.explorable("how-ketamine-works").steps
    assert len(steps) == 7
    for step in steps:
        assert len(step.sentence.split()) <= 15, step.sentence


def test_the_pages_script_stays_small_and_reckons_no_pharmacology() -> None:
    scripts = [STATIC / "how_it_works.js", *sorted((STATIC / "how_it_works").glob("*.js"))]
    script = "".join(path.read_text(encoding="utf-8") for path in scripts)

    assert len(scripts) > 5
    assert len(script.encode()) < 60_000
    for word in ("half-life", "clearance", "occupancy", "tau", "expm"):
        assert word not in script.lower()


def test_each_parameter_that_a_curve_can_show_has_one_that_moves() -> None:
    found = sketches(EFFECTS)
    assert len(found) > 10
    for id, sketch in found.items():
        if sketch is None:
            assert id == "device_gap_min"
        else:
            assert sketch.lines[0] != sketch.lines[1] or sketch.lines[2] != sketch.lines[1], id
