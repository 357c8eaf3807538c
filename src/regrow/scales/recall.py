"""What an answer looks back on, and how far two answers look back on the same days."""

from datetime import datetime, timedelta
from fractions import Fraction

from regrow.knowledge import Scale

DAY = timedelta(days=1)


def recall_window(scale: Scale, taken_at: datetime) -> tuple[datetime, datetime]:
    """The span a sheet speaks about: its recall window, up to when it was taken."""
    return taken_at - timedelta(days=scale.recall_days), taken_at


def overlap_days(scale: Scale, first_taken_at: datetime, then_taken_at: datetime) -> Fraction:
    """How many days both sheets speak about: a PHQ-9 a week after another shares 7 of its 14 days with it."""
    start, end = sorted((first_taken_at, then_taken_at))
    shared = timedelta(days=scale.recall_days) - (end - start)
    return max(Fraction(0), _days(shared))


def days_before(scale: Scale, taken_at: datetime, moment: datetime) -> Fraction:
    """How many of the days a sheet speaks about lie before `moment`, such as the last infusion."""
    start, end = recall_window(scale, taken_at)
    return max(Fraction(0), min(_days(moment - start), _days(end - start)))


def _days(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), DAY // timedelta(microseconds=1))
