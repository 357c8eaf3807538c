"""From a session's drive to synapses: linear from here on, so it is solved in closed form.

    G' = f − G/τ_G    B' = G − B/τ_B    X' = B − X/τ_X    S' = a·X − S/τ_S    L' = κ·S − L/τ_L    F' = φ·G − F/τ_F

G glutamate surge, B BDNF and mTOR, X building, S new synapses, L those that became lasting, F the fast benefit before
synapses exist. One number is kept for each of the six rates: between sessions it only decays; a session adds its input,
weighted by how long ago it was, never by a growing exponential. States are fixed sums of the six numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regrow.knowledge import EffectParameters

from .concentration import Floats
from .window import Window

GLUTAMATE, BDNF, BUILD, SYNAPSE, KEPT, FAST = range(6)
HOURS = 24.0


@dataclass(frozen=True)
class Rates:
    """The six decay rates, 1/h, (6, subject); κ in 1/h; `scale` a, and `fast` what φ means in hours."""

    decay: Floats
    keep_per_h: float
    scale: float
    fast: float


@dataclass(frozen=True)
class States:
    """All states, each (subject,): S of the typical single session is 1 at 24 h, and F is φ at 4 h."""

    glutamate: Floats
    bdnf: Floats
    build: Floats
    synapses: Floats
    kept: Floats
    fast: Floats

    @property
    def benefit(self) -> Floats:
        return self.fast + self.synapses + self.kept


def decays_of(parameters: EffectParameters, tau_synapse_d: Floats) -> Floats:
    """1/h, (6, subject). τ_S is kept a part in a hundred away from τ_X and τ_L, where the closed form is 0/0."""
    ones = np.ones(len(tau_synapse_d))
    tau_s = tau_synapse_d * HOURS
    for tau in (parameters["tau_build_h"], parameters["tau_kept_d"] * HOURS):
        near = np.abs(tau_s / tau - 1) < 0.01
        tau_s = np.where(near, tau * np.where(tau_s >= tau, 1.01, 0.99), tau_s)
    return np.stack(
        [
            ones / parameters["tau_glutamate_h"],
            ones / parameters["tau_bdnf_h"],
            ones / parameters["tau_build_h"],
            1 / tau_s,
            ones / (parameters["tau_kept_d"] * HOURS),
            ones / (parameters["tau_fast_d"] * HOURS),
        ]
    )


def retention(parameters: EffectParameters, *, antidepressant: bool) -> float:
    """κ in 1/h, with or without an antidepressant."""
    return parameters["keep_per_d"] / HOURS * (1.0 if antidepressant else parameters["keep_without"])


def impulse_responses(decay: Floats, window: Window, surge: Floats) -> Floats:
    """What each piece of a window leaves in the six numbers at its end, (piece, 6, subject).

    `surge` is the input f at the window's nodes, (subject, node); its integral over the session is the drive.
    """
    found = np.zeros((len(window.ends_h), 6, surge.shape[0]))
    for piece, end in enumerate(window.ends_h):
        inside = window.piece == piece
        ago = end - window.nodes_h[inside]
        weighted = surge[:, inside] * window.weights_h[inside]
        found[piece] = np.einsum("sn,ksn->ks", weighted, np.exp(-decay[:, :, None] * ago))
    return found


def numbers_at(
    decay: Floats, starts_h: Sequence[float], windows: Sequence[Window], left: Sequence[Floats], at_h: float
) -> Floats:
    """The six numbers at one time, (6, subject), of all pieces that have ended by then.

    `left[i]` are the kicks of the session that began at `starts_h[i]`. A piece that runs at `at_h` is not counted:
    make the window with a knot there.
    """
    total = np.zeros_like(decay)
    for start, window, kick in zip(starts_h, windows, left, strict=True):
        for piece, end in enumerate(window.ends_h):
            ago = at_h - (start + end)
            if ago >= -1e-9:
                total = total + kick[piece] * np.exp(-decay * max(ago, 0.0))
    return total


def states_of(rates: Rates, numbers: Floats) -> States:
    """States that correspond to the six mode amplitudes."""
    k = rates.decay

    def chain(members: Sequence[int]) -> Floats:
        total = np.zeros(k.shape[1])
        for j in members:
            below = np.ones(k.shape[1])
            for i in members:
                if i != j:
                    below = below * (k[i] - k[j])
            total = total + numbers[j] / below
        return total

    return States(
        glutamate=numbers[GLUTAMATE],
        bdnf=chain([GLUTAMATE, BDNF]),
        build=chain([GLUTAMATE, BDNF, BUILD]),
        synapses=rates.scale * chain([GLUTAMATE, BDNF, BUILD, SYNAPSE]),
        kept=rates.scale * rates.keep_per_h * chain([GLUTAMATE, BDNF, BUILD, SYNAPSE, KEPT]),
        fast=rates.fast * chain([GLUTAMATE, FAST]),
    )
