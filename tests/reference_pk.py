"""An independent solution of a compartment model: its own matrix from the file, exponentials to 40 digits.

It shares with Regrow the model file and nothing else. Slow; for tests and benchmarks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import numpy as np

from regrow.pharmacology import Bolus, Dose, Given, Infusion, Subjects

DIGITS = 40


def concentrations(
    subjects: Subjects, history: Sequence[Given], times_h: Sequence[float], subject: int = 0
) -> Mapping[str, Sequence[Any]]:
    """ng/mL of each compartment's analyte at each time, as mpmath numbers."""
    mpmath.mp.dps = DIGITS
    model = subjects.model
    values = {name: mpmath.mpf(float(v[subject])) for name, v in subjects.values.items()}
    places = [c.id for c in model.compartments]
    matrix = mpmath.zeros(len(places) + 1)
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
        left = mpmath.mpf(1)
        for part in route.parts:
            share = left if part.rest else values[part.share] if part.share else mpmath.mpf(1)
            if part.later and isinstance(given, Dose) and given.device > 1:
                share = share * values[part.later]
            left -= share
            place = places.index(part.into)
            match given:
                case Infusion(start, end, mg_per_h):
                    events += [(mpmath.mpf(start), place, "on", mg_per_h * share)]
                    events += [(mpmath.mpf(end), place, "on", -mg_per_h * share)]
                case Bolus(at, mg) | Dose(at, mg):
                    if part.over:
                        length = values[part.over]
                        events += [(mpmath.mpf(at), place, "on", mg * share / length)]
                        events += [(mpmath.mpf(at) + length, place, "on", -mg * share / length)]
                    else:
                        events += [(mpmath.mpf(at), place, "at", mg * share)]
    events.sort(key=lambda e: e[0])
    found: dict[str, list[Any]] = {c.analyte: [] for c in model.compartments if c.analyte}
    for time in times_h:
        state = mpmath.zeros(len(places) + 1, 1)
        state[len(places)] = 1
        rates = [mpmath.mpf(0)] * len(places)
        now = mpmath.mpf(0)
        for at, place, kind, amount in [*(e for e in events if e[0] < time), (mpmath.mpf(time), 0, "end", 0)]:
            if at > now:
                for i, rate_in in enumerate(rates):
                    matrix[i, len(places)] = rate_in
                state = mpmath.expm(matrix * (at - now), method="taylor") * state
                now = at
            if kind == "at":
                state[place] += amount
            elif kind == "on":
                rates[place] += amount
        for c in model.compartments:
            if c.analyte and c.volume:
                found[c.analyte].append(1000 * state[places.index(c.id)] / values[c.volume])
    return found


def worst_relative_error(exact: Sequence[Any], found: Sequence[float]) -> float:
    """The largest |found / exact − 1|; a value that should be 0 must be 0."""
    worst = 0.0
    for truth, value in zip(exact, np.asarray(found), strict=True):
        if truth == 0:
            worst = max(worst, 0.0 if value == 0 else float("inf"))
        else:
            worst = max(worst, abs(float((mpmath.mpf(float(value)) - truth) / truth)))
    return worst
