"""Whole virtual courses: how many a second, beside the same chain stepped as differential equations.

    python benchmarks/trial.py [--million] [--dask]

A course is six weekly infusions with everything: the person drawn, both enantiomers and norketamine, receptor, cascade,
mood, acute effects, pressure readings, weekly PHQ-9 with its recall window, drop-out. The peers step only the chain (18
states, daily output, 42 days, relative tolerance 1e-6) without any of the rest: numbalsoda (C LSODA) and SciPy's LSODA.
`--million` also streams a million patients in two arms to Parquet and prints time and memory; `--dask` compares one and two
workers of a local cluster.
"""

import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from regrow.knowledge import Knowledge
from regrow.pharmacology import ConcentrationForecast, People, differing, drawn
from regrow.pharmacology.effects import effects_in_force
from regrow.simulation import Dask, Processes, here, plan_of, run, run_kept

knowledge = Knowledge.shipped()
STATES = 18


def main() -> None:
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    )
    print(f"load before: {os.getloadavg()[0]:.2f}")
    one_arm = knowledge.trial("weekly-ladder")
    run(plan_of(knowledge.trial("weekly-six"), knowledge, size=2048))
    from dataclasses import replace

    fixed = replace(one_arm, phases={"ketamine": replace(one_arm.phases["ketamine"], step=None)})
    size = 1024 * 60
    alone = rate(fixed, size, here)
    both = rate(fixed, size * 2, Processes(2))
    print(f"courses, one core:                {alone:10,.0f} /s")
    print(f"courses, two processes:           {both:10,.0f} /s   {both / alone:.2f} x one")
    for name, peer in (("numbalsoda", numbalsoda), ("SciPy LSODA", scipy)):
        try:
            found = peer()
        except ImportError:
            print(f"{name}: not installed")
            continue
        print(
            f"{name + ', chain only:':33s} {found:10,.1f} /s   two processes of Regrow are {both / found:,.0f} x"
        )
    print("cost of a patient, one core, microseconds:")
    for count in (1_024, 10_240, 102_400, 1_024_000):
        print(f"  {count:>9,}: {1e6 / rate(fixed, count, here, runs=3 if count < 1e6 else 1):.2f}")
    strip()
    if "--million" in sys.argv:
        million()
    if "--dask" in sys.argv:
        cluster(fixed)


def rate(trial: Any, size: int, executor: Any, runs: int = 3) -> float:
    best = 1e9
    for _ in range(runs):
        start = time.perf_counter()
        run(plan_of(trial, knowledge, size=size), executor, blocks_each=15)
        best = min(best, time.perf_counter() - start)
    return size / best


def million() -> None:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        plan = plan_of(knowledge.trial("weekly-six"), knowledge, size=1_000_000)
        run_kept(plan, Path(folder), Processes(2), blocks_each=16, patients=True)
        spent = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(folder).glob("*.parquet")) / 1e6
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        print(
            f"a million patients, two arms, Parquet: {spent:.1f} s, {size:.0f} MB; memory {own:.2f} GB here, "
            f"at most {child:.2f} GB a worker"
        )


def cluster(trial: Any) -> None:
    from distributed import LocalCluster

    found = []
    for workers in (1, 2):
        with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as local:
            executor = Dask(local.scheduler_address)
            run(plan_of(trial, knowledge, size=1024 * 30), executor, blocks_each=5)
            found.append(rate(trial, 1024 * 240, executor, runs=2))
    print(f"Dask, one and two workers: {found[0]:,.0f} and {found[1]:,.0f} /s, {found[1] / found[0]:.2f} x")


def strip() -> None:
    chairs = ConcentrationForecast(drawn_racemate("K4", 20))
    rates = np.full(20, 52.5)
    chairs.advance(1 / 3600, rates)
    start = time.perf_counter()
    for _ in range(2000):
        chairs.advance(1 / 3600, rates)
        chairs.ng_per_ml()
    spent = (time.perf_counter() - start) / 2000
    print(f"live strip, 20 chairs, once a second: {100 * spent:.3f} % of a core")


def drawn_racemate(model: str, n: int) -> Any:
    random = np.random.default_rng(1)
    found = knowledge.model(model)
    people = People(random.normal(80, 15, n).clip(45, 140), np.full(n, 45.0))
    return drawn(found, people, random.normal(size=(n, len(differing(found)))))


