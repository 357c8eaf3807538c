"""The one clock of the site. Everything else is told the time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def _wall() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _wall


def now() -> datetime:
    """The present instant, in UTC."""
    return _clock()


def today(zone: ZoneInfo) -> date:
    return now().astimezone(zone).date()


@contextmanager
def using(clock: Clock) -> Iterator[None]:
    """Another clock for a while: the demo clinic's past, or a test across a clock change."""
    global _clock
    before = _clock
    _clock = clock
    try:
        yield
    finally:
        _clock = before
