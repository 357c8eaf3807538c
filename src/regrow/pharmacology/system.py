"""A model with its subjects as a linear system: how fast each compartment empties, and into which.

Every off-diagonal rate is zero or more, so exp(A·t) has no negative entry: computed without a subtraction it
keeps its last digits, whatever the rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regrow.knowledge import Rate

from .concentration import Floats
from .doses import Bolus, Dose, History, Infusion
from .errors import BadDose
from .subjects import Subjects

MERGE_H = 1e-12  # two times closer than this are one


@dataclass(frozen=True)
class System:
    """`rate[i, j, s]` is the flow from compartment j into i, 1/h; `leaving[j, s]` is all that leaves j."""

    subjects: Subjects
    places: Sequence[str]
    rate: Floats
    leaving: Floats


@dataclass(frozen=True)
class Input:
    """A part of a history: into place `into`, at once (`end_h` None: mg) or at a rate (mg/h), a subject."""

    into: str
    start_h: float
    end_h: float | None
    amount: Floats


@dataclass(frozen=True)
class Grid:
    """Steps between all times that matter. `read[k]` is the knot at which output k is taken, before any jump."""

    knots_h: Floats
    read: Sequence[int]

    @property
    def steps_h(self) -> Floats:
        return np.diff(self.knots_h)


def system_of(subjects: Subjects, places: Sequence[str]) -> System:
    """Only the places named, which nothing outside them flows into (see `reached`)."""
    rate = np.zeros((len(places), len(places), len(subjects)))
    leaving = np.zeros((len(places), len(subjects)))
    emptied: set[tuple[str, Rate]] = set()
    for flow in subjects.model.flows:
        if flow.source not in places:
            continue
        source = places.index(flow.source)
        speed = _speed(subjects, flow.rate)
        if flow.share is None:
            leaving[source] += speed
        elif (flow.source, flow.rate) not in emptied:  # shares of one outflow empty the place once
            emptied.add((flow.source, flow.rate))
            leaving[source] += speed
        if flow.to is not None:
            share = 1.0 if flow.share is None else subjects.values[flow.share]
            rate[places.index(flow.to), source] += speed * share
    return System(subjects, places, rate, leaving)


def reached(subjects: Subjects, inputs: Sequence[Input]) -> Sequence[str]:
    """The places that a dose can come to, in the model's order."""
    found = {i.into for i in inputs}
    while True:
        more = {f.to for f in subjects.model.flows if f.source in found and f.to is not None} - found
        if not more:
            return [c.id for c in subjects.model.compartments if c.id in found]
        found |= more


def inputs_of(subjects: Subjects, history: History, scale: Floats | float = 1.0) -> Sequence[Input]:
    """A history as inputs. Every amount is multiplied by `scale`, one number or one a subject.

    Raises `BadDose` for a route that the model has not, or a device of another size than the model's.
    """
    found: list[Input] = []
    for number, given in enumerate(history, 1):
        name = given.route if isinstance(given, Dose) else "iv"
        route = subjects.model.routes.get(name)
        if route is None:
            known = ", ".join(subjects.model.routes)
            raise BadDose(
                f"event {number}: {subjects.model.id} has no route {name!r}; it has: {known}. "
                "Take one of these, or another model"
            )
        if isinstance(given, Dose) and route.device_mg and given.mg != route.device_mg:
            raise BadDose(
                f"event {number}: mg is {given.mg:g}; a {name} device of this model holds {route.device_mg:g} mg: "
                "give one event for each device"
            )
        left: Floats | float = 1.0
        for part in route.parts:
            share: Floats | float = left if part.rest else 1.0
            if part.share is not None:
                share = subjects.values[part.share]
            if part.later is not None and isinstance(given, Dose) and given.device > 1:
                share = share * subjects.values[part.later]
            left = left - share
            if part.swallowed:
                share = share * subjects.swallowed_times
            found.append(_input(subjects, given, part.into, part.over, share * scale))
    return found


def _input(
    subjects: Subjects, given: Infusion | Bolus | Dose, into: str, over: str | None, times: Floats | float
) -> Input:
    all_subjects = np.ones(len(subjects)) * times
    match given:
        case Infusion(start_h, end_h, rate):
            return Input(into, start_h, end_h, rate * all_subjects)
        case Bolus(at_h, mg):
            return Input(into, at_h, None, mg * all_subjects)
        case Dose(at_h, mg):
            if over is None:
                return Input(into, at_h, None, mg * all_subjects)
            length = float(subjects.values[over][0])
            return Input(into, at_h, at_h + length, mg / length * all_subjects)


def grid_of(inputs: Sequence[Input], times_h: Floats) -> Grid:
    """All times that matter, those closer than `MERGE_H` as one. Raises `BadDose` for unusable times."""
    if times_h.ndim != 1 or not len(times_h) or not np.all(np.isfinite(times_h)):
        raise BadDose("times_h: give at least one time, each a number")
    if times_h[0] < 0 or np.any(np.diff(times_h) <= 0):
        raise BadDose("times_h: give times of 0 or later, each later than the one before")
    ends = [i.end_h for i in inputs if i.end_h is not None]
    every = np.unique(np.concatenate([[0.0], times_h, [i.start_h for i in inputs], ends]))
    knots = every[np.concatenate([[True], np.diff(every) > MERGE_H])]
    knots = knots[knots <= times_h[-1] + MERGE_H]
    return Grid(knots, np.searchsorted(knots, times_h - MERGE_H).tolist())


def _speed(subjects: Subjects, rate: Rate) -> Floats:
    values = subjects.values
    if rate.rate is not None:
        speed = values[rate.rate]
    elif rate.clearance is not None and rate.volume is not None:
        speed = values[rate.clearance] / values[rate.volume]
    else:
        assert rate.mean is not None  # by the schema
        speed = rate.steps / values[rate.mean]
    return speed * values[rate.times] if rate.times is not None else speed
