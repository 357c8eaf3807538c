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

from regrow.clinic.site import clock
from regrow.clinic.site.database import writing
from regrow.trials.lab import choices, report, trial_for
from regrow.trials.run import Plan

from .models import LabRun

log = logging.getLogger(__name__)
SILENT_FOR = timedelta(seconds=90)  # after which a run counts as dropped: the first one compiles for a while


def begin(run: LabRun) -> None:
    """Takes a run up if nobody has it, and returns at once. Safe to call from two pages at the same time."""
    now = clock.now()
    with writing():
        free = models.Q(state=LabRun.WAITING) | models.Q(state=LabRun.RUNNING, beat_at__lt=now - SILENT_FOR)
        taken = LabRun.objects.filter(free, id=run.id).update(state=LabRun.RUNNING, beat_at=now, done=0)
    if taken:
        threading.Thread(target=work, args=(run.id,), daemon=True, name=f"lab {run.id}").start()


def work(run_id: uuid.UUID) -> None:
    """The whole comparison, in this thread. What goes wrong stands in the run, for who asked."""
    try:
        run = LabRun.objects.get(id=run_id)
        known = {choice.id: choice for choice in choices()}
        trial = trial_for(known[run.first], known[run.second], run.population, run.size)
        _write(run_id, report=report(trial, _beside, _progress(run_id)), state=LabRun.DONE)
    except Exception as mistake:
        log.exception("the comparison %s failed", run_id)
        _write(
            run_id, state=LabRun.FAILED, problem=f"It stopped: {mistake}. Ask again, or with fewer people."
        )
    finally:
        close_old_connections()


def _beside(
    task: Callable[[Plan, Sequence[int]], Any], plan: Plan, chunks: Sequence[Sequence[int]]
) -> Iterator[tuple[int, Any]]:
    """In a process of its own, started fresh, so that the site answers meanwhile."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from enumerate(pool.map(task, [plan] * len(chunks), chunks))


def _progress(run_id: uuid.UUID) -> Callable[[int, int], None]:
    return lambda done, of: _write(run_id, done=done, of=of)


def _write(run_id: uuid.UUID, **values: Any) -> None:
    with writing():
        LabRun.objects.filter(id=run_id).update(beat_at=clock.now(), **values)
