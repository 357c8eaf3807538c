"""Carries out comparisons beside the site: a thread here that waits, a process that reckons."""

import logging
import multiprocessing
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import close_old_connections, models

from regrow.simulation.comparison import choices, report, trial_for
from regrow.simulation.run import Plan
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing

from .models import SimulationRun

log = logging.getLogger(__name__)
SILENT_FOR = timedelta(seconds=90)  # after which a run counts as dropped: the first one compiles for a while


def start_simulation(run: SimulationRun) -> None:
    """Takes a run up if nobody has it, and returns at once. Safe to call from two pages at the same time."""
    now = clock.now()
    with writing():
        free = models.Q(state=SimulationRun.WAITING) | models.Q(
            state=SimulationRun.RUNNING, heartbeat_at__lt=now - SILENT_FOR
        )
        taken = SimulationRun.objects.filter(free, id=run.id).update(
            state=SimulationRun.RUNNING, heartbeat_at=now, done=0
        )
    if taken:
        threading.Thread(target=run_simulation, args=(run.id,), daemon=True, name=f"lab {run.id}").start()


def run_simulation(run_id: uuid.UUID) -> None:
    """The whole comparison, in this thread. What goes wrong stands in the run, for who asked."""
    try:
        run = SimulationRun.objects.get(id=run_id)
        known = {choice.id: choice for choice in choices(knowledge)}
        trial = trial_for(known[run.first], known[run.second], run.population, run.size, knowledge)
        _write(
            run_id, report=report(trial, knowledge, _in_process, _progress(run_id)), state=SimulationRun.DONE
        )
    except Exception as mistake:
        log.exception("the comparison %s failed", run_id)
        _write(
            run_id,
            state=SimulationRun.FAILED,
            problem=f"It stopped: {mistake}. Ask again, or with fewer people.",
        )
    finally:
        close_old_connections()


def _in_process(
    task: Callable[[Plan, Sequence[int]], Any], plan: Plan, chunks: Sequence[Sequence[int]]
) -> Iterator[tuple[int, Any]]:
    """In a process of its own, started fresh, so that the site answers meanwhile."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from enumerate(pool.map(task, [plan] * len(chunks), chunks))


def _progress(run_id: uuid.UUID) -> Callable[[int, int], None]:
    return lambda done, of: _write(run_id, done=done, total=of)


def _write(run_id: uuid.UUID, **values: Any) -> None:
    with writing():
        SimulationRun.objects.filter(id=run_id).update(heartbeat_at=clock.now(), **values)
