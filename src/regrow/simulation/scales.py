"""Severity between instruments: the published tables, through QIDS-SR16 as the hub."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from regrow import knowledge
from regrow.knowledge import Phase, Trial

from .arrays import Floats

HUB = "qids-sr16"
RANGE: Mapping[str, float] = {"madrs": 60, "phq-9": 27, "qids-sr16": 27, "ham-d17": 52, "ham-d6": 22}
# Days that a person looks back over; a clinician's rating is of the moment.
RECALL_DAYS: Mapping[str, int] = {"phq-9": 14, "qids-sr16": 7}


def convert(true: Floats, scale: str, to: str) -> Floats:
    """The score on another instrument that is as severe, by straight lines between the tables' points."""
    if scale == to:
        return true
    hub, here = _points(scale)
    hub_to, there = _points(to)
    severity = np.interp(true, here, hub)
    found: Floats = np.interp(severity, hub_to, there)
    return found


@cache
def _points(scale: str) -> tuple[Floats, Floats]:
    """Points (hub score, score on the scale), from 0 to both scales' ends."""
    if scale == HUB:
        return np.array([0.0, 27.0]), np.array([0.0, 27.0])
    if scale == "ham-d6":  # six of the seventeen items: the same share of its range
        hub, score = _points("ham-d17")
        return hub, score * RANGE["ham-d6"] / RANGE["ham-d17"]
    aligned = knowledge.alignment()
    if scale in aligned:
        return np.array([hub for _, hub in aligned[scale]]), np.array([own for own, _ in aligned[scale]])
    # A row pairs two bands: the lines go through their middles, and through both ends.
    rows = knowledge.crosswalk(f"{HUB}-to-{scale}").rows
    middles = {(sum(here) / 2, sum(there) / 2) for here, there in rows}
    points = sorted({(0.0, 0.0), *middles, (27.0, RANGE[scale])})
    hub, score = (np.array(column) for column in zip(*points, strict=True))
    kept = np.concatenate([[True], (np.diff(hub) > 0) & (np.diff(score) > 0)])
    return hub[kept], score[kept]


def scales_of(trial: Trial, phase: Phase) -> Sequence[str]:
    """The instruments on which someone looks at this phase, in a fixed order."""
    wanted = {trial.population.entry.scale}
    wanted |= {o.scale for o in trial.outcomes if any(phase.id in group for group in o.groups.values())}
    wanted |= {b.scale for b in phase.then if b.scale}
    if phase.step:
        wanted.add(phase.step.scale)
    if phase.until:
        wanted.add(phase.until.scale)
    return [scale for scale in RANGE if scale in wanted]
