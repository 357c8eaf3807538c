"""Ways to set the dose against each other, on the same virtual patients, in four worlds.

    python benchmarks/dosing.py [--quick] [--docs]

Fixed 0.5 mg/kg, each published rule, the clinic's own, the estimate-guided policy (plain and calm), the optimum that knows
its world, and somebody who knows the patient. Then a clinic that learns which world it is in, worlds that differ from the
model, the calibration of the stated intervals, and how long an estimate takes. `--quick` is the same with a tenth of the
patients, in under a minute. `--docs` writes the pictures and the figures of docs/dosing.md.
"""

import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from regrow.course import AdministeredDose, CourseScore, PatientFactors, Signed, TreatmentCourse, WeightRecord
from regrow.individual_estimate.calibration_check import Ranks, ranks_of
from regrow.individual_estimate.particles import for_one
from regrow.individual_estimate.simulation_study import (
    GUIDED,
    RULES,
    Study,
    Tally,
    World,
    clinic_that_learns,
    gain,
    mixture,
    mixture_weights,
    not_useful,
    regret_difference,
    run,
    worst_regret,
)
from regrow.knowledge import HYPOTHESES, Knowledge
from regrow.simulation.comparison import choices, trial_for
from regrow.simulation.run import plan_of, run_block

knowledge = Knowledge.shipped()
STUDY = Study.of(knowledge)
DOCS = Path(__file__).parents[1] / "docs" / "dosing"
SEED = 7
POLICIES = (*RULES, *GUIDED, "optimum", "clairvoyant")
NAMES = {
    "fixed-half": "fixed 0.5",
    "t-kads": "T-KADS",
    "t-loo": "T-LOO",
    "t-cusin": "T-CUSIN",
    "weekly-6": "clinic's rule",
    "estimate": "estimate",
    "estimate, calm": "estimate, calm",
    "optimum": "optimum (knows world)",
    "clairvoyant": "clairvoyant",
}
ROBUST = {
    "noisier scores (1.5 ×)": {"noise": 1.5},
    "patients leave": {"drop_out": True},
    "synapses decay twice as fast": {"decay": 0.5},
    "half miss every third score": {"missing": 1 / 3},
}


def main() -> None:
    quick = "--quick" in sys.argv
    began = time.perf_counter()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
    )
    print(
        f"load before {os.getloadavg()[0]:.2f}; seed {SEED}; parameters {knowledge.effect_parameters().hash}"
    )
    weights = mixture_weights(knowledge.dose_effect())
    print("worlds by weight:", ", ".join(f"{name} {w:.2f}" for name, w in weights.items()))
    worlds = [World(name) for name in HYPOTHESES]
    blocks, particles = (2, 1024) if quick else (20, 4096)
    found = run(worlds, blocks, STUDY, seed=SEED, particles=particles)
    facts: dict[str, Any] = {"table": _table(found, worlds)}
    facts["verdict"] = _verdict(found, weights)
    _lap(began)
    facts["learning"] = _learning(1 if quick else 12, 3 if quick else 7, 2048 if quick else 8192)
    _lap(began)
    if not quick:
        facts["robust"] = _robust(4, weights)
        _lap(began)
    facts["calibration"] = _calibration(128 if quick else 1536)
    _lap(began)
    facts["timing"] = _timing()
    print(f"\nall of it: {time.perf_counter() - began:.0f} s")
    if "--docs" in sys.argv:
        from dosing_pictures import write

        write(DOCS, facts)


def _lap(began: float) -> None:
    print(f"  ({time.perf_counter() - began:.0f} s so far)")


def _table(found: Mapping[World, Mapping[str, Tally]], worlds: Sequence[World]) -> Any:
    rows = []
    for world in worlds:
        best = gain(found, world, "optimum").mean
        n = len(found[world]["fixed-half"].all("utility"))
        print(
            f"\n{world.answer}: {n} patients; utility gained over fixed 0.5, points of the PHQ-9, ± 95 % of the pairs"
        )
        print(
            f"  {'':22} {'response':>8} {'remission':>9} {'final':>6} {'mg/kg':>6} {'dissoc.':>7} {'gain':>16} "
            f"{'of optimum':>10} {'ever above':>10} {'no use':>7}"
        )
        for policy in POLICIES:
            t = found[world][policy]
            g = gain(found, world, policy)
            share = g.mean / best if abs(best) > 1e-9 else float("nan")
            row = {
                "world": world.answer,
                "policy": policy,
                "response": float(t.all("response").mean()),
                "remission": float(t.all("remission").mean()),
                "final": float(t.all("final").mean()),
                "dose": float(t.all("dose").mean()),
                "dissociated": float(t.all("dissociated").mean()),
                "gain": g.mean,
                "half": g.half,
                "share": share,
                "escalated": float(t.all("escalated").mean()),
                "no_use": not_useful(found, world, policy),
            }
            rows.append(row)
            print(
                f"  {NAMES[policy]:22} {row['response']:8.1%} {row['remission']:9.1%} {row['final']:6.2f} {row['dose']:6.2f} "
                f"{row['dissociated']:7.1%} {g.mean:+8.3f} ± {g.half:.3f} {share:10.2f} {row['escalated']:10.1%} "
                f"{row['no_use']:7.1%}"
            )
    return rows


