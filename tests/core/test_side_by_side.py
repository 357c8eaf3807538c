"""Two clinics' content in one process, side by side: every answer follows from the `Knowledge` it is given."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import regrow
from regrow.dosing import suggest
from regrow.individual_estimate import Estimate, estimate
from regrow.knowledge import Knowledge
from regrow.knowledge.kinds import KINDS
from regrow.knowledge.repository import DATA
from regrow.pharmacology.effects import effects_in_force
from regrow.pharmacology.figure_series import picture_of
from regrow.simulation import plan_of, run
from tests.content import knowledge as shipped
from tests.course_factory import course, dose, score, week

TODAY = date(2026, 11, 24)
CORE = sorted(
    path.parent.name
    for path in Path(regrow.__file__).parent.glob("*/__init__.py")
    if path.parent.name not in ("web", "cli")
)


def changed(folder: Path, kind: str, id: str, *changes: tuple[str, str]) -> Knowledge:
    """Regrow's content with one file changed."""
    text = (DATA / KINDS[kind].folder / f"{id}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^version: (\d+)", lambda m: f"version: {int(m[1]) + 1}", text, flags=re.M)
    text = re.sub(
        r"^hash: .*\n", "", re.sub(r"^effective: .*", "effective: 2026-11-20", text, flags=re.M), flags=re.M
    )
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    place = folder / KINDS[kind].folder
    place.mkdir(parents=True)
    (place / f"{id}.yaml").write_text(text, encoding="utf-8")
    found = Knowledge.load(folder, TODAY)
    assert list(found.problems()) == []
    return found


@pytest.fixture
def slower(tmp_path: Path) -> Knowledge:
    """A clinic that takes another clearance of ketamine for true."""
    model = (DATA / "models/racemate.yaml").read_text(encoding="utf-8")
    clearance = re.search(r"^  cl\w*: \{value: ([\d.]+)", model, flags=re.M | re.I)
    assert clearance is not None
    other = clearance[0].replace(clearance[1], str(float(clearance[1]) / 2))
    return changed(tmp_path, "model", "racemate", (clearance[0], other))


def estimated(knowledge: Knowledge) -> Estimate:
    scores, doses = [score(n, total) for n, total in enumerate((21, 20, 18))], [dose(0), dose(1)]
    of, at = course(scores, doses, kg="74"), week(2) + timedelta(hours=1)
    rule, scale = knowledge.titration("weekly-6"), knowledge.scale("phq-9")
    said = suggest(rule, scale, of, at=at, weights=knowledge.dosing_weights())
    protocol = knowledge.infusion_protocol("iv-weekly-6")
    found = estimate(of, protocol, rule, scale, said, at=at, knowledge=knowledge)
    assert isinstance(found, Estimate)
    return found


def test_a_scale_is_read_from_each_clinics_own_file(tmp_path: Path) -> None:
    theirs = changed(tmp_path, "scale", "gad-7", ("name: severe", "name: very anxious"))

    assert [k.scale("gad-7").bands[-1][1] for k in (shipped, theirs, shipped)] == [
        "severe",
        "very anxious",
        "severe",
    ]
    assert shipped.problems() == []


def test_an_estimate_follows_from_the_content_it_is_given(slower: Knowledge) -> None:
    ours, theirs, again = estimated(shipped), estimated(slower), estimated(shipped)

    assert ours == again
    assert [r.dissociation for r in ours.options] != [r.dissociation for r in theirs.options]


def test_a_picture_and_a_trial_follow_from_the_content_they_are_given(slower: Knowledge) -> None:
    pictures = [
        picture_of(effects_in_force(k), "iv", 0.5).lanes["connections"] for k in (shipped, slower, shipped)
    ]
    runs = [run(plan_of(k.trial("weekly-six"), k, size=1024))["outcomes"] for k in (shipped, slower, shipped)]

    assert pictures[0] == pictures[2] != pictures[1]
    assert runs[0] == runs[2] != runs[1]


def test_no_module_of_the_core_keeps_content_of_its_own() -> None:
    """Content reaches a function as an argument: none is loaded at import, and none is rebound by `global`."""
    assert len(CORE) > 10
    for package in CORE:
        paths = list((Path(regrow.__file__).parent / package).rglob("*.py"))
        assert paths, package
        for path in paths:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not [n for n in ast.walk(tree) if isinstance(n, ast.Global)], path
            for node in tree.body:
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    calls = {ast.unparse(n.func) for n in ast.walk(node.value) if isinstance(n, ast.Call)}
                    assert not calls & {"Knowledge", "Knowledge.shipped", "Knowledge.load"}, path
