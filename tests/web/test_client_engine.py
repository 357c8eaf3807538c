"""The tablet's engine gives the state, the sentences and the next action that the server gives, on random logs."""

import os
import re
from typing import Any

import pytest

from regrow.session import Kind, refusals_of, state_as_json
from tests.client_engine import case, fold_on_tablet, ms
from tests.run_seed import first_seed
from tests.session_logs import HOME, IM, IV, SPRAVATO, Log, at, storm

COUNT = int(os.environ.get("REGROW_TABLET_SEQUENCES", "600"))
PARTS = 2
TIMES = ["started_at", "infusion_ends_at", "ended_at", "left_at"]
SAME = [
    "phase",
    "ordered_mg",
    "unwitnessed",
    "unsigned_vitals",
    "late",
    "prescriber_here",
    "consent_withdrawn",
]
SAME += [
    "impaired",
    "delivered_mg",
    "delivered_ml",
    "left_ml",
    "in_line_mg",
    "before",
    "discharge",
    "breaches",
]
CRITERION = ("criterion", "state", "force", "overridden", "text", "missing", "because")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ASKED = [Kind.HANDOVER, Kind.CLOSE, Kind.START, Kind.RESUME]


def server_state(log: Log, minute: int, asked) -> dict[str, Any]:
    folded = log.state(minute)
    state = state_as_json(folded)
    return {
        **{name: state[name] for name in SAME},
        **{name: ms(state[name]) for name in TIMES},
        "next": {**state["next"], "due_at": ms(state["next"]["due_at"])},
        "devices": state["devices"] and {**state["devices"], "next_at": ms(state["devices"]["next_at"])},
        "clocks": {
            id: {n: ms(v) if n.endswith("_at") else v for n, v in clock.items()}
            for id, clock in state["clocks"].items()
        },
        "due": [{**due, "at": ms(due["at"])} for due in state["due"]],
        "alarms": [{**alarm, "since": ms(alarm["since"])} for alarm in state["alarms"]],
        "containers": [
            (c.container, c.lot, c.out_ug / 1000, c.wasted_ug / 1000, None if c.left_ug is None else c.left_ug / 1000, c.open, c.text)
            for c in folded.containers
        ],
        "runs": [
            (run.started_at.timestamp() * 1000, run.ended_at.timestamp() * 1000, float(run.ml_per_h)) for run in folded.runs
        ],
        "ride": folded.ride,
        "vitals": [entry.id for entry in folded.vitals],
        "open_symptoms": [entry.id for entry in folded.open_symptoms],
        "refused": [
            [{"rule": r.rule, "force": r.force, "text": r.text} for r in refusals_of(log.rules, log.events, event)]
            for event in asked
        ],
    }  # fmt: skip


def tablet_state(state: dict[str, Any]) -> dict[str, Any]:
    return {
        **state,
        "before": [{name: line[name] for name in CRITERION} for line in state["before"]],
        "discharge": [{name: line[name] for name in CRITERION} for line in state["discharge"]],
        "containers": [
            (c["container"], c["lot"], c["out"] / 1000, c["wasted"] / 1000, None if c["left"] is None else c["left"] / 1000, c["open"], c["text"])
            for c in state["containers"]
        ],
        "runs": joined_runs(state["runs"]),
        "vitals": [entry["id"] for entry in state["vitals"]],
        "open_symptoms": [entry["id"] for entry in state["open_symptoms"]],
    }  # fmt: skip


def joined_runs(runs: list[dict[str, float]]) -> list[tuple[float, float, float]]:
    """The tablet ends a run at every entry, the server only at a new rate or a pause."""
    found: list[tuple[float, float, float]] = []
    for run in runs:
        last = found[-1] if found else None
        if last and last[1:] == (run["from"], run["rate"]):
            found[-1] = (last[0], run["to"], run["rate"])
        else:
            found.append((run["from"], run["to"], run["rate"]))
    return found


