"""Arterial and venous concentrations are different types: for mypy before the program runs, and when it runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from regrow.pharmacology import Arterial, Infusion, MixedSites, People, Venous, concentration, typical
from tests.content import knowledge

HISTORY = [Infusion(0, 40 / 60, 52.5)]
WRONG = """
from regrow.pharmacology import Arterial, Profile, Venous

def effect(venous: Venous) -> None: ...

def mixed(profile: Profile[Arterial], venous: Venous) -> None:
    effect(profile.analytes["ketamine"])
    venous.plus(profile.analytes["ketamine"])
"""


def test_sites_cannot_be_added() -> None:
    arterial, venous = (
        concentration(typical(knowledge.model(m), People.one(70)), HISTORY, [1.0]).analytes["ketamine"]
        for m in ("K1", "K4")
    )

    assert isinstance(arterial, Arterial)
    assert isinstance(venous, Venous)
    with pytest.raises(MixedSites, match="ketamine is arterial and ketamine is venous"):
        arterial.plus(venous)


def test_a_profile_of_one_site_is_refused_where_the_other_is_needed() -> None:
    profile = concentration(typical(knowledge.model("K5"), People.one(70)), HISTORY, [1.0])

    assert profile.of(Arterial) is profile
    with pytest.raises(MixedSites, match="here venous concentrations are needed"):
        profile.of(Venous)


def test_the_type_checker_refuses_it_too(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir",
        str(tmp_path),
        str(wrong),
    ]
    root = Path(__file__).parents[3] / "src"
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)

    found = [line for line in done.stdout.splitlines() if "wrong.py:" in line and "error" in line]
    assert [int(line.split(":")[1]) for line in found] == [7, 8], done.stdout