def _verdict(found: Mapping[World, Mapping[str, Tally]], weights: Mapping[str, float]) -> Any:
    rows = []
    print("\nunder the mixture of worlds, and at worst")
    for policy in POLICIES[:-2]:
        m = mixture(found, policy, "fixed-half", weights)
        world, regret = worst_regret(found, policy)
        row = {"policy": policy, "gain": m.mean, "half": m.half, "worst": regret, "where": world.answer}
        print(
            f"  {NAMES[policy]:22} gain over fixed {m.mean:+.4f} ± {m.half:.4f}; worst regret {regret:.3f} ({world.answer})"
        )
        rows.append(row)
    for mine in GUIDED:
        for other in RULES:
            m = mixture(found, mine, other, weights)
            r = regret_difference(found, mine, other)
            print(
                f"  {mine} against {NAMES[other]}: mixture {m.mean:+.4f} ± {m.half:.4f}; "
                f"worst regret {r.mean:+.3f} ± {r.half:.3f}"
            )
            rows.append(
                {
                    "policy": mine,
                    "over": other,
                    "gain": m.mean,
                    "half": m.half,
                    "regret": r.mean,
                    "regret_half": r.half,
                }
            )
    return rows


def _learn(job: tuple[str, int, int, int]) -> Any:
    name, clinic, batches, particles = job
    return name, [vars(b) for b in clinic_that_learns(World(name), clinic, batches, STUDY, particles=particles)]


def _learning(clinics: int, batches: int, particles: int) -> Any:
    size = knowledge.estimate_choices().learning_batch
    print(
        f"\na clinic that learns: batches of {size} courses, {clinics} clinics a world; gain over fixed (of the optimum's)"
    )
    jobs = [(name, clinic, batches, particles) for clinic in range(clinics) for name in HYPOTHESES]
    by_world: dict[str, list[Any]] = {name: [] for name in HYPOTHESES}
    with ProcessPoolExecutor(2) as pool:
        for name, course in pool.map(_learn, jobs):
            by_world[name].append(course)
    told = {}
    for name, every in by_world.items():
        gains = np.array([[b["gain"] for b in course] for course in every])
        best = np.array([[b["optimum"] for b in course] for course in every])
        last = [b["weights"] for b in (course[-1] for course in every)]
        told[name] = {
            "gain": gains.mean(axis=0).tolist(),
            "optimum": best.mean(axis=0).tolist(),
        }
        steps = ", ".join(
            f"{g:+.2f} ({o:+.2f})" for g, o in zip(gains.mean(axis=0), best.mean(axis=0), strict=True)
        )
        since = min(4, gains.shape[1] - 1)
        late = gains[:, since:].mean() / best[:, since:].mean()
        own = np.mean([w[HYPOTHESES.index(name)] for w in last])
        print(
            f"  {name:11} {steps}; from {size * since} courses on {late:.2f} of the optimum; "
            f"lowest batch {gains.mean(axis=0).min():+.2f}; weight of the truth {own:.2f}"
        )
    return told


def _robust(blocks: int, weights: Mapping[str, float]) -> Any:
    rows = []
    print(
        f"\nworlds that differ from the model ({blocks * 1024} patients a world; the estimate does not know it)"
    )
    for words, how in ROBUST.items():
        worlds = [World(name, **how) for name in HYPOTHESES]  # type: ignore[arg-type]
        found = run(worlds, blocks, STUDY, seed=SEED, particles=2048)
        for policy in ("weekly-6", "estimate", "estimate, calm"):
            m = mixture(found, policy, "fixed-half", weights)
            world, regret = worst_regret(found, policy)
            _, fixed = worst_regret(found, "fixed-half")
            print(
                f"  {words:30} {NAMES[policy]:16} gain over fixed {m.mean:+.3f} ± {m.half:.3f}; "
                f"worst regret {regret:.2f} ({world.answer}), fixed {fixed:.2f}"
            )
            rows.append(
                {
                    "what": words,
                    "policy": policy,
                    "gain": m.mean,
                    "half": m.half,
                    "regret": regret,
                    "fixed": fixed,
                }
            )
    return rows


def _rank(job: tuple[int, str | None, int]) -> tuple[str, Ranks]:
    patients, world, seed = job
    if world is None:
        return "own mixture", ranks_of(patients, knowledge, seed=seed)
    known = knowledge.dose_effect()
    only = replace(known, hypotheses=tuple(replace(h, weight=float(h.id == world)) for h in known.hypotheses))
    return world, ranks_of(patients, knowledge, world=only, seed=seed)