def constants(n: int) -> np.ndarray:
    """Of each patient: rates of the chain, in one row (see `chain`)."""
    who, effects = drawn_racemate("racemate", n), effects_in_force(knowledge)
    v = who.values
    tau = np.full(n, effects.parameters["tau_synapse_d"])
    rates = effects.rates(tau, antidepressant=True)
    b = effects.receptor.binding
    columns = [
        v["cl"] / v["v1"],
        v["cl"] * v["r_cl"] / v["v1"],
        v["q2"] / v["v1"],
        v["q2"] / v["v2"],
        v["q3"] / v["v1"],
        v["q3"] / v["v3"],
        v["cln"] / v["vn"],
        v["qn"] / v["vn"],
        v["qn"] / v["vnp"],
        1000 * b["S-ketamine"] / v["v1"],
        1000 * b["R-ketamine"] / v["v1"],
        1000 * b["S-norketamine"] / v["vn"],
        1000 * b["R-norketamine"] / v["vn"],
        np.full(n, effects.receptor.effect_site_per_h),
        np.full(n, 1 / effects.typical_exposure_h),
        *rates.decay,
        np.full(n, rates.scale),
        np.full(n, rates.keep_per_h),
        np.full(n, rates.fast),
    ]
    return np.ascontiguousarray(np.stack([np.broadcast_to(c, n) for c in columns], axis=1))


MG_PER_H, LENGTH_H, WEEKS = 60.0, 40 / 60, 6


def chain(y: Any, dy: Any, k: Any, mg_per_h: float) -> None:
    for form in range(2):
        at = 5 * form
        out = k[form] * y[at]
        dy[at] = mg_per_h / 2 - out - (k[2] + k[4]) * y[at] + k[3] * y[at + 1] + k[5] * y[at + 2]
        dy[at + 1] = k[2] * y[at] - k[3] * y[at + 1]
        dy[at + 2] = k[4] * y[at] - k[5] * y[at + 2]
        dy[at + 3] = out - (k[6] + k[7]) * y[at + 3] + k[8] * y[at + 4]
        dy[at + 4] = k[7] * y[at + 3] - k[8] * y[at + 4]
    x = k[9] * y[0] + k[10] * y[5] + k[11] * y[3] + k[12] * y[8]
    dy[10] = k[13] * (x - y[10])
    surge = k[14] * y[10] / (1 + y[10])
    dy[11] = surge - k[15] * y[11]
    dy[12] = y[11] - k[16] * y[12]
    dy[13] = y[12] - k[17] * y[13]
    dy[14] = k[21] * y[13] - k[18] * y[14]
    dy[15] = k[22] * y[14] - k[19] * y[15]
    dy[16] = k[23] * y[11] - k[20] * y[16]
    dy[17] = 0.0


def numbalsoda(patients: int = 400) -> float:
    import numba
    from numbalsoda import lsoda, lsoda_sig

    step = numba.njit(chain)

    @numba.cfunc(lsoda_sig)
    def rhs(t: Any, u: Any, du: Any, p: Any) -> None:
        k = numba.carray(p, (25,))
        step(numba.carray(u, (STATES,)), numba.carray(du, (STATES,)), k, k[24])

    address = rhs.address
    ks = constants(patients)

    @numba.njit
    def every(ks: Any) -> float:
        p, total = np.zeros(25), 0.0
        during = np.array([0.0, LENGTH_H])
        after = np.array([LENGTH_H, 24.0, 48.0, 72.0, 96.0, 120.0, 144.0, 168.0])
        for i in range(ks.shape[0]):
            p[:24] = ks[i]
            y = np.zeros(STATES)
            for _ in range(WEEKS):
                p[24] = MG_PER_H
                one, _ok = lsoda(address, y, during, p, rtol=1e-6, atol=1e-9)
                p[24] = 0.0
                two, _ok = lsoda(address, one[-1].copy(), after, p, rtol=1e-6, atol=1e-9)
                y = two[-1].copy()
            total += y[14]
        return total

    every(ks[:2])
    start = time.perf_counter()
    every(ks)
    return patients / (time.perf_counter() - start)


def scipy(patients: int = 12) -> float:
    from scipy.integrate import solve_ivp

    ks = constants(patients)
    days = np.array([24.0, 48.0, 72.0, 96.0, 120.0, 144.0, 168.0])

    def slope(t: float, y: Any, k: Any, mg_per_h: float) -> Any:
        dy = np.zeros(STATES)
        chain(y, dy, k, mg_per_h)
        return dy

    start = time.perf_counter()
    for k in ks:
        y = np.zeros(STATES)
        for _ in range(WEEKS):
            options = {"method": "LSODA", "rtol": 1e-6, "atol": 1e-9}
            one = solve_ivp(slope, (0, LENGTH_H), y, args=(k, MG_PER_H), **options)
            two = solve_ivp(slope, (LENGTH_H, 168.0), one.y[:, -1], t_eval=days, args=(k, 0.0), **options)
            y = two.y[:, -1]
    return patients / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
