"""Job queues: register handlers, enqueue jobs, run due jobs and periodic tasks.

Each queue has a thread of its own, so that an alert never waits behind a reminder (decision 23).
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import close_old_connections, models, transaction

from . import clock
from .database import writing
from .models import Job

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
RENEW_S = 30.0
PAUSE_S = 1.0
BATCH = 20  # between two looks at the periodic tasks


class Queue(StrEnum):
    """A queue; urgent ones first. The urgent queues of the channels do not wait for each other either."""

    URGENT = "urgent"
    URGENT_TEXT = "urgent text"
    URGENT_EMAIL = "urgent email"
    ROUTINE = "routine"


class RetryLater(Exception):
    """The job failed and may succeed later. The text names the reason."""


class NotBefore(Exception):
    """The job was not tried; it may be from `at` on. This is not an attempt. The text names the reason."""

    def __init__(self, why: str, at: datetime) -> None:
        super().__init__(why)
        self.at = at


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
    queue: Queue
    last: datetime | None = None


_task_types: dict[str, _TaskType] = {}
_periodic_tasks: dict[str, _PeriodicTask] = {}
_awake: Mapping[Queue, threading.Event] = {queue: threading.Event() for queue in Queue}
_running: set[int] = set()


def background_task(
    kind: str,
    work: Callable[[Mapping[str, Any]], None],
    *,
    again_after_min: tuple[float, ...] = (0.5, 2, 10, 60, 240),
    on_failure: Callable[[Mapping[str, Any], str], None] | None = None,
) -> None:
    """Register a job handler. It opens its own transaction; on failure it is retried after these minutes."""
    _task_types[kind] = _TaskType(work, tuple(timedelta(minutes=m) for m in again_after_min), on_failure)


def periodic_task(
    name: str, work: Callable[[], None], *, every_s: float, queue: Queue = Queue.ROUTINE
) -> None:
    """Register a periodic task. It may run concurrently; make it idempotent."""
    _periodic_tasks[name] = _PeriodicTask(work, timedelta(seconds=every_s), queue)


def enqueue(
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    *,
    run_after: datetime | None = None,
    queue: Queue = Queue.ROUTINE,
) -> Job:
    """Enqueue a job in the caller's transaction; idempotent by `key`. The queue's thread wakes at the commit."""
    job, _ = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "payload": dict(payload),
            "run_after": run_after or clock.now(),
            "queue": queue,
        },
    )
    transaction.on_commit(_awake[queue].set)
    return job


def run_due_jobs(most: int = 500, queues: Collection[Queue] = tuple(Queue)) -> int:
    """Run due jobs one after the other, those of the first queue first; returns how many were taken."""
    for count in range(most):
        job = next((job for queue in queues if (job := _claim(queue))), None)
        if job is None:
            return count
        with _lease_renewed(job):
            _run_job(job)
    return most


def run_periodic(*, all_of_them: bool = False, queues: Collection[Queue] = tuple(Queue)) -> None:
    """Run the periodic tasks that are due."""
    now = clock.now()
    for name, each in _periodic_tasks.items():
        due = all_of_them or each.last is None or now - each.last >= each.every or now < each.last
        if due and each.queue in queues:
            each.last = now
            try:
                each.work()
            except Exception:
                log.exception("the periodic task %r failed; continuing with the next", name)


def _claim(queue: Queue) -> Job | None:
    """Take the first due job. `attempts` decides between two workers: only one of them counts it up."""
    while True:
        now = clock.now()
        free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now)
        job = Job.objects.filter(
            free, queue=queue, done_at__isnull=True, failed_at__isnull=True, run_after__lte=now
        ).first()
        if job is None:
            return None
        if _update(job, attempts=job.attempts + 1, lease_until=now + LEASE):
            job.attempts += 1
            return job


def _update(job: Job, **values: Any) -> bool:
    """Change a job that no other worker has taken in the meantime. Returns whether it was changed."""
    held = Job.objects.filter(id=job.id, attempts=job.attempts, done_at__isnull=True, failed_at__isnull=True)
    with writing():
        return held.update(**values) == 1


@contextmanager
def _lease_renewed(job: Job) -> Iterator[None]:
    """While it runs, the worker renews the job's lease."""
    _running.add(job.pk)
    try:
        yield
    finally:
        _running.discard(job.pk)


def renew_leases() -> None:
    """Renew the leases of the jobs that this process runs."""
    if _running:
        with writing():
            Job.objects.filter(id__in=list(_running)).update(lease_until=clock.now() + LEASE)


def _run_job(job: Job) -> None:
    kind = _task_types.get(job.kind)
    try:
        if kind is None:
            raise PermanentFailure(f"no handler for {job.kind!r}")
        kind.work(job.payload)
    except PermanentFailure as reason:
        _fail(job, kind, str(reason))
    except NotBefore as reason:
        _update(job, run_after=reason.at, lease_until=None, attempts=job.attempts - 1, error=str(reason))
    except Exception as mistake:
        if not isinstance(mistake, RetryLater):
            log.exception("the job %s failed", job.key)
        if kind is None or job.attempts > len(kind.again_after):
            _fail(job, kind, str(mistake))
        else:
            later = clock.now() + kind.again_after[job.attempts - 1]
            _update(job, run_after=later, lease_until=None, error=str(mistake))
    else:
        _update(job, done_at=clock.now(), error="")


def _fail(job: Job, kind: _TaskType | None, why: str) -> None:
    with writing():
        if (
            _update(job, failed_at=clock.now(), error=why)
            and kind is not None
            and kind.on_failure is not None
        ):
            kind.on_failure(job.payload, why)


class Worker:
    """One thread for each queue, and one that renews the leases of what they run, until it is stopped."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(queue,), daemon=True, name=f"worker: {queue}")
            for queue in Queue
        ]
        self._threads.append(threading.Thread(target=self._renew, daemon=True, name="worker: leases"))

    def start(self) -> "Worker":
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._stop.set()
        for awake in _awake.values():
            awake.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, queue: Queue) -> None:
        while not self._stop.is_set():
            _awake[queue].clear()
            worked = 0
            try:
                run_periodic(queues=[queue])
                worked = run_due_jobs(BATCH, queues=[queue])
            except Exception:
                log.exception("the worker failed once; continuing")
            finally:
                close_old_connections()
            if not worked:
                _awake[queue].wait(PAUSE_S)

    def _renew(self) -> None:
        while not self._stop.wait(RENEW_S):
            try:
                renew_leases()
            except Exception:
                log.exception("the leases were not renewed; trying again")
            finally:
                close_old_connections()
