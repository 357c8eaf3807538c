"""Asking for work, saying who does which kind, and doing what is due."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import close_old_connections, connection, models

from regrow.clinic.site import clock
from regrow.clinic.site.database import writing

from .models import Job

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
PAUSE_S = 1.0


class TryLater(Exception):
    """It did not succeed and may the next time. The text says why."""


class GiveUp(Exception):
    """It cannot succeed, however often it is tried. The text says why."""


@dataclass(frozen=True)
class _Kind:
    work: Callable[[Mapping[str, Any]], None]
    again_after: tuple[timedelta, ...]
    gave_up: Callable[[Mapping[str, Any], str], None] | None


@dataclass
class _Round:
    work: Callable[[], None]
    every: timedelta
    last: datetime | None = None


_kinds: dict[str, _Kind] = {}
_rounds: dict[str, _Round] = {}


def does(
    kind: str,
    work: Callable[[Mapping[str, Any]], None],
    *,
    again_after_min: tuple[float, ...] = (0.5, 2, 10, 60, 240),
    gave_up: Callable[[Mapping[str, Any], str], None] | None = None,
) -> None:
    """Names who does a kind of work. It opens its own transaction; what it raises is tried again after these minutes."""
    _kinds[kind] = _Kind(work, tuple(timedelta(minutes=m) for m in again_after_min), gave_up)


def goes_round(name: str, work: Callable[[], None], *, every_s: float) -> None:
    """Names work that looks around every so often. It may run twice at once, so it must find its own work done."""
    _rounds[name] = _Round(work, timedelta(seconds=every_s))


def ask_for(kind: str, key: str, payload: Mapping[str, Any], *, run_after: datetime | None = None) -> Job:
    """Asks for a piece of work in the transaction of what causes it; the same key again is the same work."""
    job, _ = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": dict(payload), "run_after": run_after or clock.now()}
    )
    return job


def do_what_is_due(most: int = 500) -> int:
    """Does due work, one piece after the other, and says how many were taken."""
    for count in range(most):
        job = _take()
        if job is None:
            return count
        _do(job)
    return most


def go_round(*, all_of_them: bool = False) -> None:
    """Runs what looks around and whose time has come."""
    now = clock.now()
    for name, each in _rounds.items():
        if all_of_them or each.last is None or now - each.last >= each.every or now < each.last:
            each.last = now
            try:
                each.work()
            except Exception:
                log.exception("the round %r stopped; it goes on with the next", name)


def _take() -> Job | None:
    now = clock.now()
    free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now)
    with writing():
        due = Job.objects.filter(free, done_at__isnull=True, given_up_at__isnull=True, run_after__lte=now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.first()
        if job is not None:
            job.lease_until, job.tries = now + LEASE, job.tries + 1
            job.save(update_fields=["lease_until", "tries"])
        return job


def _do(job: Job) -> None:
    kind = _kinds.get(job.kind)
    try:
        if kind is None:
            raise GiveUp(f"nobody does {job.kind!r}")
        kind.work(job.payload)
    except GiveUp as reason:
        _give_up(job, kind, str(reason))
    except Exception as mistake:
        if not isinstance(mistake, TryLater):
            log.exception("the work %s stopped", job.key)
        if kind is None or job.tries > len(kind.again_after):
            _give_up(job, kind, str(mistake))
        else:
            job.run_after = clock.now() + kind.again_after[job.tries - 1]
            job.lease_until, job.problem = None, str(mistake)
            with writing():
                job.save(update_fields=["run_after", "lease_until", "problem"])
    else:
        job.done_at, job.problem = clock.now(), ""
        with writing():
            job.save(update_fields=["done_at", "problem"])


def _give_up(job: Job, kind: _Kind | None, why: str) -> None:
    job.given_up_at, job.problem = clock.now(), why
    with writing():
        job.save(update_fields=["given_up_at", "problem"])
        if kind is not None and kind.gave_up is not None:
            kind.gave_up(job.payload, why)


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
                go_round()
                do_what_is_due()
            except Exception:
                log.exception("the worker stumbled; it goes on")
            finally:
                close_old_connections()
            self._stop.wait(PAUSE_S)
