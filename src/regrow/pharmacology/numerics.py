"""Elementary functions for compiled code, written so that the compiler can run many subjects side by side.

The library's exp is called one value at a time, five times as slow; this one is a sum and a product, so it is
also the same to the last bit wherever the same code runs.
"""

import hashlib
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np


def _keep_by_contents() -> None:
    """Keeps compiled code in a folder named after all sources of this room.

    Numba looks only at the file of the function it compiles; these call each other across files, and after an
    update the old code of a changed callee would stay in its unchanged caller.
    """
    room = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(room.glob("*.py")))
    name = f"kernels-{hashlib.sha256(sources).hexdigest()[:16]}"
    for folder in (room / "__pycache__" / name, Path(tempfile.gettempdir()) / f"regrow-{name}"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:  # installed where this account may not write
            continue
        numba.config.CACHE_DIR = str(folder)
        return


_keep_by_contents()
# Contraction and reassociation are allowed; infinities and NaN keep their meaning. Division by zero gives what
# the processor gives, or the compiler could not run subjects side by side.
_SETTINGS = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc"}}
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function as machine code."""
    made: F = numba.njit(**_SETTINGS)(function)
    return made


def inlined(function: F) -> F:
    """The function as machine code that becomes part of whatever calls it."""
    made: F = numba.njit(**_SETTINGS, forceinline=True)(function)
    return made


_LOG2E = 1.4426950408889634
_LN2_HIGH = 0.6931471803691238  # ln 2 in two parts, the first exact when multiplied by a small integer
_LN2_LOW = 1.9082149292705877e-10
_LEAST = -708.0  # e to this is the smallest normal number, near enough


@inlined
def exp(x: float) -> float:
    """e to the power x for x ≤ 700, relative error within two units of the last place; below −708 nearly 0."""
    x = max(x, _LEAST)
    k = np.rint(x * _LOG2E)
    r = x - k * _LN2_HIGH - k * _LN2_LOW
    p = 1.6059043836821613e-10  # 1/13!, 1/12!, …: the Taylor sum on |r| ≤ ln 2 / 2
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 1.984126984126984e-04
    p = p * r + 1.3888888888888889e-03
    p = p * r + 8.333333333333333e-03
    p = p * r + 4.1666666666666664e-02
    p = p * r + 1.6666666666666666e-01
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power_of_two: float = np.int64((np.int64(k) + 1023) << 52).view(np.float64)
    found: float = p * power_of_two
    return found


@inlined
def mean_decay(x: float, e: float) -> float:
    """(1 − e^(−x))/x for x ≥ 0, with e = e^(−x) known already."""
    s = -min(x, 0.5)
    p = 1.1470745597729725e-11  # 1/14!, 1/13!, …, 1/1!
    p = p * s + 1.6059043836821613e-10
    p = p * s + 2.08767569878681e-09
    p = p * s + 2.505210838544172e-08
    p = p * s + 2.755731922398589e-07
    p = p * s + 2.7557319223985893e-06
    p = p * s + 2.48015873015873e-05
    p = p * s + 1.984126984126984e-04
    p = p * s + 1.3888888888888889e-03
    p = p * s + 8.333333333333333e-03
    p = p * s + 4.1666666666666664e-02
    p = p * s + 1.6666666666666666e-01
    p = p * s + 0.5
    p = p * s + 1.0
    far: float = (1.0 - e) / max(x, 0.5)
    return p if x <= 0.5 else far


@inlined
def gain(a: float, b: float, t: float, ea: float, eb: float) -> float:
    """∫₀ᵗ e^(−a(t−s)) e^(−bs) ds for any a and b, equal ones included; ea = e^(−at), eb = e^(−bt)."""
    apart = abs(a - b)
    x = apart * t
    near = max(ea, eb) * t * mean_decay(x, 0.0)
    return near if x <= 0.5 else abs(ea - eb) / max(apart, 0.5 / t)


@inlined
def gain_of_rate(a: float, b: float, t: float, ea: float, eb: float) -> float:
    """∫₀ᵗ gain(a, b, s) ds: what a steady input has passed on after t."""
    high = a if a > b else b
    low = b if a > b else a
    slowest = ea if ea > eb else eb
    # The power series where the difference below would cancel: complete homogeneous polynomials over factorials.
    x = -low * t if low * t < 0.1 else -0.1
    y = -high * t if high * t < 0.1 else -0.1
    power, h, total = x, y + x, 0.5 + (y + x) * 1.6666666666666666e-01
    power *= x
    h = h * y + power
    total += h * 4.1666666666666664e-02
    power *= x
    h = h * y + power
    total += h * 8.333333333333333e-03
    power *= x
    h = h * y + power
    total += h * 1.3888888888888889e-03
    power *= x
    h = h * y + power
    total += h * 1.984126984126984e-04
    power *= x
    h = h * y + power
    total += h * 2.48015873015873e-05
    power *= x
    h = h * y + power
    total += h * 2.7557319223985893e-06
    power *= x
    h = h * y + power
    total += h * 2.755731922398589e-07
    power *= x
    h = h * y + power
    total += h * 2.505210838544172e-08
    by_difference = (t * mean_decay(low * t, slowest) - gain(a, b, t, ea, eb)) / high
    return total * t * t if high * t < 0.1 else by_difference


@inlined
def roots_of_two(k10: float, k12: float, k21: float) -> tuple[float, float, float, float]:
    """Both rates of a two-compartment system, the fast one first, and the share of each in the central place."""
    apart = k10 + k12 - k21
    d = math.sqrt(apart * apart + 4 * k12 * k21)
    far = (d + abs(apart)) / 2  # the one of the two sums that does not cancel; the other by the product
    near = k12 * k21 / (far if far > 0.0 else 1.0)
    above = far if apart >= 0.0 else near
    below = near if apart >= 0.0 else far
    fast = k21 + above
    return fast, k10 * k21 / fast, (above / d if d > 0.0 else 1.0), (below / d if d > 0.0 else 0.0)


@inlined
def roots_of_three(
    k10: float, k12: float, k21: float, k13: float, k31: float
) -> tuple[float, float, float, float, float, float]:
    """The three rates of a mammillary system, fastest first, and the share of each in the central place."""
    a2 = k10 + k12 + k21 + k13 + k31
    a1 = k10 * k31 + k21 * k31 + k21 * k13 + k10 * k21 + k31 * k12
    a0 = k10 * k21 * k31
    # The slowest rate first, by Laguerre's steps from below: all roots are real, so they never overshoot, and its
    # digits are those that the terminal phase and the area under the curve depend on.
    slow = a0 / a1
    for _ in range(12):
        value = ((slow - a2) * slow + a1) * slow - a0
        slope = (3 * slow - 2 * a2) * slow + a1
        inside = 4 * slope * slope - 6 * value * (6 * slow - 2 * a2)
        slow -= 3 * value / (slope + math.sqrt(inside if inside > 0.0 else 0.0))
    rest = a2 - slow
    product = a0 / slow
    inside = rest * rest - 4 * product
    d = math.sqrt(inside if inside > 0.0 else 0.0)
    fast = (rest + d) / 2
    middle = product / fast
    upper, lower = fast - middle, middle - slow
    u = upper if upper > 0.0 else 1.0
    v = lower if lower > 0.0 else 1.0
    w = fast - slow if fast > slow else 1.0
    c1 = (fast - k21) * (fast - k31) / (u * w)
    c2 = (k21 - middle) * (middle - k31) / (u * v)
    c3 = (k21 - slow) * (k31 - slow) / (w * v)
    # Near neighbours err against each other; their sum does not.
    apart = upper > 1e-3 * fast and lower > 1e-3 * middle
    return fast, middle, slow, c1, (c2 if apart else 1.0 - c1 - c3), c3


@inlined
def log(x: float) -> float:
    """Natural logarithm of a normal number above 0, relative error within a few units of the last place."""
    bits = np.float64(x).view(np.int64)
    power = (bits >> 52) - 1023
    m = np.int64((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    high = m > 1.4142135623730951
    m = 0.5 * m if high else m
    e = power + (1 if high else 0)
    f = (m - 1.0) / (m + 1.0)
    g = f * f
    p = 1.0 / 21
    p = p * g + 1.0 / 19
    p = p * g + 1.0 / 17
    p = p * g + 1.0 / 15
    p = p * g + 1.0 / 13
    p = p * g + 1.0 / 11
    p = p * g + 1.0 / 9
    p = p * g + 1.0 / 7
    p = p * g + 1.0 / 5
    p = p * g + 1.0 / 3
    p = p * g + 1.0
    found: float = e * _LN2_HIGH + (2.0 * f * p + e * _LN2_LOW)
    return found


@inlined
def normal(u: float) -> float:
    """The standard normal number below which a share u of them lies. Wichura, Appl Stat 1988;37:477, AS 241."""
    q = u - 0.5
    r = 0.180625 - q * q
    middle = (
        q
        * (
            (
                (
                    (
                        (
                            ((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853)
                            * r
                            + 45921.953931549871457
                        )
                        * r
                        + 13731.693765509461125
                    )
                    * r
                    + 1971.5909503065514427
                )
                * r
                + 133.14166789178437745
            )
            * r
            + 3.387132872796366608
        )
        / (
            (
                (
                    (
                        (
                            ((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061)
                            * r
                            + 21213.794301586595867
                        )
                        * r
                        + 5394.1960214247511077
                    )
                    * r
                    + 687.1870074920579083
                )
                * r
                + 42.313330701600911252
            )
            * r
            + 1.0
        )
    )
    tail = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-log(tail if tail > 1e-300 else 1e-300)) - 1.6
    far = (
        (
            (
                (
                    (
                        (
                            (7.7454501427834140764e-4 * r + 2.27238449892691845833e-2) * r
                            + 2.4178072517745061177e-1
                        )
                        * r
                        + 1.27045825245236838258
                    )
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.7694972214606914055
            )
            * r
            + 4.6303378461565452959
        )
        * r
        + 1.42343711074968357734
    ) / (
        (
            (
                (
                    (
                        (
                            (1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
                            + 1.51986665636164571966e-2
                        )
                        * r
                        + 1.4810397642748007459e-1
                    )
                    * r
                    + 6.8976733498510000455e-1
                )
                * r
                + 1.6763848301838038494
            )
            * r
            + 2.05319162663775882187
        )
        * r
        + 1.0
    )
    outer = far if q >= 0.0 else -far
    return middle if abs(q) <= 0.425 else outer
