"""Runs a trial: block after block, here, on several processes, or on a cluster. The result is the same to the last bit.

A block is 1,024 patients, always the same ones; a chunk is some blocks that go to one worker together. Tallies are
added in the order of the blocks, whichever process computed them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from regrow.knowledge import DoseEffect, EffectParameters, Knowledge, Trial
from regrow.pharmacology.effects import Effects, Models, effects_of

from .cohort import BLOCK, Cohort, StudyEffect, cohort
from .course import Course
from .outcomes import Tallies, Tally, result_of, tally_block
from .responses import Known
from .scales import Severity
from .state import PhaseRecord


@dataclass(frozen=True)
class Plan:
    """All that a result depends on. `hash` names it: the same hash, the same result."""

    trial: Trial
    parameters: EffectParameters
    dose_effect: DoseEffect
    models: Models
    severity: Severity
    study: StudyEffect = StudyEffect()  # noqa: RUF009  frozen

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many patients each arm has."""
        shares = sum(arm.share for arm in self.trial.arms)
        return {arm.id: max(1, round(self.trial.size * arm.share / shares)) for arm in self.trial.arms}

    @property
    def blocks(self) -> int:
        return -(-max(self.sizes.values()) // BLOCK)

    @property
    def weights(self) -> Any:
        return np.array([h.weight for h in self.dose_effect.hypotheses])

    def tally(self, people: Cohort, records: "Records") -> Tallies:
        """All outcomes of one block."""
        above = self.parameters["cadss_dissociation_above"]
        return tally_block(self.trial, people, self.sizes, records, above)

    @property
    def hash(self) -> str:
        told = {
            "trial": asdict(self.trial),
            "parameters": self.parameters.hash,
            "weights": self.weights.tolist(),
            "study": [self.study.benefit, self.study.placebo],
            "numpy": np.__version__,
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=list).encode()).hexdigest()[:16]


def plan_of(
    trial: Trial,
    knowledge: Knowledge,
    *,
    size: int | None = None,
    seed: int | None = None,
    parameters: EffectParameters | None = None,
    dose_effect: DoseEffect | None = None,
) -> Plan:
    """The trial with what else a run needs, the knowledge's own where nothing else is given."""
    changed = replace(trial, size=size or trial.size, seed=trial.seed if seed is None else seed)
    return Plan(
        changed,
        parameters or knowledge.effect_parameters(),
        dose_effect or knowledge.dose_effect(),
        Models.of(knowledge),
        Severity.of(knowledge),
    )


Records = Mapping[str, Mapping[str, PhaseRecord]]


def run_block(plan: Plan, block: int, known: Known | None = None) -> tuple[Cohort, Records]:
    """The courses of one block through every arm; `known` as in `responses`."""
    effects = _effects(plan.parameters.hash, plan.models, _Hidden(plan.parameters))
    people = cohort(
        effects,
        plan.severity,
        plan.weights,
        plan.trial.population,
        plan.trial.seed,
        block * BLOCK,
        plan.study,
    )
    course = Course(plan.trial, effects, people, plan.severity, known)
    here = [arm for arm in plan.trial.arms if plan.sizes[arm.id] > block * BLOCK]
    return people, {arm.id: course.arm(arm) for arm in here}


