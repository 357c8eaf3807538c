"""An independent solution of a compartment model: its own matrix from the file, exponentials in ball arithmetic.

Every number carries a proven bound of its error, which stays below 1 in 10^30. It shares with Regrow the model file
and nothing else. Slow; for tests and benchmarks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat

from regrow.pharmacology import Bolus, Dose, Given, Infusion, Subjects

DIGITS = 60
PROVEN_BITS = 100  # 30 digits


def concentrations(
    subjects: Subjects, history: Sequence[Given], times_h: Sequence[float], subject: int = 0
) -> Mapping[str, Sequence[Any]]:
    """ng/mL of each compartment's analyte at each time, each with its bound."""
    flint.ctx.dps = DIGITS
    model = subjects.model
    values = {name: arb(float(v[subject])) for name, v in subjects.values.items()}
    places = [c.id for c in model.compartments]
    matrix = arb_mat(len(places) + 1, len(places) + 1)
    emptied = set()
    for flow in model.flows:
        rate = flow.rate
        if rate.rate:
            speed = values[rate.rate]
        elif rate.clearance and rate.volume:
            speed = values[rate.clearance] / values[rate.volume]
        else:
            assert rate.mean
            speed = rate.steps / values[rate.mean]
        if rate.times:
            speed *= values[rate.times]
        source = places.index(flow.source)
        if not flow.share or (flow.source, rate) not in emptied:
            matrix[source, source] -= speed
            emptied.add((flow.source, rate))
        if flow.to:
            matrix[places.index(flow.to), source] += speed * (values[flow.share] if flow.share else 1)
    events: list[tuple[Any, int, str, Any]] = []  # (time, place, "at" or "on", mg or change of mg/h)
    for given in history:
        route = model.routes[given.route if isinstance(given, Dose) else "iv"]
        left = arb(1)
        for part in route.parts:
            share = left if part.rest else values[part.share] if part.share else arb(1)
            if part.later and isinstance(given, Dose) and given.device > 1:
                share = share * values[part.later]
            left -= share
            place = places.index(part.into)
            match given:
                case Infusion(start, end, mg_per_h):
                    events += [(arb(start), place, "on", mg_per_h * share)]
                    events += [(arb(end), place, "on", -mg_per_h * share)]
                case Bolus(at, mg) | Dose(at, mg):
                    if part.over:
                        length = values[part.over]
                        events += [(arb(at), place, "on", mg * share / length)]
                        events += [(arb(at) + length, place, "on", -mg * share / length)]
                    else:
                        events += [(arb(at), place, "at", mg * share)]
    events.sort(key=lambda e: e[0])
    found: dict[str, list[Any]] = {c.analyte: [] for c in model.compartments if c.analyte}
    for time in times_h:
        state = arb_mat(len(places) + 1, 1)
        state[len(places), 0] = 1
        rates = [arb(0)] * len(places)
        now = arb(0)
        for at, place, kind, amount in [*(e for e in events if e[0] < time), (arb(time), 0, "end", 0)]:
            if at > now:
                for i, rate_in in enumerate(rates):
                    matrix[i, len(places)] = rate_in
                state = (matrix * (at - now)).exp() * state
                now = at
            if kind == "at":
                state[place, 0] += amount
            elif kind == "on":
                rates[place] += amount
        for c in model.compartments:
            if c.analyte and c.volume:
                found[c.analyte].append(1000 * state[places.index(c.id), 0] / values[c.volume])
    proven = (
        value == 0 or value.rel_accuracy_bits() >= PROVEN_BITS for row in found.values() for value in row
    )
    assert all(proven), "the reference lost its accuracy; raise DIGITS"
    return found


def worst_relative_error(exact: Sequence[Any], found: Sequence[float]) -> float:
    """The largest |found / exact − 1|; a value that should be 0 must be 0."""
    worst = 0.0
    for truth, value in zip(exact, np.asarray(found), strict=True):
        if truth == 0:
            worst = max(worst, 0.0 if value == 0 else float("inf"))
        else:
            worst = max(worst, abs(float((arb(float(value)) - truth) / truth)))
    return worst
