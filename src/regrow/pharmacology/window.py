"""The hours after the start of a session in which what was given still acts, cut into pieces for quadrature."""

from dataclasses import dataclass

import numpy as np

from .concentration import Floats
from .doses import History, Infusion

# Where the pieces end, in hours after the last change of the pump. Gauss–Legendre on each piece: with these, states
# agree with a stiff solver to a part in 10⁴ of their largest value from two hours on (see the tests).
AFTER_H = (0.1, 0.5, 2.0, 7.0, 20.0)
# And after the start, so that a week's last piece has ended when the next week begins.
FROM_START_H = (48.0, 96.0, 168.0)
NODES = 6


@dataclass(frozen=True)
class Window:
    """Nodes and weights in hours; `piece` is the piece of each node, `ends_h` where each piece ends."""

    nodes_h: Floats
    weights_h: Floats
    piece: Floats
    ends_h: Floats


def window_of(history: History, also_h: tuple[float, ...] = ()) -> Window:
    """A knot at every change of the pump, at every device or push, and at the times of `also_h` inside."""
    changes = {0.0}
    for given in history:
        changes |= {given.start_h, given.end_h} if isinstance(given, Infusion) else {given.at_h}
    last = max(changes)
    knots = sorted(
        changes | {last + after for after in AFTER_H} | {h for h in FROM_START_H if h > last + AFTER_H[-1]}
    )
    knots = sorted({*knots, *(t for t in also_h if 0 < t < knots[-1])})
    # Knots closer than a second are one: a quadrature piece of no length is of no use.
    kept = [knots[0]]
    for knot in knots[1:]:
        if knot - kept[-1] > 1 / 3600:
            kept.append(knot)
    x, w = np.polynomial.legendre.leggauss(NODES)
    starts, ends = np.array(kept[:-1]), np.array(kept[1:])
    half = (ends - starts) / 2
    nodes = (starts + half)[:, None] + half[:, None] * x
    weights = half[:, None] * w
    return Window(nodes.ravel(), weights.ravel(), np.repeat(np.arange(len(ends)), NODES), ends)
