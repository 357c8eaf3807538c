"""Severity between instruments: the published tables, through QIDS-SR16 as the hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regrow.knowledge import Knowledge, Phase, Trial

from .arrays import Floats

HUB = "qids-sr16"
# The scales that published tables join to the hub, in a fixed order.
MODELED = ("madrs", "phq-9", "qids-sr16", "ham-d17", "ham-d6")


@dataclass(frozen=True)
class Severity:
    """The modeled scales and what makes their scores comparable.

    `points`: for each scale (score on the hub, score on the scale) that are as severe, from 0 to both ends.
    `maximum`: the highest total. `recall_days`: the days that a self-rating looks back over; a clinician's rating is
    of the moment and has none.
    """

    points: Mapping[str, Sequence[tuple[float, float]]]
    maximum: Mapping[str, float]
    recall_days: Mapping[str, int]

    @classmethod
    def of(cls, knowledge: Knowledge) -> "Severity":
        """From a clinic's content; computed once for each `Knowledge`."""

        def make() -> Severity:
            scales = [knowledge.scale(id) for id in MODELED]
            return cls(
                {id: _points(id, knowledge) for id in MODELED},
                {scale.id: float(scale.maximum) for scale in scales},
                {scale.id: scale.recall_days for scale in scales if scale.rated_by == "patient"},
            )

        return knowledge.cached(("severity",), make)

    def convert(self, true: Floats, scale: str, to: str) -> Floats:
        """The score on another instrument that is as severe, by straight lines between the points."""
        if scale == to:
            return true
        hub, here = np.array(self.points[scale]).T
        hub_to, there = np.array(self.points[to]).T
        severity = np.interp(true, here, hub)
        found: Floats = np.interp(severity, hub_to, there)
        return found


def _points(scale: str, knowledge: Knowledge) -> Sequence[tuple[float, float]]:
    highest, top = float(knowledge.scale(HUB).maximum), float(knowledge.scale(scale).maximum)
    if scale == HUB:
        return ((0.0, 0.0), (highest, highest))
    if scale == "ham-d6":  # six of the seventeen items: the same share of its range
        whole = _points("ham-d17", knowledge)
        return tuple((hub, score * top / knowledge.scale("ham-d17").maximum) for hub, score in whole)
    aligned = knowledge.alignment()
    if scale in aligned:
        return tuple((hub, own) for own, hub in aligned[scale])
    # A row pairs two bands: the lines go through their middles, and through both ends.
    rows = knowledge.crosswalk(f"{HUB}-to-{scale}").rows
    middles = {(sum(here) / 2, sum(there) / 2) for here, there in rows}
    points = sorted({(0.0, 0.0), *middles, (highest, top)})
    hub, score = (np.array(column) for column in zip(*points, strict=True))
    kept = np.concatenate([[True], (np.diff(hub) > 0) & (np.diff(score) > 0)])
    return tuple(point for point, keep in zip(points, kept, strict=True) if keep)


def scales_of(trial: Trial, phase: Phase) -> Sequence[str]:
    """The instruments on which someone looks at this phase, in a fixed order."""
    wanted = {trial.population.entry.scale}
    wanted |= {o.scale for o in trial.outcomes if any(phase.id in group for group in o.groups.values())}
    wanted |= {b.scale for b in phase.then if b.scale}
    if phase.step:
        wanted.add(phase.step.scale)
    if phase.until:
        wanted.add(phase.until.scale)
    return [scale for scale in MODELED if scale in wanted]
