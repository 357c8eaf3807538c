"""The clock of the web application, and the clinic's calendar day.

Times are UTC inside; the clinic's zone decides which day it is. Tests and the demo replace the clock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

Clock = Callable[[], datetime]


def _wall() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _wall


def now() -> datetime:
    """The present instant, in UTC."""
    return _clock()


def clinic_zone() -> ZoneInfo:
    """The time zone of the clinic profile."""
    return ZoneInfo(settings.TIME_ZONE)


def clinic_day(moment: datetime) -> date:
    """The calendar day of a moment where the clinic is."""
    return moment.astimezone(clinic_zone()).date()


def clinic_today() -> date:
    """The present calendar day where the clinic is."""
    return clinic_day(now())


def clinic_midnight(day: date) -> datetime:
    """The moment at which a day begins where the clinic is."""
    return datetime.combine(day, time(), tzinfo=clinic_zone())


@contextmanager
def using(clock: Clock) -> Iterator[None]:
    """Replace the clock temporarily: for the demo clinic's past, or a test across a clock change."""
    global _clock
    before = _clock
    _clock = clock
    try:
        yield
    finally:
        _clock = before
