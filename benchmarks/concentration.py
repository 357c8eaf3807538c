"""Concentration of parent and metabolite, 20,000 drawn subjects at 73 times, on one core: Regrow beside its peers.

    python benchmarks/concentration.py

Peers: SciPy's LSODA; numbalsoda (C LSODA, needs cmake and gfortran to install); diffrax (jit + vmap, float64). Those not
installed are named and left out: `pip install scipy numbalsoda diffrax`. All solve the same subjects of the same model
(K4) for the same infusion at a relative tolerance of 1e-6; Regrow's answer is exact. Each is timed after a first call
that compiles; Regrow and numbalsoda as the best of several runs, SciPy on fewer subjects (it takes half a minute).
"""

import os
import platform
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from regrow.knowledge import Knowledge
from regrow.pharmacology import Infusion, People, Subjects, concentration, differing, drawn

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

SUBJECTS, TIMES_H = 20_000, np.linspace(0, 6, 73)
RATE, UNTIL_H = 52.5, 40 / 60
knowledge = Knowledge.shipped()
FEW = 400  # of the subjects, for SciPy


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})  # one core, for all
    subjects = the_subjects("K4")
    ours, exact = best(lambda: concentration(subjects, [Infusion(0, UNTIL_H, RATE)], TIMES_H), 9)
    truth = np.stack([exact.analytes[a].ng_per_ml for a in ("ketamine", "norketamine")])
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}"
    )
    print(f"load before: {os.getloadavg()[0]:.2f}; {SUBJECTS} subjects x {len(TIMES_H)} times, one core")
    print(f"{'':12s} {'subjects/s':>12s} {'Regrow is':>12s} {'largest difference':>20s}")
    show("Regrow", SUBJECTS / ours, None, 0.0)
    for name, peer in (("numbalsoda", numbalsoda), ("diffrax", diffrax), ("SciPy LSODA", scipy)):
        try:
            per_s, found = peer(subjects)
        except ImportError:
            print(f"{name:12s} not installed")
            continue
        reached = truth[:, : found.shape[1]]
        show(name, per_s, SUBJECTS / ours, float((np.abs(found - reached) / reached.max()).max()))
    for model in ("K5", "K6"):
        many = the_subjects(model)
        grid = np.linspace(0, 12, 145)
        spent, _ = best(
            lambda many=many, grid=grid: concentration(many, [Infusion(0, UNTIL_H, RATE)], grid), 3
        )
        print(f"{model}, general way, 144 steps: {SUBJECTS / spent:,.0f} subjects/s")


def the_subjects(model: str) -> Subjects:
    random = np.random.default_rng(1)
    found = knowledge.model(model)
    people = People(random.normal(75, 12, SUBJECTS).clip(45, 140), np.full(SUBJECTS, 40.0))
    return drawn(found, people, random.normal(size=(SUBJECTS, len(differing(found)))))


def best(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    found = work()
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - start)
    return min(spent), found


def show(name: str, per_s: float, ours: float | None, difference: float) -> None:
    ratio = f"{ours / per_s:,.0f} x" if ours else ""
    print(f"{name:12s} {per_s:12,.0f} {ratio:>12s} {difference:20.1e}")


def micro(subjects: Subjects) -> np.ndarray:
    """k10, k12, k21, k13, k31, kn10, kn12, kn21, v, vn, one row a subject."""
    v = subjects.values
    columns = [
        v["cl"] / v["v1"],
        v["q2"] / v["v1"],
        v["q2"] / v["v2"],
        v["q3"] / v["v1"],
        v["q3"] / v["v3"],
        v["cln"] / v["vn"],
        v["qn"] / v["vn"],
        v["qn"] / v["vnp"],
        v["v1"],
        v["vn"],
    ]
    return np.ascontiguousarray(np.stack(columns, axis=1))


def slope(t: float, y: Any, k: Any, rate: float) -> list[Any]:
    del t
    out = k[0] * y[0]
    return [
        rate - out - (k[1] + k[3]) * y[0] + k[2] * y[1] + k[4] * y[2],
        k[1] * y[0] - k[2] * y[1],
        k[3] * y[0] - k[4] * y[2],
        out - (k[5] + k[6]) * y[3] + k[7] * y[4],
        k[6] * y[3] - k[7] * y[4],
    ]


