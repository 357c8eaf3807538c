"""A run saved on disk: each finished chunk is a file, renamed into place and not computed again.

In addition to the tallies a run may save its patients, one Parquet file per chunk, so that they need not fit in memory.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regrow.knowledge import Trial

from .cohort import Cohort
from .outcomes import Tallies, Tally
from .run import Executor, Plan, chunks_of, here, result, run_block
from .scales import scales_of
from .state import PhaseRecord


class BadStore(ValueError):
    """A folder that holds another run. The text names the folder and what would mend it."""


@dataclass(frozen=True)
class _Keep:
    """Carries out a chunk and leaves it in the folder; sent to the workers, so it carries only a path."""

    folder: str
    patients: bool

    def __call__(self, plan: Plan, blocks: Sequence[int]) -> int:
        folder, name = Path(self.folder), _name(blocks)
        tallies, tables = [], []
        for block in blocks:
            people, records = run_block(plan, block)
            tallies.append(plan.tally(people, records))
            if self.patients:
                tables += [_table(plan, people, arm, by_phase) for arm, by_phase in records.items()]
        if self.patients:
            import pyarrow as pa
            from pyarrow import parquet

            half = folder / f"{name}.parquet.half"
            parquet.write_table(pa.concat_tables(tables), half, compression="zstd")
            half.replace(folder / f"{name}.parquet")
        half = folder / f"{name}.json.half"
        half.write_text(json.dumps([_as_json(t) for t in tallies]))
        half.replace(folder / f"{name}.json")  # last: a chunk with this file is whole
        return len(blocks)


def run_kept(
    plan: Plan,
    folder: Path,
    executor: Executor = here,
    *,
    blocks_each: int = 16,
    patients: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Mapping[str, Any]:
    """As `run`, and resumes: chunks that are there are not done again. Raises `BadStore` for another run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "plan.json"
    mine = {"plan": plan.hash, "trial": plan.trial.id, "blocks_each": blocks_each, "patients": patients}
    if told.exists():
        theirs = json.loads(told.read_text())
        if theirs != mine:
            raise BadStore(
                f"{folder}: holds a run of {theirs.get('trial')} with plan {theirs.get('plan')}, "
                f"{theirs.get('blocks_each')} blocks a chunk; this is {plan.trial.id} with plan {plan.hash}, "
                f"{blocks_each}. Give an empty folder, or remove this one"
            )
    else:
        half = folder / "plan.json.half"
        half.write_text(json.dumps(mine))
        half.replace(told)
    chunks = chunks_of(plan, blocks_each)
    open_chunks = [blocks for blocks in chunks if not (folder / f"{_name(blocks)}.json").exists()]
    done = sum(len(blocks) for blocks in chunks) - sum(len(blocks) for blocks in open_chunks)
    progress(done, plan.blocks)
    for _, blocks in executor(_Keep(str(folder), patients), plan, open_chunks):
        done += blocks
        progress(done, plan.blocks)
    return result(plan, list(_read(folder, chunks)))


def _read(folder: Path, chunks: Sequence[Sequence[int]]) -> Iterator[Tallies]:
    for blocks in chunks:
        for block in json.loads((folder / f"{_name(blocks)}.json").read_text()):
            yield _from_json(block)


def _name(blocks: Sequence[int]) -> str:
    return f"blocks-{blocks[0]:07d}-{blocks[-1]:07d}"


def _as_json(tallies: Tallies) -> Any:
    # Floats as hexadecimal: what is read back is what was written, to the last bit.
    def exact(tally: Tally) -> Any:
        told = asdict(tally)
        told["sums"] = [x.hex() for x in tally.sums]
        told["squares"] = [x.hex() for x in tally.squares]
        told["events"] = [[day.hex(), n] for day, n in tally.events.items()]
        told["censored"] = [[day.hex(), n] for day, n in tally.censored.items()]
        return told

    return [[outcome, group, exact(tally)] for (outcome, group), tally in tallies.items()]


def _from_json(told: Any) -> Tallies:
    def tally(raw: Any) -> Tally:
        return Tally(
            raw["n"],
            raw["missing"],
            raw["count"],
            [float.fromhex(x) for x in raw["sums"]],
            [float.fromhex(x) for x in raw["squares"]],
            {float.fromhex(day): n for day, n in raw["events"]},
            {float.fromhex(day): n for day, n in raw["censored"]},
        )

    return {(outcome, group): tally(raw) for outcome, group, raw in told}


def _table(plan: Plan, people: Cohort, arm: str, by_phase: Mapping[str, PhaseRecord]) -> Any:
    """The patients of one arm of a block: who they are and every score, whole numbers in one byte; empty if missing."""
    import pyarrow as pa

    there = (people.ids < plan.sizes[arm]) & (people.enrolled > 0)
    n = int(there.sum())
    columns: dict[str, Any] = {
        "patient": pa.array(people.ids[there]),
        "arm": pa.DictionaryArray.from_arrays(np.zeros(n, dtype=np.int8), [arm]),
        "age_years": pa.array(people.covariates["age_years"][there].astype(np.float32)),
        "weight_kg": pa.array(people.covariates["weight_kg"][there].astype(np.float32)),
        "failed_trials": pa.array(people.covariates["failed_trials"][there].astype(np.int8)),
        "female": pa.array(people.covariates["female"][there] > 0),
        "entry_score": pa.array(people.entry_score[there].astype(np.int8)),
    }
    for name in score_columns(plan.trial):
        phase, scale, day = name
        found = by_phase[phase].scores.get((scale, day)) if phase in by_phase else None
        if found is None:
            values, missing = np.zeros(n, dtype=np.int8), np.ones(n, dtype=bool)
        else:
            here_scores = found[there]
            missing = np.isnan(here_scores)
            values = np.where(missing, 0, here_scores).astype(np.int8)
        columns[f"{phase}/{scale}/day {day:g}"] = pa.array(values, mask=missing)
    return pa.table(columns)


def score_columns(trial: Trial) -> Sequence[tuple[str, str, float]]:
    """Phase, scale and day of every score that a run writes down, in a fixed order."""
    return [
        (phase.id, scale, day)
        for phase in trial.phases.values()
        for scale in scales_of(trial, phase)
        for day in phase.visits
    ]
