"""Job queue: register handlers, enqueue jobs, run due jobs and periodic tasks."""

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
    """The job failed and may succeed later. The text names the reason."""


class PermanentFailure(Exception):
    """The job can never succeed. The text names the reason."""


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
    """Register a job handler. It opens its own transaction; on failure it is retried after these minutes."""
    _task_types[kind] = _TaskType(work, tuple(timedelta(minutes=m) for m in again_after_min), on_failure)


def periodic_task(name: str, work: Callable[[], None], *, every_s: float) -> None:
    """Register a periodic task. It may run concurrently; make it idempotent."""
    _periodic_tasks[name] = _PeriodicTask(work, timedelta(seconds=every_s))


def enqueue(kind: str, key: str, payload: Mapping[str, Any], *, run_after: datetime | None = None) -> Job:
    """Enqueue a job in the caller's transaction; idempotent by `key`."""
    job, _ = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": dict(payload), "run_after": run_after or clock.now()}
    )
    return job


def run_due_jobs(most: int = 500) -> int:
    """Run due jobs one after the other; returns how many were taken."""
    for count in range(most):
        job = _claim()
        if job is None:
            return count
        _run_job(job)
    return most


def run_periodic(*, all_of_them: bool = False) -> None:
    """Run the periodic tasks that are due."""
    now = clock.now()
    for name, each in _periodic_tasks.items():
        if all_of_them or each.last is None or now - each.last >= each.every or now < each.last:
            each.last = now
            try:
                each.work()
            except Exception:
                log.exception("the periodic task %r failed; continuing with the next", name)


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
            raise PermanentFailure(f"no handler for {job.kind!r}")
        kind.work(job.payload)
    except PermanentFailure as reason:
        _fail(job, kind, str(reason))
    except Exception as mistake:
        if not isinstance(mistake, RetryLater):
            log.exception("the job %s failed", job.key)
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
    """A thread that runs due jobs until it is stopped."""

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
                log.exception("the worker failed once; continuing")
            finally:
                close_old_connections()
            self._stop.wait(PAUSE_S)