def same(one: Any, two: Any) -> bool:
    """Equal, but for the last digit of a float: a microliter, a millisecond."""
    if isinstance(one, float | int) and isinstance(two, float | int) and not isinstance(one, bool):
        return abs(one - two) <= (1.0 if abs(one) > 1e9 else 0.00101)
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(same(a, b) for a, b in zip(one, two, strict=True))
    if isinstance(one, str) and isinstance(two, str):
        return NUMBER.sub("#", one) == NUMBER.sub("#", two) and same(
            [float(n) for n in NUMBER.findall(one)], [float(n) for n in NUMBER.findall(two)]
        )
    return bool(one == two)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_tablet_folds_random_logs_as_the_server_does(part: int) -> None:
    first = first_seed() + part * COUNT
    seeds = range(first, first + COUNT // PARTS)
    cases, expected = [], []
    for seed in seeds:
        log = storm(seed)
        minute = [20, 70, 140, 200][seed // 4 % 4]
        *kept, last = log.events
        log.events = kept
        asked = [log.make(minute, kind, id=f"asked-{kind}", **data_of(kind)) for kind in ASKED]
        if last.kind not in (Kind.CORRECTION, Kind.ORDER):
            asked.append(last)
        cases.append(case(log.rules, kept, at(minute), asked))
        expected.append(server_state(log, minute, asked))
    assert len(cases) == COUNT // PARTS
    for seed, server, answer in zip(
        seeds, expected, fold_on_tablet([IV, SPRAVATO, IM, HOME], cases), strict=True
    ):
        tablet = tablet_state(answer)
        different = {n: (server[n], tablet.get(n)) for n in server if not same(server[n], tablet.get(n))}
        assert not different, f"log {seed}"


@pytest.mark.parametrize("container", ["vial-1", "preparation"])
def test_two_wastes_of_one_container_add_up_on_the_tablet(container: str) -> None:
    """Few random logs waste twice from one container, so this log always does."""
    log = Log().ready()
    for minute, mg in ((-9, "12.5"), (-8, "7.25")):
        log.add(minute, Kind.WASTE, container=container, mg=mg)
    (tablet,) = fold_on_tablet([IV], [case(log.rules, log.events, at(0))])
    lines = {line["container"]: line["wasted"] for line in tablet["containers"]}
    assert lines == {"vial-1": 0, "preparation": 0} | {container: 19_750}
    assert same(server_state(log, 0, [])["containers"], tablet_state(tablet)["containers"])


def test_without_an_order_no_sentence_names_a_limit() -> None:
    """Few random logs end without an order."""
    log = Log(IM)
    log.add(0, Kind.ADMINISTER, mg="40")
    log.events = [event for event in log.events if event.kind is not Kind.ORDER]
    (tablet,) = fold_on_tablet([IM], [case(log.rules, log.events, at(70))])
    server = server_state(log, 70, [])
    missing = [text for line in server["discharge"] for text in line["missing"]]
    assert "a reading under the signed limit after the end" in missing
    assert not [text for text in missing if "None" in text]
    assert same(server["discharge"], tablet_state(tablet)["discharge"])


def test_the_last_person_named_takes_the_patient_home() -> None:
    """Random logs name one person."""
    log = Log().ready()
    for minute, name in ((-9, "Ana, sister"), (-8, "Luis, neighbor")):
        log.add(minute, Kind.RIDE, name=name)
    (tablet,) = fold_on_tablet([IV], [case(log.rules, log.events, at(0))])
    assert tablet["ride"] == log.state(0).ride == "Luis, neighbor"


def data_of(kind: Kind) -> dict[str, str]:
    return {Kind.HANDOVER: {"name": "Ana, sister"}, Kind.CLOSE: {"reason": "no dose"}}.get(kind, {})


def test_two_texts_are_the_same_when_only_the_last_digit_of_a_number_differs() -> None:
    assert same("Waste 12.337 mg", "Waste 12.338 mg")
    assert not same("limit 94", "limit 95")
    assert not same("Cannot discharge yet: 94", "You may discharge: 94")
