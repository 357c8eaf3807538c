"""Per-patient random numbers, independent of the process, the order of draws and the machine.

Philox4x32-10 (Salmon and others, SC11; the test vectors of Random123 are in the tests). Its key is the trial's seed;
its counter names the patient, the stream and the draw. A new stream never disturbs the old ones, so arms and protocols
stay paired.
"""

from typing import Any

import numpy as np

from regrow.pharmacology.numerics import compiled, inlined, normal

from .arrays import Floats, Whole

# Streams. Never renumber one: results would change.
TRAITS, ENTRY, VISITS, ACUTE, LEAVING, LOSS, RANDOMISING = range(7)

_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


@inlined
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """One block of four 32-bit numbers, each in a uint64; arguments are uint64 below 2³²."""
    for _ in range(10):
        a = np.uint64(0xD2511F53) * c0
        b = np.uint64(0xCD9E8D57) * c2
        c0 = (b >> _32) ^ c1 ^ k0
        c1 = b & _LOW
        c2 = (a >> _32) ^ c3 ^ k1
        c3 = a & _LOW
        k0 = (k0 + np.uint64(0x9E3779B9)) & _LOW
        k1 = (k1 + np.uint64(0xBB67AE85)) & _LOW
    return c0, c1, c2, c3


@compiled
def _draw(seed: Any, patients: Any, draws: Any, stream: int, out: Floats, as_normal: bool) -> None:
    k0, k1 = np.uint64(seed) & _LOW, np.uint64(seed) >> _32
    s = np.uint64(stream)
    for i in range(patients.shape[0]):
        patient = np.uint64(patients[i])
        c0, c1, c2, c3 = philox(np.uint64(draws[i]), patient & _LOW, patient >> _32, s, k0, k1)
        out[0, i] = (np.float64(c0) + 0.5) * 2.0**-32
        out[1, i] = (np.float64(c1) + 0.5) * 2.0**-32
        out[2, i] = (np.float64(c2) + 0.5) * 2.0**-32
        out[3, i] = (np.float64(c3) + 0.5) * 2.0**-32
    if as_normal:
        for row in range(4):
            for i in range(patients.shape[0]):
                out[row, i] = normal(out[row, i])


def uniforms(seed: int, patients: Whole, draws: Whole, stream: int) -> Floats:
    """Four numbers above 0 and below 1 for each patient, (4, patient): of the draw that each patient is at."""
    out = np.empty((4, len(patients)))
    _draw(np.uint64(seed), patients, draws, stream, out, False)
    return out


def normals(seed: int, patients: Whole, draws: Whole, stream: int) -> Floats:
    """Four standard normal numbers for each patient, (4, patient)."""
    out = np.empty((4, len(patients)))
    _draw(np.uint64(seed), patients, draws, stream, out, True)
    return out
