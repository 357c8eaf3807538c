"""A small fit, of two parameters to the figures of one trial, and the files that are written about it."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from regrow.knowledge import Calibration, EffectParameters
from regrow.simulation.calibrate import Basis, Fit, fit, free_parameters
from regrow.simulation.calibration_report import fitted_file, picture, summary_of, table
from tests.content import knowledge

FREE = ("theta_log_mean", "expect_saline")


@cache
def start() -> EffectParameters:
    """The start values, of which the figures may move two."""
    whole = knowledge.effect_parameters("start")
    assert set(FREE) <= set(free_parameters(whole))
    held = {
        id: entry if id in FREE or entry.status != "calibrated" else replace(entry, status="assumed")
        for id, entry in whole.entries.items()
    }
    return replace(whole, entries=held)


@cache
def figures() -> Calibration:
    every = knowledge.calibration()
    trial = every.figures[0].trial
    return replace(every, figures=tuple(f for f in every.figures if f.trial == trial)[:3])


@cache
def fitted() -> Fit:
    return fit(start(), figures(), Basis.of(figures(), knowledge), rounds=2)


def test_a_fit_lowers_the_loss_and_moves_only_the_free_parameters() -> None:
    assert set(fitted().values) == set(FREE) == set(free_parameters(start()))
    assert fitted().history[-1] < fitted().history[0]
    assert any(fitted().values[name] != start()[name] for name in FREE)
    assert all(0 < share <= 1 for share in (fitted().narrowed[name] for name in FREE))
    assert set(fitted().studies) == {figures().figures[0].trial}


def test_a_fit_is_the_same_on_two_workers() -> None:
    two = fit(start(), figures(), Basis.of(figures(), knowledge), rounds=2, workers=2)
    assert (two.values, two.history) == (fitted().values, fitted().history)


def test_each_figure_is_compared_in_general_for_its_study_and_left_out() -> None:
    rows = fitted().rows
    assert [row.figure for row in rows] == list(figures().figures)
    assert rows
    for row in rows:
        # The study's own effect is drawn towards its figures.
        assert abs(row.z_study) <= abs(row.z) + 0.3
        assert row.simulated_sd >= 0


def test_the_fitted_file_is_read_back_with_its_hash_and_the_old_values(tmp_path: Path) -> None:
    document = knowledge.document("effect_parameters", "start").contents
    path = tmp_path / "fitted.yaml"
    path.write_text(fitted_file(document, fitted()), encoding="utf-8")
    read = knowledge.effect_parameters_from(path)
    for name in FREE:
        assert read[name] == pytest.approx(fitted().values[name], rel=1e-4)
        assert read.entries[name].before_fit == knowledge.effect_parameters("start")[name]
    kept = next(name for name in free_parameters(knowledge.effect_parameters("start")) if name not in FREE)
    assert read[kept] == knowledge.effect_parameters("start")[kept]


def test_the_page_names_every_figure_parameter_and_study() -> None:
    document = knowledge.document("effect_parameters", "start").contents
    page = table(fitted(), document, "0123456789ab")
    summary = summary_of(fitted().rows)
    assert summary["rows"] == 3
    assert "Parameters `0123456789ab`. 3 figures" in page
    lines = page.splitlines()
    assert sum(line.startswith(f"| {figures().figures[0].study} |") for line in lines) == 3
    assert all(f"| `{name}`:" in page for name in FREE)
    assert f"| {figures().figures[0].trial} |" in page


def test_the_picture_is_an_svg_with_one_dot_a_figure() -> None:
    drawn = ElementTree.fromstring(picture(fitted().rows))
    assert len(drawn.findall("{http://www.w3.org/2000/svg}circle")) == len(fitted().rows) == 3


def test_poorly_fitted_figures_are_listed_worst_first() -> None:
    document = knowledge.document("effect_parameters", "start").contents
    rows = [replace(row, z_study=z) for row, z in zip(fitted().rows, (1.6, -2.5, 0.1), strict=True)]
    page = table(replace(fitted(), rows=rows), document, "0")
    listed = page.split("## Poorly fitted figures")[1].split("## Fitted parameters")[0].strip().splitlines()
    assert ["(z -2.5" in listed[0], "(z 1.6" in listed[1], len(listed)] == [True, True, 2]