def scipy(subjects: Subjects) -> tuple[float, np.ndarray]:
    from scipy.integrate import solve_ivp

    ks = micro(subjects)[:FEW]
    during, after = TIMES_H[TIMES_H <= UNTIL_H + 1e-9], TIMES_H[TIMES_H > UNTIL_H + 1e-9]
    found = np.zeros((2, FEW, len(TIMES_H)))
    start = time.perf_counter()
    for i, k in enumerate(ks):
        options = {"method": "LSODA", "rtol": 1e-6, "atol": 1e-9, "args": (k, RATE)}
        one = solve_ivp(slope, (0, UNTIL_H), np.zeros(5), t_eval=np.minimum(during, UNTIL_H), **options)
        options["args"] = (k, 0.0)
        two = solve_ivp(slope, (UNTIL_H, TIMES_H[-1]), one.y[:, -1], t_eval=after, **options)
        y = np.concatenate([one.y, two.y], axis=1)
        found[0, i], found[1, i] = 1000 * y[0] / k[8], 1000 * y[3] / k[9]
    return FEW / (time.perf_counter() - start), found


def numbalsoda(subjects: Subjects) -> tuple[float, np.ndarray]:
    import numba
    from numbalsoda import lsoda, lsoda_sig

    @numba.cfunc(lsoda_sig)
    def rhs(t: Any, u: Any, du: Any, p: Any) -> None:
        y, k = numba.carray(u, (5,)), numba.carray(p, (11,))
        out = k[0] * y[0]
        du[0] = k[10] - out - (k[1] + k[3]) * y[0] + k[2] * y[1] + k[4] * y[2]
        du[1] = k[1] * y[0] - k[2] * y[1]
        du[2] = k[3] * y[0] - k[4] * y[2]
        du[3] = out - (k[5] + k[6]) * y[3] + k[7] * y[4]
        du[4] = k[6] * y[3] - k[7] * y[4]

    address = rhs.address
    ks = micro(subjects)
    during = TIMES_H[TIMES_H <= UNTIL_H + 1e-9].copy()
    during[-1] = UNTIL_H
    after = np.concatenate([[UNTIL_H], TIMES_H[TIMES_H > UNTIL_H + 1e-9]])

    @numba.njit
    def run(ks: Any, out: Any) -> None:
        p = np.zeros(11)
        for i in range(ks.shape[0]):
            p[:10] = ks[i]
            p[10] = RATE
            one, _ = lsoda(address, np.zeros(5), during, p, rtol=1e-6, atol=1e-9)
            p[10] = 0.0
            two, _ = lsoda(address, one[-1], after, p, rtol=1e-6, atol=1e-9)
            n = during.shape[0]
            for t in range(n):
                out[0, i, t], out[1, i, t] = 1000 * one[t, 0] / p[8], 1000 * one[t, 3] / p[9]
            for t in range(1, after.shape[0]):
                out[0, i, n + t - 1], out[1, i, n + t - 1] = 1000 * two[t, 0] / p[8], 1000 * two[t, 3] / p[9]

    found = np.zeros((2, SUBJECTS, len(TIMES_H)))
    spent, _ = best(lambda: run(ks, found), 3)
    return SUBJECTS / spent, found


def diffrax(subjects: Subjects) -> tuple[float, np.ndarray]:
    import diffrax as dx
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    ks = jnp.asarray(micro(subjects))
    during = jnp.asarray(np.minimum(TIMES_H[TIMES_H <= UNTIL_H + 1e-9], UNTIL_H))
    after = jnp.asarray(TIMES_H[TIMES_H > UNTIL_H + 1e-9])
    control = dx.PIDController(rtol=1e-6, atol=1e-9)

    def field(t: Any, y: Any, args: Any) -> Any:
        k, rate = args
        return jnp.stack(slope(t, y, k, rate))

    def one(k: Any) -> Any:
        term, solver = dx.ODETerm(field), dx.Tsit5()
        a = dx.diffeqsolve(
            term,
            solver,
            0.0,
            UNTIL_H,
            0.01,
            jnp.zeros(5),
            (k, RATE),
            stepsize_controller=control,
            saveat=dx.SaveAt(ts=during, t1=True),
            max_steps=256,
        )
        b = dx.diffeqsolve(
            term,
            solver,
            UNTIL_H,
            float(TIMES_H[-1]),
            0.01,
            a.ys[-1],
            (k, 0.0),
            stepsize_controller=control,
            saveat=dx.SaveAt(ts=after),
            max_steps=256,
        )
        y = jnp.concatenate([a.ys[:-1], b.ys])
        return jnp.stack([1000 * y[:, 0] / k[8], 1000 * y[:, 3] / k[9]])

    every = jax.jit(jax.vmap(one))
    spent, found = best(lambda: every(ks).block_until_ready(), 3)
    return SUBJECTS / spent, np.asarray(found).transpose(1, 0, 2)


if __name__ == "__main__":
    main()
