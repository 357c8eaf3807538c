"""Any linear model, exactly: one matrix exponential for each distinct step, one small product a step.

exp(A·t) by uniformization: with q at least the fastest leaving rate, A + q has no negative entry, so the Taylor
sum of exp((A + q)·t/2ˢ), its squarings and the products with non-negative states never subtract. Small entries
(the terminal phase, a metabolite just appearing) keep their digits, and defective systems such as chains of
equal delays need no special care. See Moler and Van Loan, SIAM Rev 2003;45:3, method 3; Xue and Ye, Numer Math
2013;125:505 on the entrywise accuracy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .concentration import Floats
from .system import MERGE_H, Grid, Input, System

# Of the Taylor sum at q·t/2ˢ ≤ 1: the first term left out is below 1e-17 of the sum.
TERMS = 18


@dataclass(frozen=True)
class Program:
    """What goes in over each step of a grid.

    `rows[r]` is a set of rates in mg/h, (driven place, subject), and `row[step]` the one in force; `jumps` are
    the pushes at the beginning of a step: (step, place, mg for each subject).
    """

    driven: Sequence[int]
    row: Sequence[int]
    rows: Floats
    jumps: Sequence[tuple[int, int, Floats]]


def amounts(system: System, inputs: Sequence[Input], grid: Grid) -> Floats:
    """mg in each place, shaped (subject, read, place), read before any jump at the same time."""
    given = program(system.places, inputs, grid)
    which, distinct = distinct_steps(grid)
    over, into = step_matrices(system, given.driven, distinct)
    state = np.zeros((len(system.subjects), len(system.places)))
    at_knot = [state]
    for step, kind in enumerate(which):
        for when, place, mg in given.jumps:
            if when == step:
                state = state.copy()
                state[:, place] += mg
        state = np.einsum("sij,sj->si", over[kind], state) + np.einsum(
            "sij,js->si", into[kind], given.rows[given.row[step]]
        )
        at_knot.append(state)
    return np.stack([at_knot[knot] for knot in grid.read], axis=1)


def program(places: Sequence[str], inputs: Sequence[Input], grid: Grid) -> Program:
    """The inputs laid out on the steps of the grid."""
    driven = sorted({places.index(i.into) for i in inputs if i.end_h is not None})
    subjects = len(inputs[0].amount) if inputs else 1
    starts, ends = grid.knots_h[:-1], grid.knots_h[1:]
    running: list[set[int]] = [set() for _ in starts]
    jumps = []
    for number, given in enumerate(inputs):
        if given.end_h is None:
            for step in np.flatnonzero(np.abs(starts - given.start_h) <= MERGE_H):
                jumps.append((int(step), places.index(given.into), given.amount))
        else:
            inside = (starts >= given.start_h - MERGE_H) & (ends <= given.end_h + MERGE_H)
            for step in np.flatnonzero(inside):
                running[step].add(number)
    together = sorted({frozenset(numbers) for numbers in running} | {frozenset[int]()}, key=sorted)
    rows = np.zeros((len(together), len(driven), subjects))
    for r, numbers in enumerate(together):
        for number in sorted(numbers):
            rows[r, driven.index(places.index(inputs[number].into))] += inputs[number].amount
    return Program(driven, [together.index(frozenset(n)) for n in running], rows, jumps)


def distinct_steps(grid: Grid) -> tuple[Sequence[int], Floats]:
    """Which of the distinct lengths each step has, and those lengths; lengths within `MERGE_H` are one."""
    steps = grid.steps_h
    _, first, which = np.unique(np.round(steps / MERGE_H), return_index=True, return_inverse=True)
    return which.tolist(), steps[first]


def step_matrices(
    system: System, driven: Sequence[int], steps_h: Floats
) -> tuple[Sequence[Floats], Sequence[Floats]]:
    """For each length: exp(A·t), (subject, place, place), and its integral's columns for the driven places."""
    n, m = len(system.places), len(driven)
    subjects = len(system.subjects)
    fastest = system.leaving.max(axis=0)
    generator = np.zeros((subjects, n + m, n + m))
    generator[:, :n, :n] = np.moveaxis(system.rate, 2, 0)
    diagonal = np.arange(n)
    generator[:, diagonal, diagonal] += fastest[:, None] - system.leaving.T
    for column, place in enumerate(driven):
        generator[:, place, n + column] = 1.0
        generator[:, n + column, n + column] = fastest
    over, into = [], []
    for step in steps_h:
        whole = _exponential(generator, fastest, float(step))
        over.append(whole[:, :n, :n])
        into.append(whole[:, :n, n:])
    return over, into


def _exponential(generator: Floats, fastest: Floats, step: float) -> Floats:
    """exp((generator − fastest)·step) for each subject."""
    halvings = max(0, int(np.ceil(np.log2(max(float(fastest.max()) * step, 1e-300)))))
    part = step / 2**halvings
    scaled = generator * part
    term = np.broadcast_to(np.eye(generator.shape[1]), generator.shape)
    total = term.copy()
    for k in range(1, TERMS + 1):
        term = term @ scaled / k
        total = total + term
    total *= np.exp(-fastest * part)[:, None, None]
    for _ in range(halvings):
        total = total @ total
    return total
