"""Asking for work, saying who does which kind, and doing what is due."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import close_old_connections, connection, models

from . import clock
from .database import writing
from .models import Job

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
PAUSE_S = 1.0


class RetryLater(Exception):
    """It did not succeed and may the next time. The text says why."""


class PermanentFailure(Exception):
    """It cannot succeed, however often it is tried. The text says why."""


@dataclass(frozen=True)
class _TaskType:
    work: Callable[[Mapping[str, Any]], None]
    again_after: tuple[timedelta, ...]
    on_failure: Callable[[Mapping[str, Any], str], None] | None


@dataclass
class _PeriodicTask:
    work: Callable[[], None]
    every: timedelta
    last: datetime | None = None


_task_types: dict[str, _TaskType] = {}
_periodic_tasks: dict[str, _PeriodicTask] = {}


def background_task(
    kind: str,
    work: Callable[[Mapping[str, Any]], None],
    *,
    again_after_min: tuple[float, ...] = (0.5, 2, 10, 60, 240),
    on_failure: Callable[[Mapping[str, Any], str], None] | None = None,
) -> None:
    """Names who does a kind of work. It opens its own transaction; what it raises is tried again after these minutes."""
    _task_types[kind] = _TaskType(work, tuple(timedelta(minutes=m) for m in again_after_min), on_failure)


def periodic_task(name: str, work: Callable[[], None], *, every_s: float) -> None:
    """Names work that looks around every so often. It may run twice at once, so it must find its own work done."""
    _periodic_tasks[name] = _PeriodicTask(work, timedelta(seconds=every_s))


def enqueue(kind: str, key: str, payload: Mapping[str, Any], *, run_after: datetime | None = None) -> Job:
    """Asks for a piece of work in the transaction of what causes it; the same key again is the same work."""
    job, _ = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": dict(payload), "run_after": run_after or clock.now()}
    )
    return job


def run_due_jobs(most: int = 500) -> int:
    """Does due work, one piece after the other, and says how many were taken."""
    for count in range(most):
        job = _claim()
        if job is None:
            return count
        _run_job(job)
    return most


def run_periodic(*, all_of_them: bool = False) -> None:
    """Runs what looks around and whose time has come."""
    now = clock.now()
    for name, each in _periodic_tasks.items():
        if all_of_them or each.last is None or now - each.last >= each.every or now < each.last:
            each.last = now
            try:
                each.work()
            except Exception:
                log.exception("the round %r stopped; it goes on with the next", name)


def _claim() -> Job | None:
    now = clock.now()
    free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now)
    with writing():
        due = Job.objects.filter(free, done_at__isnull=True, failed_at__isnull=True, run_after__lte=now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.first()
        if job is not None:
            job.lease_until, job.attempts = now + LEASE, job.attempts + 1
            job.save(update_fields=["lease_until", "attempts"])
        return job


def _run_job(job: Job) -> None:
    kind = _task_types.get(job.kind)
    try:
        if kind is None:
            raise PermanentFailure(f"nobody does {job.kind!r}")
        kind.work(job.payload)
    except PermanentFailure as reason:
        _fail(job, kind, str(reason))
    except Exception as mistake:
        if not isinstance(mistake, RetryLater):
            log.exception("the work %s stopped", job.key)
        if kind is None or job.attempts > len(kind.again_after):
            _fail(job, kind, str(mistake))
        else:
            job.run_after = clock.now() + kind.again_after[job.attempts - 1]
            job.lease_until, job.error = None, str(mistake)
            with writing():
                job.save(update_fields=["run_after", "lease_until", "error"])
    else:
        job.done_at, job.error = clock.now(), ""
        with writing():
            job.save(update_fields=["done_at", "error"])


def _fail(job: Job, kind: _TaskType | None, why: str) -> None:
    job.failed_at, job.error = clock.now(), why
    with writing():
        job.save(update_fields=["failed_at", "error"])
        if kind is not None and kind.on_failure is not None:
            kind.on_failure(job.payload, why)


class Worker:
    """A thread that goes round and does what is due, until it is told to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="worker")

    def start(self) -> "Worker":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                run_periodic()
                run_due_jobs()
            except Exception:
                log.exception("the worker stumbled; it goes on")
            finally:
                close_old_connections()
            self._stop.wait(PAUSE_S)
