"""Session logs for tests: a small writer, the sessions of the handbook, and a seeded maker of stormy ones."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from regrow.knowledge import SessionRules
from regrow.session import Kind, LogEvent, fold, read_event, refusals_of
from tests.content import knowledge

# Half an hour before daylight-saving time ends in New York: 00:30.
START = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
IV = knowledge.session_rules("iv-weekly-6")
SPRAVATO = knowledge.session_rules("spravato-label")
IM = knowledge.session_rules("im-supervised")
HOME = knowledge.session_rules("sublingual-at-home")
VITALS = {"systolic_mmhg": 128, "diastolic_mmhg": 80, "pulse_per_min": 70, "spo2_percent": 98}
CASE_A = {
    "mg_per_kg": "0.5",
    "weight_kg": "80",
    "prepared_mg": "40",
    "total_ml": "100.8",
    "rate_ml_per_h": "151.2",
    "minutes": 40,
}
ORDERS: dict[str, dict[str, Any]] = {
    "iv-weekly-6": CASE_A,
    "spravato-label": {"prepared_mg": "84"},
    "im-supervised": {"prepared_mg": "40"},
    "sublingual-at-home": {"prepared_mg": "40"},
}
# At-home protocols ship unsigned; here with the demo's limits of the same route.
SIGNED_AS = {"sublingual-at-home": "sublingual-supervised"}


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


class Log:
    """A log being written. Each `add` is one event; minutes count from `START`."""

    def __init__(self, rules: SessionRules = IV, **order: Any) -> None:
        self.rules = rules
        self.events: list[LogEvent] = []
        signed = knowledge.demo_limits(SIGNED_AS.get(rules.protocol, rules.protocol))
        limits = {n: v for n, v in signed.items() if n in rules.limits} | order.pop("limits", {})
        data = {"protocol": rules.protocol, "version": rules.version, "limits": limits}
        self.add(-30, Kind.ORDER, id="order", author="lin", **data | ORDERS[rules.protocol] | order)

    def make(self, minute: float, kind: Kind, *, id: str = "", **data: Any) -> LogEvent:
        author = data.pop("author", "nina")
        role = data.pop("role", "prescriber" if author == "lin" else "nurse")
        moment = at(minute)
        arrived = data.pop("arrived", None)
        return read_event(
            LogEvent(
                id or f"e{len(self.events)}",
                kind,
                moment,
                at(arrived) if arrived is not None else moment,
                author,
                data,
                licence="MD" if role == "prescriber" else "RN",
                role=role,
                device=data.pop("device", ""),
                seq=data.pop("seq", 0),
                skew_ms=data.pop("skew_ms", 0),
                happened_at=at(data.pop("happened")) if "happened" in data else None,
            ),
            self.rules,
        )

    def add(self, minute: float, kind: Kind, **data: Any) -> "Log":
        self.events.append(self.make(minute, kind, **data))
        return self

    def state(self, minute: float):
        return fold(self.rules, self.events, at=at(minute))

    def refused(self, minute: float, kind: Kind, **data: Any) -> str:
        """The sentences that refuse an event; empty when it may be taken."""
        event = self.make(minute, kind, id=data.pop("id", "asked"), **data)
        return " ".join(r.text for r in refusals_of(self.rules, self.events, event))

    def try_add(self, minute: float, kind: Kind, **data: Any) -> str:
        """Add the event as a screen would: only if no rule refuses it."""
        refused = self.refused(minute, kind, **dict(data))
        if not refused:
            self.add(minute, kind, **data)
        return refused

    # The stretches of an ordinary session

    def ready(self) -> "Log":
        """Everything before the dose, from 20 minutes before."""
        self.add(-20, Kind.PRESENCE, author="lin", who="lin", here=True)
        self.add(-19, Kind.IDENTITY, by=["name", "born"])
        for item in self.rules.before:
            if item.kind == "check":
                self.add(-18, Kind.CHECK, check=item.id)
        return self.drawn().add(-10, Kind.DOUBLE_CHECK, author="noel").add(-5, Kind.VITAL, **VITALS)

    def drawn(self) -> "Log":
        if self.rules.devices:
            for n in range(1, int(ORDERS[self.rules.protocol]["prepared_mg"]) // 28 + 1):
                self.add(-14, Kind.DRAW, container=f"device-{n}", size_mg="28", drawn_mg="28", lot="24JG511")
            return self
        return self.add(-14, Kind.DRAW, container="vial-1", size_mg="500", drawn_mg="40", lot="KT2231")

    def well(self, minute: float) -> "Log":
        """Everything for going home, seen at `minute`, with a ride."""
        self.add(minute, Kind.VITAL, **VITALS).add(minute, Kind.SCALE, scale="moaas", total=5)
        for criterion in self.rules.discharge:
            if criterion.kind == "finding":
                self.add(minute, Kind.FINDING, criterion=criterion.id, holds=True)
        return self.add(minute, Kind.RIDE, name="Ana, sister")


def iv() -> Log:
    """Ready, and started at 0."""
    return Log().ready().add(0, Kind.START, id="start")


def spravato(third_at: float = 10) -> Log:
    """Ready, and three devices at 0, 5 and `third_at`."""
    log = Log(SPRAVATO).ready()
    for n, minute in enumerate((0, 5, third_at), 1):
        log.add(minute, Kind.DEVICE, id=f"device-{n}", n=n, lot="24JG511", container=f"device-{n}")
    return log


KINDS = [
    *[Kind.PAUSE, Kind.RESUME, Kind.RATE, Kind.STOP, Kind.COMPLETE, Kind.FLUSH, Kind.START] * 3,
    *[Kind.DEVICE, Kind.ADMINISTER, Kind.VITAL] * 3,
    *[Kind.DRAW, Kind.WASTE, Kind.WITNESS, Kind.SCALE, Kind.SYMPTOM, Kind.PRESENCE, Kind.CALL, Kind.OVERRIDE],
    *[Kind.FINDING, Kind.RIDE, Kind.HANDOVER, Kind.LEFT, Kind.CLOSE, Kind.CORRECTION, Kind.CORRECTION],
    *[Kind.SIGN, Kind.ACKNOWLEDGE, Kind.CHECK, Kind.IDENTITY, Kind.MEDICINE, Kind.CONSENT],
]


def storm(seed: int) -> Log:
    """A worst-case session: any kind at any time, from two tablets, late, skewed and corrected.

    Half of them begin like an ordinary one, so that leaving and closing are reached too.
    """
    chance = random.Random(seed)
    rules = chance.choice([IV, IV, SPRAVATO, IM, HOME])
    order = {"tubing_ml": chance.choice(["0", "10", "15"])} if rules is IV else {}
    log = Log(rules, **order)
    if chance.random() < 0.6:
        log.ready()
    if chance.random() < 0.4:
        _ordinary(log, chance)
    for n in range(chance.randint(3, 18)):
        kind = chance.choice(KINDS)
        minute = chance.randint(-20 * 60, 200 * 60) / 60
        data: dict[str, Any] = _data(kind, log, chance)
        data["author"] = chance.choice(["nina", "noel", "lin"])
        if chance.random() < 0.3:  # kept on a tablet without network
            data["arrived"] = minute + chance.randint(0, 60)
        if chance.random() < 0.5:
            data |= {
                "device": chance.choice(["a", "b"]),
                "seq": n + 1,
                "skew_ms": chance.choice([0, -4000, 9000]),
            }
        if chance.random() < 0.1:
            data["happened"] = minute - chance.randint(0, 20)
        if chance.random() < 0.3:
            log.try_add(minute, kind, id=f"s{n}", **data)
        else:
            log.add(minute, kind, id=f"s{n}", **data)
    return log


def _ordinary(log: Log, chance: random.Random) -> None:
    rules = log.rules
    if rules is IV:
        log.add(0, Kind.START, id="start")
    elif rules is SPRAVATO:
        for n in (1, 2, 3):
            log.add(n * 5 - 5, Kind.DEVICE, n=n, lot="24JG511")
        log.add(50, Kind.VITAL, **VITALS)
    else:
        log.add(0, Kind.ADMINISTER, mg="40")
    leaves = 135 + chance.randint(0, 5)
    log.well(leaves - 1)
    if chance.random() < 0.7:
        log.try_add(leaves, Kind.HANDOVER, id="leaving", name="Ana, sister")


def _data(kind: Kind, log: Log, chance: random.Random) -> dict[str, Any]:
    criteria: Sequence[str] = [c.id for c in log.rules.discharge]
    known = [e.id for e in log.events if e.id != "order"] or ["none"]
    match kind:
        case Kind.RATE:
            return {"rate_ml_per_h": chance.choice(["75.6", "151.2", "200", "33.3"])}
        case Kind.RESUME:
            return {"rate_ml_per_h": "75.6"} if chance.random() < 0.3 else {}
        case Kind.STOP:
            return {"reason": chance.choice(["asked", "consent_withdrawn", "pressure"])}
        case Kind.FLUSH:
            return {"ml": chance.choice(["5", "10", "25"])}
        case Kind.DEVICE:
            return {"n": chance.randint(1, 3), "lot": "24JG511"}
        case Kind.ADMINISTER:
            return {"mg": chance.choice(["20", "40", "13.337"])}
        case Kind.VITAL:
            data = VITALS | {"systolic_mmhg": chance.choice([118, 141, 165, 184])}
            data |= {"spo2_percent": chance.choice([88, 95, 98])}
            return data | ({"artefact": True} if chance.random() < 0.2 else {})
        case Kind.SCALE:
            return {"scale": "moaas", "total": chance.randint(0, 5)}
        case Kind.SYMPTOM:
            term = chance.choice(["nausea", "floating", "chest-pain", "breathing"])
            over = chance.random() < 0.4
            return {"symptom": term, **({"resolved": True} if over else {"severity": chance.randint(1, 5)})}
        case Kind.DRAW:
            return {"container": chance.choice(["vial-1", "vial-2"]), "size_mg": "500", "drawn_mg": "40"}
        case Kind.WASTE:
            name = chance.choice(["vial-1", "vial-2", "device-2", "preparation"])
            return {"container": name, "mg": chance.choice(["460", "28", "12.5", "0.001"])}
        case Kind.WITNESS:
            wastes = [e.id for e in log.events if e.kind is Kind.WASTE] or ["none"]
            return {"waste": chance.choice(wastes)}
        case Kind.PRESENCE:
            return {"who": "lin", "here": chance.random() < 0.6}
        case Kind.CALL:
            return {"who": "lin"}
        case Kind.OVERRIDE:
            rule = chance.choice(
                ["pressure", "presence", "double-check", "open_alarm", "pressure-40", "emergency"]
            )
            return {"rule": rule, "reason": "looked at together"}
        case Kind.FINDING:
            return {"criterion": chance.choice(criteria), "holds": chance.random() < 0.7}
        case Kind.RIDE | Kind.HANDOVER:
            return {"name": "Ana, sister"}
        case Kind.LEFT:
            return {"reason": "wants to go", "told": "lin"}
        case Kind.CLOSE:
            return {"reason": "no dose today"}
        case Kind.CORRECTION:
            wrong = chance.choice(known)
            if chance.random() < 0.5:
                return {"corrects": wrong, "reason": "wrong", "data": None}
            target = next((e for e in log.events if e.id == wrong), None)
            fresh = _data(target.kind, log, chance) if target and target.kind is not Kind.CORRECTION else {}
            return {"corrects": wrong, "reason": "wrong", "data": fresh}
        case Kind.ACKNOWLEDGE:
            return {"alarm": "systolic-high"}
        case Kind.CHECK:
            return {"check": chance.choice([b.id for b in log.rules.before]), "holds": chance.random() < 0.8}
        case Kind.IDENTITY:
            return {"by": ["name", "born"]}
        case Kind.MEDICINE:
            return {"medicine": "ondansetron", "dose": "4 mg"}
        case Kind.CONSENT:
            return {"text": "consent-2"}
        case _:
            return {}


def broken(log: Log, chance: random.Random) -> Sequence[str]:
    """The invariants that a log breaks, in words; empty when all hold."""
    from fractions import Fraction

    from regrow.session import event_as_json, event_from_json, state_as_json

    found: list[str] = []
    times = sorted(chance.sample(range(-30, 260), 3))
    states = [log.state(minute) for minute in times]
    for state in states:
        order = state.order
        if order and order.total_ml and state.delivered_ml + state.left_ml != Fraction(order.total_ml):
            found.append("the bag does not add up")
        told = any(b.rule == "over_order" for b in state.breaches)
        if order and not told and not 0 <= state.delivered_mg <= Fraction(order.prepared_mg):
            found.append(f"{state.delivered_mg} mg given of {order.prepared_mg}")
        for line in state.containers:
            accounted = line.out_ug + line.wasted_ug + (line.left_ug or 0)
            if line.held_ug is not None and line.held_ug != accounted:
                found.append(f"{line.container} does not add up")
        if any(clock.elapsed_min < 0 for clock in state.clocks) or any(due.late_min < 0 for due in state.due):
            found.append("a clock runs backwards")
        if state.phase == "discharged" and state.open_criteria:
            leaving = next(e for e in state.entries if e.kind is Kind.HANDOVER and e.at == state.left_at)
            if not any(b.event_id == leaving.id for b in state.breaches):
                found.append("discharged with an open criterion, and nothing says so")
    for before, after in pairwise(states):
        if after.delivered_mg < before.delivered_mg:
            found.append("what was delivered fell")
        if before.left_at is None or after.left_at == before.left_at:
            for one, two in zip(before.clocks, after.clocks, strict=True):
                moved = one.started_at is not None and two.started_at != one.started_at
                if two.elapsed_min < one.elapsed_min and not moved:
                    found.append(f"the clock {one.id} fell")
    shuffled = [*log.events, *chance.sample(log.events, min(3, len(log.events)))]
    chance.shuffle(shuffled)
    again = fold(log.rules, shuffled, at=at(times[-1]))
    if again != states[-1]:
        found.append("another order of arrival gives another state")
    if chance.random() < 0.1:
        read = [read_event(event_from_json(event_as_json(e)), log.rules) for e in log.events]
        if state_as_json(fold(log.rules, read, at=at(times[-1]))) != state_as_json(states[-1]):
            found.append("the log read back from its lines gives another state")
    return found


def storms(first: int, count: int) -> Sequence[str]:
    """Runs `count` storms from a seed on and returns what broke, each with its seed."""
    return [
        f"seed {seed}: {what}"
        for seed in range(first, first + count)
        for what in broken(storm(seed), random.Random(seed))
    ]


if __name__ == "__main__":
    import sys

    problems = storms(int(sys.argv[1]), int(sys.argv[2]))
    print("\n".join(problems[:20]) or f"{sys.argv[2]} sequences, no invariant broken")
    sys.exit(bool(problems))
