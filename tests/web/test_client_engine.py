"""The tablet's own fold gives the state the server gives, on stormy logs, field by field."""

import json
import os
import subprocess
from datetime import datetime
from pathlib import Path

import playwright
import pytest

from regrow.session import event_as_json, refusals_of, rules_as_json, state_as_json
from tests.session_logs import HOME, IM, IV, SPRAVATO, at, storm

NODE = Path(playwright.__file__).parent / "driver" / "node"
FOLD = Path(__file__).parents[2] / "src/regrow/web/dosing_sessions/static/dosing_sessions/fold.js"
COUNT = int(os.environ.get("REGROW_TABLET_SEQUENCES", "600"))
TIMES = ["started_at", "infusion_ends_at", "ended_at", "left_at"]
SCRIPT = """
import { readFileSync } from "node:fs";
const { fold, refusalsOf } = await import(process.argv[2]);
const { rules, logs } = JSON.parse(readFileSync(0, "utf8"));
const answers = logs.map(({ protocol, events, at, asked }) => {
  const state = fold(rules[protocol], events, at);
  const { entries, order, vitals, wastes, open_symptoms, scores, ...plain } = state;
  return { ...plain, refused: refusalsOf(rules[protocol], events, asked).map((r) => [r.rule, r.force, r.text]) };
});
process.stdout.write(JSON.stringify(answers));
"""


def ms(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp() * 1000


def told_by_server(log, minute: int, asked) -> dict:
    state = state_as_json(log.state(minute))
    return {
        **{name: state[name] for name in ("phase", "ordered_mg", "unwitnessed", "unsigned_vitals", "late")},
        **{name: state[name] for name in ("prescriber_here", "consent_withdrawn", "impaired")},
        **{name: ms(state[name]) for name in TIMES},
        **{name: state[name] for name in ("delivered_mg", "delivered_ml", "left_ml", "in_line_mg")},
        "devices": state["devices"] and {**state["devices"], "next_at": ms(state["devices"]["next_at"])},
        "clocks": {
            id: {n: ms(v) if n.endswith("_at") else v for n, v in clock.items()}
            for id, clock in state["clocks"].items()
        },
        "due": [{**due, "at": ms(due["at"])} for due in state["due"]],
        "alarms": [{**alarm, "since": ms(alarm["since"])} for alarm in state["alarms"]],
        "before": state["before"],
        "discharge": state["discharge"],
        "containers": [
            (c["container"], c.get("drawn_mg", c.get("given_mg")), c["wasted_mg"], c["left_mg"], c["open"])
            for c in state["containers"]
        ],
        "breaches": [(b["event"], b["rule"]) for b in state["breaches"]],
        "refused": [[r.rule, r.force] for r in refusals_of(log.rules, log.events, asked)],
    }


def told_by_tablet(state: dict) -> dict:
    names = ("criterion", "state", "force", "overridden", "text", "missing", "because")
    return {
        **{name: value for name, value in state.items() if name not in ("at", "runs", "rate", "ride")},
        "before": [{name: line[name] for name in names} for line in state["before"]],
        "discharge": [{name: line[name] for name in names} for line in state["discharge"]],
        "containers": [
            (c["container"], c["out"] / 1000, c["wasted"] / 1000, None if c["left"] is None else c["left"] / 1000, c["open"])
            for c in state["containers"]
        ],
        "breaches": [(b["event"], b["rule"]) for b in state["breaches"]],
        "refused": [refused[:2] for refused in state["refused"]],
    }  # fmt: skip


def near(one, two) -> bool:
    """Equal, but for the last digit of a float: a microlitre, a millisecond."""
    if isinstance(one, float | int) and isinstance(two, float | int) and not isinstance(one, bool):
        return abs(one - two) <= (1.0 if abs(one) > 1e9 else 0.00101)
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(near(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(near(a, b) for a, b in zip(one, two, strict=True))
    return bool(one == two)


@pytest.mark.parametrize("part", range(2))
def test_the_tablet_folds_stormy_logs_as_the_server_does(part: int, tmp_path: Path) -> None:
    seeds = range(part * COUNT, part * COUNT + COUNT // 2)
    logs, expected = [], []
    for seed in seeds:
        log = storm(seed)
        minute = [20, 70, 140, 200][seed % 4]
        *kept, asked = log.events
        log.events = kept
        asked_too = (
            asked
            if asked.kind.value not in ("correction", "order")
            else log.make(minute, kind_of(seed), **data_of(seed))
        )
        logs.append({
            "protocol": log.rules.protocol,
            "events": [event_as_json(e) for e in kept],
            "at": at(minute).timestamp() * 1000,
            "asked": event_as_json(asked_too),
        })  # fmt: skip
        expected.append(told_by_server(log, minute, asked_too))
    script = tmp_path / "run.mjs"
    script.write_text(SCRIPT)
    rules = {r.protocol: rules_as_json(r) for r in (IV, SPRAVATO, IM, HOME)}
    copy = tmp_path / "fold.mjs"  # node takes a module by its ending
    copy.write_text(FOLD.read_text())
    run = subprocess.run(
        [NODE, script, copy],
        input=json.dumps({"rules": rules, "logs": logs}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    for seed, server, answer in zip(seeds, expected, json.loads(run.stdout), strict=True):
        tablet = told_by_tablet(answer)
        different = {n: (server[n], tablet.get(n)) for n in server if not near(server[n], tablet.get(n))}
        assert not different, f"seed {seed}"


def kind_of(seed: int):
    from regrow.session import Kind

    return [Kind.HANDOVER, Kind.CLOSE, Kind.START, Kind.RESUME][seed % 4]


def data_of(seed: int) -> dict:
    return {"name": "Ana, sister"} if seed % 4 == 0 else {"reason": "no dose"} if seed % 4 == 1 else {}
