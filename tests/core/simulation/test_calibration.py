"""The fit that is shipped: its hash, its table, and that the model still gives what the table says."""

import re
from pathlib import Path

import numpy as np
import pytest

from regrow.knowledge import BadKnowledge
from regrow.knowledge.repository import DATA
from regrow.simulation.calibrate import Basis, free_parameters, published, simulate_all
from tests.content import knowledge

DOCS = Path(__file__).parents[3] / "docs"


def rows() -> list[list[str]]:
    text = (DOCS / "calibration.md").read_text(encoding="utf-8")
    table = text.split("|---|---|---|---|---|---|---|---|---|\n")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_the_table_in_the_docs_meets_what_is_promised() -> None:
    """At least 50 figures, 85 % within 1.5 and none beyond 3 with study effects in, none left out."""
    z = np.array([float(row[7]) for row in rows()])

    assert len(knowledge.calibration().figures) == len(z) >= 50
    assert np.mean(np.abs(z) <= 1.5) >= 0.85
    assert np.abs(z).max() <= 3


def test_the_table_was_made_with_the_values_that_are_shipped() -> None:
    text = (DOCS / "calibration.md").read_text(encoding="utf-8")

    assert knowledge.effect_parameters().hash in text


def test_every_calibrated_parameter_names_its_target_and_its_start_value() -> None:
    fitted = knowledge.effect_parameters()
    start = knowledge.effect_parameters("start")
    assert free_parameters(start)
    for id in free_parameters(start):
        entry = fitted.entries[id]
        assert entry.calibrated_to
        assert entry.before_fit == start[id]


def test_the_model_reproduces_the_calibration_table() -> None:
    """Simulated anew for people in general, with another seed and fewer of them than for the table."""
    figures = knowledge.calibration()
    found = simulate_all(
        knowledge.effect_parameters(), figures, Basis.of(figures, knowledge), blocks=2, seed_shift=3
    )
    assert len(found) > 30
    for row, figure, value in zip(rows(), figures.figures, found, strict=True):
        told = float(re.match(r"-?[\d.e+-]+", row[4])[0])  # type: ignore[index]
        allowed = {"percent": 6.0, "madrs": 1.6, "mmHg": 1.0, "cadss": 1.0}.get(figure.unit, 0.35)
        assert value == pytest.approx(told, abs=allowed), (figure.study, figure.text, published(figure))


def test_a_hand_in_the_fitted_file_is_noticed(tmp_path: Path) -> None:
    source = DATA / "pharmacology/parameters/fitted.yaml"
    file = tmp_path / "fitted.yaml"
    text = source.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(tau_synapse_d: \{stage: cascade, value: )[\d.]+", r"\g<1>9.0", text))

    with pytest.raises(BadKnowledge, match=r"the values have .*: they were changed by hand"):
        knowledge.effect_parameters_from(file)