def _calibration(patients: int) -> Any:
    print(
        f"\nstated 80 % intervals after five scores: how often they hold the truth ({patients} patients each)"
    )
    jobs = [(patients, world, 3) for world in (None, "inverted-u", "flat")]
    told: dict[str, Any] = {}
    with ProcessPoolExecutor(2) as pool:
        for name, made in pool.map(_rank, jobs):
            told[name] = {}
            for what, ranks in made.ranks.items():
                held = float(((ranks > 0.1) & (ranks < 0.9)).mean())
                bars = np.histogram(ranks, 10, (0, 1))[0]
                expected = len(ranks) / 10
                chi = float(((bars - expected) ** 2 / expected).sum())
                told[name][what] = {"held": held, "chi2": chi, "bars": bars.tolist()}
                print(f"  {name:12} {what:24} {held:.3f}   χ²(9) {chi:.1f}")
            surprised = float((made.p < knowledge.estimate_choices().surprise_below).mean())
            told[name]["surprised"] = surprised
            print(
                f"  {name:12} stepped back: {surprised:.1%}; effective share of the particles: median "
                f"{np.median(made.effective):.0%}, least {made.effective.min():.1%}"
            )
    return told


def _timing() -> Any:
    """Virtual patients of a year as the clinic would hand them over: records in, suggestion and estimate out."""
    from regrow.dosing import suggest
    from regrow.individual_estimate import estimate
    from regrow.individual_estimate.posterior import discount

    protocol = knowledge.infusion_protocol("iv-weekly-6")
    rule, scale = knowledge.titration("weekly-6"), knowledge.scale("phq-9")

    def ask(course: TreatmentCourse, at: datetime) -> float:
        start = time.perf_counter()
        said = suggest(rule, scale, course, at=at, weights=knowledge.dosing_weights())
        estimate(course, protocol, rule, scale, said, at=at, knowledge=knowledge)
        return (time.perf_counter() - start) * 1000

    print(
        "\none patient's suggestion with its estimate, 10,240 particles, milliseconds, median of nine patients"
    )
    patients = _a_year(10)
    told = {}
    for words, scores, kept in (
        ("six scores", 6, False),
        ("sixty scores, from scratch", 60, False),
        ("sixty scores, past weeks kept", 60, True),
    ):
        taken = []
        for records in patients:
            discount()
            if kept:
                ask(*records(scores - 1))
            taken.append(ask(*records(scores)))
        told[words] = float(np.median(taken[1:]))
        print(f"  {words:32} {told[words]:6.1f}")
    return told


def _a_year(count: int) -> Sequence[Callable[[int], tuple[TreatmentCourse, datetime]]]:
    """Patients of the trials' engine through sixty weekly infusions; each gives its course after so many scores."""
    long = next(c for c in choices(knowledge) if c.id == "iv-weekly-6")
    days = tuple(7.0 * n for n in range(60))
    long = replace(long, phase=replace(long.phase, sessions=days, days=days[-1]))
    made = replace(trial_for(long, long, knowledge.estimate_choices().population, 2 * 1024, knowledge), drop_out=False)
    people, records = run_block(plan_of(made, knowledge, parameters=for_one(knowledge.effect_parameters())), 0)
    record = next(iter(records["first"].values()))
    began = datetime(2026, 1, 5, 13, tzinfo=UTC)
    limits = dict(knowledge.demo_limits("iv-weekly-6"))
    signed = Signed("signed", "iv-weekly-6", knowledge.protocol("iv-weekly-6").version, limits, began)
    scale = knowledge.scale("phq-9")

    def course_of(i: int) -> Callable[[int], tuple[TreatmentCourse, datetime]]:
        every = [
            float(people.entry_score[i]),
            *(float(record.scores[("phq-9", 7.0 * w)][i]) for w in range(1, 60)),
        ]

        def after(scores: int) -> tuple[TreatmentCourse, datetime]:
            week = timedelta(days=7)
            course = TreatmentCourse(
                id=str(i),
                protocol_id="iv-weekly-6",
                scores=[
                    CourseScore(
                        f"s{n}", scale.id, scale.version, scale.language, 14, int(s), 0, began + n * week
                    )
                    for n, s in enumerate(every[:scores])
                    if np.isfinite(s)
                ],
                doses=[
                    AdministeredDose(
                        f"d{n}",
                        began + n * week + timedelta(hours=2),
                        Decimal(str(round(float(record.mg_per_kg[n][i]), 2))),
                        "mg/kg",
                        Decimal(40),
                        Decimal(100),
                        True,
                    )
                    for n in range(scores - 1)
                ],
                signed=signed,
                weights=[WeightRecord("w", Decimal(80), began)],
                about=PatientFactors(
                    failed_trials=int(people.covariates["failed_trials"][i]), antidepressant=True
                ),
            )
            return course, began + (scores - 1) * week + timedelta(hours=1)

        return after

    return [course_of(int(i)) for i in np.flatnonzero(people.enrolled > 0)[:count]]


if __name__ == "__main__":
    main()