def patient(plan: Plan, number: int) -> Mapping[str, Any]:
    """One virtual patient, the same as in any run of the plan: who, and in each arm every score and dose.

    Raises ValueError for a number that no patient has.
    """
    if not 0 <= number < 2**53:
        raise ValueError(f"patient: {number} is not a patient's number; give 0 or more")
    at = number % BLOCK
    people, records = run_block(replace(plan, trial=replace(plan.trial, size=10**15)), number // BLOCK)
    return {
        "patient": number,
        "enrolled": bool(people.enrolled[at] > 0),
        **{name: round(float(values[at]), 3) for name, values in people.covariates.items()},
        "entry_score": int(people.entry_score[at]),
        "arms": {
            arm: {
                phase: {
                    "began_day": _number(record.began_day[at]),
                    "scores": [
                        {"scale": scale, "day": day, "score": _number(scores[at])}
                        for (scale, day), scores in sorted(record.scores.items(), key=lambda item: item[0][1])
                    ],
                    "mg_per_kg": [_number(dose[at]) for dose in record.mg_per_kg],
                }
                for phase, record in by_phase.items()
                if record.entered[at] > 0
            }
            for arm, by_phase in records.items()
        },
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def run_chunk(plan: Plan, blocks: Sequence[int]) -> Sequence[Tallies]:
    """The tallies of some blocks, in their order."""
    return [plan.tally(people, records) for people, records in _run(plan, blocks)]


def _run(plan: Plan, blocks: Sequence[int]) -> Iterator[tuple[Cohort, Records]]:
    for block in blocks:
        yield run_block(plan, block)


class Executor(Protocol):
    """Runs chunks; results may come in any order, each with the number of its chunk."""

    def __call__(
        self, task: Callable[[Plan, Sequence[int]], Any], plan: Plan, chunks: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, Any]]: ...


def here(
    task: Callable[[Plan, Sequence[int]], Any], plan: Plan, chunks: Sequence[Sequence[int]]
) -> Iterator[tuple[int, Any]]:
    """One after another, in this process."""
    for number, blocks in enumerate(chunks):
        yield number, task(plan, blocks)


@dataclass(frozen=True)
class Processes:
    """Some processes of this machine."""

    workers: int

    def __call__(
        self, task: Callable[[Plan, Sequence[int]], Any], plan: Plan, chunks: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, Any]]:
        with ProcessPoolExecutor(self.workers) as pool:
            yield from enumerate(pool.map(task, [plan] * len(chunks), chunks))


@dataclass(frozen=True)
class Dask:
    """A Dask cluster, by the address of its scheduler, such as tcp://host:8786."""

    address: str

    def __call__(
        self, task: Callable[[Plan, Sequence[int]], Any], plan: Plan, chunks: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, Any]]:
        from distributed import Client, as_completed

        with Client(self.address, set_as_default=False) as client:
            shared = client.scatter(plan, broadcast=True, hash=False)
            names = [f"regrow-{plan.hash}-{blocks[0]}-{blocks[-1]}" for blocks in chunks]
            futures = [
                client.submit(task, shared, blocks, key=name)
                for name, blocks in zip(names, chunks, strict=True)
            ]
            number = {future.key: i for i, future in enumerate(futures)}
            for future in as_completed(futures, loop=client.loop):
                yield number[future.key], future.result()


def chunks_of(plan: Plan, blocks_each: int) -> Sequence[Sequence[int]]:
    """The blocks of a plan, dealt out in order."""
    every = range(plan.blocks)
    return [list(every[i : i + blocks_each]) for i in range(0, plan.blocks, blocks_each)]


def run(
    plan: Plan,
    executor: Executor = here,
    *,
    blocks_each: int = 16,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Mapping[str, Any]:
    """Run a trial: every outcome with its interval and provenance. `progress(done, total)` counts blocks."""
    chunks = chunks_of(plan, blocks_each)
    done: dict[int, Sequence[Tallies]] = {}
    for number, tallies in executor(run_chunk, plan, chunks):
        done[number] = tallies
        progress(sum(len(chunks[n]) for n in done), plan.blocks)
    return result(plan, [tallies for number in sorted(done) for tallies in done[number]])


def result(plan: Plan, blocks: Sequence[Tallies]) -> Mapping[str, Any]:
    """The result from the tallies of all blocks, in their order."""
    total: Tallies = {}
    for tallies in blocks:
        for key, tally in tallies.items():
            total.setdefault(key, Tally()).add(tally)
    return {
        "trial": plan.trial.id,
        "version": plan.trial.version,
        "title": plan.trial.title,
        "design": plan.trial.design,
        "sizes": dict(plan.sizes),
        "seed": plan.trial.seed,
        "parameters": plan.parameters.id,
        "parameter_hash": plan.parameters.hash,
        "dose_and_effect": plan.dose_effect.verdict,
        "weights": {h.id: h.weight for h in plan.dose_effect.hypotheses},
        "plan_hash": plan.hash,
        "numpy": np.__version__,
        "outcomes": result_of(plan.trial, total),
    }


class _Hidden:
    """Carries parameters past a cache that looks at their hash only."""

    def __init__(self, parameters: EffectParameters) -> None:
        self.parameters = parameters

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hidden)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=4)
def _effects(hash: str, models: Models, hidden: _Hidden) -> Effects:
    return effects_of(hidden.parameters, models)
