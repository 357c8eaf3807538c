"""Recall windows, and how far two of them overlap."""

from datetime import datetime, timedelta
from fractions import Fraction

from regrow.knowledge import Scale

DAY = timedelta(days=1)


def recall_window(scale: Scale, taken_at: datetime) -> tuple[datetime, datetime]:
    """Return the recall window of a score: (start, when it was taken)."""
    return taken_at - timedelta(days=scale.recall_days), taken_at


def overlap_days(scale: Scale, first_taken_at: datetime, then_taken_at: datetime) -> Fraction:
    """Return the overlap of two windows in days: two PHQ-9 a week apart share 7 of 14 days."""
    start, end = sorted((first_taken_at, then_taken_at))
    shared = timedelta(days=scale.recall_days) - (end - start)
    return max(Fraction(0), _days(shared))


def days_before(scale: Scale, taken_at: datetime, moment: datetime) -> Fraction:
    """Return the days of a score's window before `moment`, such as the last infusion."""
    start, end = recall_window(scale, taken_at)
    return max(Fraction(0), min(_days(moment - start), _days(end - start)))


def _days(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), DAY // timedelta(microseconds=1))
