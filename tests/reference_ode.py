"""The whole chain as one set of ordinary differential equations, for a stiff solver: the tests' reference.

The compartments of the model, the effect site, and the six states of the cascade. The only thing taken from Regrow is
each session's drive, which is a number of the session as a whole.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from regrow.pharmacology import Infusion, Subjects
from regrow.pharmacology.effects import Effects
from regrow.pharmacology.stages import Session

STATES = ("glutamate", "bdnf", "build", "synapses", "kept", "fast")


def solve(
    effects: Effects,
    subjects: Subjects,
    tau_synapse_d: float,
    sessions: Sequence[Session],
    per_hour: Sequence[float],
    times_h: Sequence[float],
    *,
    antidepressant: bool = True,
    method: str = "LSODA",
    rtol: float = 1e-10,
) -> Any:
    """States at the times, (state, time). `per_hour[i]`: drive of session i over its ∫ occupancy. Infusions only."""
    model, p = subjects.model, effects.parameters
    value = {name: float(v[0]) for name, v in subjects.values.items()}
    places = [c.id for c in model.compartments]
    n = len(places)
    matrix = np.zeros((n, n))
    for flow in model.flows:
        rate = flow.rate
        speed = value[rate.rate] if rate.rate else value[rate.clearance or ""] / value[rate.volume or ""]
        speed *= value[rate.times] if rate.times else 1
        share = value[flow.share] if flow.share else 1.0
        matrix[places.index(flow.source), places.index(flow.source)] -= speed * share
        if flow.to:
            matrix[places.index(flow.to), places.index(flow.source)] += speed * share
    binding = np.zeros(n)
    for i, c in enumerate(model.compartments):
        if c.analyte and c.volume:
            binding[i] = effects.receptor.per_ng(model.moiety, c.analyte) * 1000 / value[c.volume]
    into = [(places.index(part.into), value[part.share or ""]) for part in model.routes["iv"].parts]
    rates = effects.rates(np.array([tau_synapse_d]), antidepressant=antidepressant)
    k, ke0 = rates.decay[:, 0], effects.receptor.effect_site_per_h
    del p

    def slope(per: float, mg_per_h: float, matrix: Any = matrix) -> Any:
        def of(_: float, y: Any) -> Any:
            x = y[n]
            surge = per * x / (1 + x)
            body = matrix @ y[:n]
            for place, share in into:
                body[place] += mg_per_h * share
            g, b, build, s, kept, fast = y[n + 1 :]
            return np.concatenate(
                [
                    body,
                    [ke0 * (binding @ y[:n] - x)],
                    [
                        surge - k[0] * g,
                        g - k[1] * b,
                        b - k[2] * build,
                        rates.scale * build - k[3] * s,
                        rates.keep_per_h * s - k[4] * kept,
                        rates.fast * g - k[5] * fast,
                    ],
                ]
            )

        return of

    changes = {0.0, *times_h}
    for session in sessions:
        changes |= {session.starts_h} | {
            session.starts_h + t
            for given in session.history
            if isinstance(given, Infusion)
            for t in (given.start_h, given.end_h)
        }
    y = np.zeros(n + 7)
    found = []
    knots = sorted(changes)
    for start, end in zip(knots, [*knots[1:], knots[-1]], strict=True):
        if any(abs(start - t) < 1e-12 for t in times_h):
            found.append(y[n + 1 :].copy())
        if end <= start:
            break
        per, rate = 0.0, 0.0
        for session, each in zip(sessions, per_hour, strict=True):
            if session.starts_h <= start:
                if session.starts_h >= start - 1e-9 and session is not sessions[0]:
                    y[: n + 1] = 0.0  # nothing of the last session's ketamine is left
                per = each
                for given in session.history:
                    assert isinstance(given, Infusion)
                    if session.starts_h + given.start_h <= start < session.starts_h + given.end_h:
                        rate = given.mg_per_h
        done = solve_ivp(slope(per, rate), (start, end), y, method=method, rtol=rtol, atol=1e-13)
        y = done.y[:, -1]
    return np.array(found).T
