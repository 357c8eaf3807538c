"""The same for thousands of subjects at once, in compiled code: mammillary systems in closed form, others stepped.

A mammillary system (a parent with its own peripherals, and a metabolite with one) is a sum of exponentials. One
number is kept for each exponential of the parent and of the metabolite and carried from knot to knot, so that
the cost does not depend on how many rates the infusion had. What the metabolite gains over a step is a divided
difference of exponentials, never a quotient of differences: equal rates need no case of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regrow.knowledge import CompartmentModel

from .concentration import Floats
from .linear import TERMS, distinct_steps, program
from .numerics import compiled, exp, gain, gain_of_rate, mean_decay, roots_of_three, roots_of_two
from .subjects import Subjects
from .system import Grid, Input, System, reached, system_of

NG_PER_ML = 1000.0


@dataclass(frozen=True)
class Family:
    """A parent with its peripherals and, where there is one, its metabolite with at most one peripheral."""

    parent: str
    peripherals: Sequence[str]
    metabolite: str | None = None
    beyond: str | None = None


def outputs_batch(subjects: Subjects, inputs: Sequence[Input], grid: Grid) -> dict[str, Floats]:
    """ng/mL of each analyte, (subject, time)."""
    model = subjects.model
    found: dict[str, Floats] = {
        c.analyte: np.zeros((len(subjects), len(grid.read))) for c in model.compartments if c.analyte
    }
    if not inputs:
        return found
    places = reached(subjects, inputs)
    families = families_of(model, places, {i.into for i in inputs})
    system = system_of(subjects, places)
    mg = _step_all(system, inputs, grid) if families is None else _closed_form(system, families, inputs, grid)
    for compartment in model.compartments:
        if compartment.analyte and compartment.id in mg:
            found[compartment.analyte] = mg[compartment.id]
    return found


def _per_ml(subjects: Subjects, place: str) -> Floats:
    """What turns mg in a place into ng/mL there; 1 where the model does not look."""
    volumes = {c.id: c.volume for c in subjects.model.compartments}
    volume = volumes[place]
    return np.ones(len(subjects)) if volume is None else NG_PER_ML / subjects.values[volume]


def families_of(
    model: CompartmentModel, places: Sequence[str], given_into: set[str]
) -> Sequence[Family] | None:
    """The places as mammillary families, each dosed into its parent; None where the model is anything else."""
    flows = {(f.source, f.to) for f in model.flows if f.source in places and f.to is not None}
    shared = {f.source for f in model.flows if f.share is not None}
    both_ways = {(a, b) for a, b in flows if (b, a) in flows}
    around = {p: sorted(b for a, b in both_ways if a == p) for p in places}
    one_way = sorted(flows - both_ways)
    found: list[Family] = []
    for parent in sorted(given_into):
        products = [b for a, b in one_way if a == parent]
        if len(products) > 1 or len(around[parent]) > 2 or parent in shared:
            return None
        family = Family(parent, around[parent])
        if products:
            product = products[0]
            if len(around[product]) > 1 or product in given_into or product in shared:
                return None
            family = Family(parent, around[parent], product, next(iter(around[product]), None))
        found.append(family)
    members = [p for f in found for p in (f.parent, *f.peripherals, f.metabolite, f.beyond) if p is not None]
    lonely = all(around[p] == [f.parent] for f in found for p in f.peripherals)
    known = {(f.parent, f.metabolite) for f in found}
    if not lonely or sorted(members) != sorted(places) or any(flow not in known for flow in one_way):
        return None
    return found


def _closed_form(
    system: System, families: Sequence[Family], inputs: Sequence[Input], grid: Grid
) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    which, lengths = distinct_steps(grid)
    read = _read(grid)
    for family in families:
        given = program([family.parent], [i for i in inputs if i.into == family.parent], grid)
        jumps = np.zeros((len(given.jumps), len(system.subjects)))
        jump_at = np.full(len(which), -1)
        for number, (step, _, mg) in enumerate(given.jumps):
            jumps[number] += mg
            jump_at[step] = number
        rows = given.rows[:, 0] if given.driven else np.zeros((1, len(system.subjects)))
        out = np.empty((2 if family.metabolite else 1, len(grid.read), len(system.subjects)))
        _mammillary(
            _micro_constants(system, family),
            np.stack([_per_ml(system.subjects, p) for p in (family.parent, family.metabolite) if p]),
            np.array(which),
            lengths,
            np.array(given.row),
            np.ascontiguousarray(rows),
            jump_at,
            jumps,
            read,
            len(family.peripherals) == 2,
            out,
        )
        found[family.parent] = out[0].T
        if family.metabolite is not None:
            found[family.metabolite] = out[1].T
    return found


def _read(grid: Grid) -> Floats:
    """For each knot, the output taken there; -1 where none is."""
    read = np.full(len(grid.knots_h), -1)
    read[grid.read] = np.arange(len(grid.read))
    return read


def _micro_constants(system: System, family: Family) -> Floats:
    """k10, k12, k21, k13, k31, km, kn0, kn1, kn2, shaped (9, subject); what is absent is harmless."""
    place = system.places.index
    parent = place(family.parent)
    out = np.zeros((9, len(system.subjects)))
    out[2], out[4], out[6], out[8] = 1.0, 1.0, 1.0, 1.0
    spread = np.zeros(len(system.subjects))
    for row, peripheral in zip((1, 3), family.peripherals, strict=False):
        out[row] = system.rate[place(peripheral), parent]
        out[row + 1] = system.rate[parent, place(peripheral)]
        spread = spread + out[row]
    out[0] = system.leaving[parent] - spread
    if family.metabolite is not None:
        metabolite = place(family.metabolite)
        out[5] = system.rate[metabolite, parent]
        out[6] = system.leaving[metabolite]
        if family.beyond is not None:
            out[7] = system.rate[place(family.beyond), metabolite]
            out[8] = system.rate[metabolite, place(family.beyond)]
            out[6] = out[6] - out[7]
    return out


def _step_all(system: System, inputs: Sequence[Input], grid: Grid) -> dict[str, Floats]:
    given = program(system.places, inputs, grid)
    which, lengths = distinct_steps(grid)
    out = np.empty((len(system.places), len(system.subjects), len(grid.read)))
    _general(
        system.rate,
        system.leaving,
        np.array(given.driven, dtype=np.int64),
        np.array(which),
        lengths,
        np.array(given.row),
        given.rows,
        np.stack([_per_ml(system.subjects, place) for place in system.places]),
        np.array([step for step, _, _ in given.jumps], dtype=np.int64),
        np.array([place for _, place, _ in given.jumps], dtype=np.int64),
        np.array([mg for _, _, mg in given.jumps]).reshape(-1, len(system.subjects)),
        _read(grid),
        out,
    )
    return {place: out[i] for i, place in enumerate(system.places)}


# --------------------------------------------------------------------------------------------------------------
# Compiled from here on.


# The numbers that carry a mammillary system over a step, by row: what is kept of each of the five exponentials,
# what an hourly milligram feeds into each, and what the parent's three pass on to each of the metabolite's two.
_KEEP, _FED, _PASSED = 0, 5, 10
_ROWS = 16
_BLOCK = 64  # subjects prepared together: their numbers stay in the nearest cache


@compiled
def _rates_and_shares(k: Floats, per_ml: Floats, three: bool, rate: Floats, share: Floats) -> None:
    """The five rates (5, subject), and how much of each exponential shows in ng/mL (5, subject)."""
    if three:
        for s in range(rate.shape[1]):
            l1, l2, l3, c1, c2, c3 = roots_of_three(k[0, s], k[1, s], k[2, s], k[3, s], k[4, s])
            rate[0, s], rate[1, s], rate[2, s] = l1, l2, l3
            share[0, s], share[1, s], share[2, s] = c1, c2, c3
    else:
        for s in range(rate.shape[1]):
            l1, l2, c1, c2 = roots_of_two(k[0, s], k[1, s], k[2, s])
            rate[0, s], rate[1, s], rate[2, s] = l1, l2, 1.0
            share[0, s], share[1, s], share[2, s] = c1, c2, 0.0
    last = per_ml.shape[0] - 1
    for s in range(rate.shape[1]):
        m1, m2, b1, b2 = roots_of_two(k[6, s], k[7, s], k[8, s])
        rate[3, s], rate[4, s] = m1, m2
        share[3, s], share[4, s] = b1 * per_ml[last, s], b2 * per_ml[last, s]


@compiled
def _decay(rate: Floats, t: float, carry: Floats) -> None:
    for s in range(rate.shape[0]):
        carry[s] = exp(-rate[s] * t)


@compiled
def _feed(rate: Floats, t: float, keep: Floats, carry: Floats) -> None:
    for s in range(rate.shape[0]):
        carry[s] = t * mean_decay(rate[s] * t, keep[s])


@compiled
def _pass(a: Floats, b: Floats, t: float, ea: Floats, eb: Floats, passed: Floats, fed: Floats) -> None:
    for s in range(a.shape[0]):
        passed[s] = gain(a[s], b[s], t, ea[s], eb[s])
    for s in range(a.shape[0]):
        fed[s] = gain_of_rate(a[s], b[s], t, ea[s], eb[s])


@compiled
def _advance(z: Floats, keep: Floats, fed: Floats, mg_per_h: Floats) -> None:
    for s in range(z.shape[0]):
        z[s] = z[s] * keep[s] + mg_per_h[s] * fed[s]


@compiled
def _advance_metabolite(z: Floats, own: int, of: Floats, mg_per_h: Floats) -> None:
    at = _PASSED + 3 * (own - 3)
    for s in range(z.shape[1]):
        z[own, s] = (
            z[own, s] * of[_KEEP + own, s]
            + mg_per_h[s] * of[_FED + own, s]
            + (z[0, s] * of[at, s] + (z[1, s] * of[at + 1, s] + z[2, s] * of[at + 2, s]))
        )


@compiled
def _output_three(z: Floats, share: Floats, seen: Floats) -> None:
    for s in range(seen.shape[0]):
        seen[s] = share[0, s] * z[0, s] + (share[1, s] * z[1, s] + share[2, s] * z[2, s])


@compiled
def _output_two(z: Floats, share: Floats, seen: Floats) -> None:
    for s in range(seen.shape[0]):
        seen[s] = share[3, s] * z[3, s] + share[4, s] * z[4, s]


@compiled
def _mammillary(
    k: Floats,
    per_ml: Floats,
    which: Floats,
    lengths: Floats,
    row: Floats,
    rows: Floats,
    jump_at: Floats,
    jumps: Floats,
    read: Floats,
    three: bool,
    out: Floats,
) -> None:
    """ng/mL in the parent and, if `out` has a second row, the metabolite: out (1 or 2, read, subject).

    k as `_micro_constants`; row, rows, which, lengths as `Program` and `distinct_steps`; jump_at[step] is the
    row of `jumps` that comes before the step, or -1.
    """
    subjects = k.shape[1]
    steps, kinds = which.shape[0], lengths.shape[0]
    metabolite = out.shape[0] == 2
    rate = np.ones((5, _BLOCK))
    share = np.zeros((5, _BLOCK))
    own = np.ones((k.shape[0], _BLOCK))
    to_ml = np.ones((per_ml.shape[0], _BLOCK))
    fed = np.zeros(_BLOCK)
    z = np.zeros((5, _BLOCK))  # one number for each exponential
    mg_per_h = np.zeros(_BLOCK)
    carry = np.zeros((kinds, _ROWS, _BLOCK))
    for first in range(0, subjects, _BLOCK):
        here = min(_BLOCK, subjects - first)
        own[:, :here] = k[:, first : first + here]  # beyond the last subject: values of an earlier block
        to_ml[:, :here] = per_ml[:, first : first + here]
        _rates_and_shares(own, to_ml, three, rate, share)
        for kind in range(kinds):
            t = lengths[kind]
            for i in range(5 if metabolite else 3):
                _decay(rate[i], t, carry[kind, _KEEP + i])
            for i in range(3):
                _feed(rate[i], t, carry[kind, _KEEP + i], carry[kind, _FED + i])
            if metabolite:
                for j in range(2):
                    carry[kind, _FED + 3 + j] = 0.0
                    for i in range(3 if three else 2):
                        passed = carry[kind, _PASSED + 3 * j + i]
                        ea, eb = carry[kind, _KEEP + 3 + j], carry[kind, _KEEP + i]
                        _pass(rate[3 + j], rate[i], t, ea, eb, passed, fed)
                        for s in range(_BLOCK):
                            flow = own[5, s] * share[i, s]
                            passed[s] *= flow
                            carry[kind, _FED + 3 + j, s] += flow * fed[s]
        for i in range(3):
            for s in range(_BLOCK):
                share[i, s] *= to_ml[0, s]
        z[:] = 0.0
        for analyte in range(out.shape[0]):
            if read[0] >= 0:
                out[analyte, read[0], first : first + here] = 0.0
        for step in range(steps):
            of, place = carry[which[step]], read[step + 1]
            if jump_at[step] >= 0:
                for s in range(here):
                    jump = jumps[jump_at[step], first + s]
                    z[0, s] += jump
                    z[1, s] += jump
                    z[2, s] += jump
            if step == 0 or row[step] != row[step - 1]:
                mg_per_h[:here] = rows[row[step], first : first + here]
            if metabolite:
                for j in range(2):
                    _advance_metabolite(z, 3 + j, of, mg_per_h)
            for i in range(3):
                _advance(z[i], of[_KEEP + i], of[_FED + i], mg_per_h)
            if place >= 0:
                _output_three(z, share, out[0, place, first : first + here])
                if metabolite:
                    _output_two(z, share, out[1, place, first : first + here])


@compiled
def _product(a: Floats, b: Floats, into: Floats) -> None:
    """into = a·b for small square matrices."""
    n = a.shape[0]
    for i in range(n):
        for j in range(n):
            into[i, j] = 0.0
        for inner in range(n):
            factor = a[i, inner]
            if factor != 0.0:
                for j in range(n):
                    into[i, j] += factor * b[inner, j]


@compiled
def _general(
    rate: Floats,
    leaving: Floats,
    driven: Floats,
    which: Floats,
    lengths: Floats,
    row: Floats,
    rows: Floats,
    per_ml: Floats,
    jump_step: Floats,
    jump_place: Floats,
    jump_mg: Floats,
    read: Floats,
    out: Floats,
) -> None:
    """As `linear.amounts`, subject by subject; out: ng/mL by `per_ml`, (place, subject, read)."""
    n, subjects = rate.shape[0], rate.shape[2]
    m = driven.shape[0]
    size = n + m
    kinds, steps = lengths.shape[0], which.shape[0]
    over = np.zeros((kinds, size, size))
    scaled = np.zeros((size, size))
    term = np.zeros((size, size))
    other = np.zeros((size, size))
    state = np.zeros(size)
    after = np.zeros(size)
    for s in range(subjects):
        fastest = 0.0
        for place in range(n):
            fastest = max(fastest, leaving[place, s])
        for kind in range(kinds):
            t = lengths[kind]
            halvings = 0
            while fastest * t / 2.0**halvings > 1.0:
                halvings += 1
            part = t / 2.0**halvings
            scaled[:] = 0.0
            for i in range(n):
                for j in range(n):
                    scaled[i, j] = rate[i, j, s] * part
                scaled[i, i] += (fastest - leaving[i, s]) * part
            for column in range(m):
                scaled[driven[column], n + column] = part
                scaled[n + column, n + column] = fastest * part
            total = over[kind]
            total[:] = 0.0
            term[:] = 0.0
            for i in range(size):
                total[i, i] = 1.0
                term[i, i] = 1.0
            for power in range(1, TERMS + 1):
                _product(scaled, term, other)  # the sparse one first
                for i in range(size):
                    for j in range(size):
                        term[i, j] = other[i, j] / power
                        total[i, j] += term[i, j]
            shrink = exp(-fastest * part)
            for i in range(size):
                for j in range(size):
                    total[i, j] *= shrink
            for _ in range(halvings):
                _product(total, total, other)
                total[:] = other
        state[:] = 0.0
        if read[0] >= 0:
            out[:, s, read[0]] = 0.0
        for step in range(steps):
            for jump in range(jump_step.shape[0]):
                if jump_step[jump] == step:
                    state[jump_place[jump]] += jump_mg[jump, s]
            for column in range(m):
                state[n + column] = rows[row[step], column, s]
            matrix = over[which[step]]
            for i in range(n):
                total_i = 0.0
                for j in range(size):
                    total_i += matrix[i, j] * state[j]
                after[i] = total_i
            for i in range(n):
                state[i] = after[i]
            place_read = read[step + 1]
            if place_read >= 0:
                for i in range(n):
                    out[i, s, place_read] = state[i] * per_ml[i, s]
