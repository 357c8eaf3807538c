"""What is watched in long treatment is due by signed intervals only, counted from the last time or the first dose."""

from datetime import UTC, datetime, timedelta

import pytest

from regrow.course import due_checks
from regrow.knowledge import Check
from tests.content import knowledge

FIRST = datetime(2026, 1, 5, 15, tzinfo=UTC)
LIVER = Check("liver", "Liver", "Draw", sessions="n")
MIND = Check("mind", "Mind", "Ask", days="d")
BOTH = Check("both", "Both", "Do", sessions="n", days="d")


def doses(count: int) -> list[datetime]:
    return [FIRST + timedelta(weeks=n) for n in range(count)]


def due(checks, limits, count, *, done=None, days=0.0) -> list[str]:
    now = FIRST + timedelta(days=days)
    return [d.check.id for d in due_checks(checks, limits, doses(count), done or {}, now)]


def test_no_check_is_due_unsigned_or_before_a_dose() -> None:
    assert due([LIVER, MIND], {}, 60, days=400) == []
    assert due_checks([LIVER], {"n": "1"}, [], {}, FIRST) == ()
    assert due([LIVER], {"n": "1"}, 5, days=-1) == []


@pytest.mark.parametrize(("count", "expected"), [(6, []), (7, ["liver"]), (8, ["liver"])])
def test_doses_are_counted_after_the_first(count: int, expected: list[str]) -> None:
    assert due([LIVER], {"n": "6"}, count, days=365) == expected


@pytest.mark.parametrize(("days", "expected"), [(89.9, []), (90, ["mind"]), (200, ["mind"])])
def test_days_are_counted_from_the_first_dose(days: float, expected: list[str]) -> None:
    assert due([MIND], {"d": "90"}, 1, days=days) == expected


def test_a_check_that_was_done_begins_to_count_anew() -> None:
    done = {"liver": FIRST + timedelta(weeks=6), "mind": FIRST + timedelta(days=80)}
    assert due([LIVER, MIND], {"n": "6", "d": "90"}, 10, done=done, days=120) == []
    assert due([LIVER, MIND], {"n": "6", "d": "90"}, 13, done=done, days=171) == ["liver", "mind"]


def test_either_interval_makes_a_check_due_and_is_named() -> None:
    limits = {"n": "6", "d": "90"}
    (by_days,) = due_checks([BOTH], limits, doses(2), {}, FIRST + timedelta(days=90))
    (by_doses,) = due_checks([BOTH], limits, doses(7), {}, FIRST + timedelta(days=50))
    assert by_days.why == "90 days since the first dose"
    assert by_doses.why == "6 doses since the first dose"


def test_a_dose_that_lies_ahead_is_not_counted() -> None:
    assert due([LIVER], {"n": "6"}, 20, days=30) == []


def test_the_file_ships_without_a_number() -> None:
    assert set(knowledge.document("checks", "maintenance").contents["limits"].values()) == {"unset"}
