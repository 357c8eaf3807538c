"""How long scoring and candidacy take, beside simpler ways to do the scoring. Run: python benchmarks/scoring_and_candidacy.py

The alternatives do less: the plain sum checks nothing and explains nothing; the second checks each sheet with
jsonschema and then adds up, as a form's backend often does.
"""

import json
import platform
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import jsonschema

from regrow.chart import read_chart
from regrow.eligibility import assess_eligibility
from regrow.knowledge import Knowledge
from regrow.scales import score

knowledge = Knowledge.shipped()
ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "src"))

SHEETS = 100_000
CHARTS = 300


def seconds(run: Callable[[], object]) -> float:
    """The best of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    chance = random.Random(9)
    phq9 = knowledge.scale("phq-9")
    sheets = [[chance.randint(0, 3) for _ in range(9)] for _ in range(SHEETS)]
    validator = jsonschema.Draft202012Validator(
        {
            "type": "array",
            "minItems": 9,
            "maxItems": 9,
            "items": {"type": "integer", "minimum": 0, "maximum": 3},
        }
    )

    def checked() -> None:
        for sheet in sheets[: SHEETS // 10]:
            validator.validate(sheet)
            sum(sheet)

    ours = seconds(lambda: [score(phq9, sheet) for sheet in sheets])
    plain = seconds(lambda: [sum(sheet) for sheet in sheets])
    schema = seconds(checked) * 10
    rules = knowledge.candidacy_rules()
    charts = [
        read_chart(json.loads(p.read_text(encoding="utf-8")))
        for p in sorted((ROOT / "docs/charts").glob("*.json"))
    ]
    day = date(2026, 11, 24)
    judged = (
        seconds(lambda: [assess_eligibility(charts[n % len(charts)], rules, on=day) for n in range(CHARTS)])
        / CHARTS
    )
    today = datetime.now(UTC).date()
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "regrow", "knowledge", "check"], cwd=ROOT / "src", check=False
    )
    check = time.perf_counter() - start

    print(f"{platform.machine()}, Python {platform.python_version()}, {today}")
    print(f"{'what':58} {'time':>12} {'ratio':>8}")
    for what, value in (
        (f"{SHEETS:,} PHQ-9 sheets scored, with checks, bands and alerts", ours),
        (f"{SHEETS:,} sheets, plain sum: no check, no band, no alert", plain),
        (f"{SHEETS:,} sheets, jsonschema and sum (a tenth, times ten)", schema),
    ):
        print(f"{what:58} {value:10.3f} s {value / ours:7.2f}×")
    print(f"{'one determination of candidacy, all of it':58} {judged * 1000:9.2f} ms")
    print(f"{'`regrow knowledge check`, the whole command':58} {check:10.3f} s")
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
