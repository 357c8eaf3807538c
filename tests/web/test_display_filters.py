"""Dates, times and percent on screens: US conventions in English, Latin American conventions in Spanish."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from regrow.web.platform.templatetags import regrow as filters

# 9:00 AM in New York, on the Monday of the test clock.
MORNING = datetime(2026, 10, 26, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "name", "shown"),
    [
        ("en", "day", "Mon, Oct 26"),
        ("en", "day_time", "Mon, Oct 26, 9:00 AM"),
        ("en", "long_day", "today, Monday, October 26"),
        ("en", "us_date", "10/26/2026"),
        ("en", "clock_seconds", "09:00:00"),
        ("es", "day", "lun 26 de oct."),
        ("es", "day_time", "lun 26 de oct., 9:00\N{NO-BREAK SPACE}a.\N{NO-BREAK SPACE}m."),
        ("es", "long_day", "hoy, lunes 26 de octubre"),
    ],
)
def test_a_point_in_time_is_written_in_the_language_of_the_page(
    clock, language: str, name: str, shown: str
) -> None:
    with translation.override(language):
        assert getattr(filters, name)(MORNING) == shown


@pytest.mark.parametrize(
    ("hours", "shown"), [(-9, "12:00 AM"), (3, "12:00 PM"), (4, "1:00 PM"), (14.5, "11:30 PM")]
)
def test_midnight_and_noon_are_twelve(clock, hours: float, shown: str) -> None:
    assert filters.clock_time(MORNING + timedelta(hours=hours)) == shown


def test_a_day_of_another_year_shows_the_year(clock) -> None:
    assert filters.day(date(2027, 1, 4)) == "Mon, Jan 4, 2027"
    with translation.override("es"):
        assert filters.day(date(2027, 1, 4)) == "lun 4 de ene. de 2027"


def test_a_patient_reads_tomorrow_before_the_date(clock) -> None:
    assert filters.long_day_time(MORNING + timedelta(days=1)) == "tomorrow, Tuesday, October 27, 9:00 AM"
    assert filters.long_day(MORNING + timedelta(days=2)) == "Wednesday, October 28"


def test_nothing_is_shown_for_no_time() -> None:
    names = ("clock_time", "clock_seconds", "day", "day_time", "long_day", "long_day_time", "us_date", "ago")
    assert {getattr(filters, name)(None) for name in names} == {""}


def test_elapsed_time_is_short(clock) -> None:
    assert filters.ago(MORNING - timedelta(minutes=5)) == "5\N{NO-BREAK SPACE}min ago"
    assert filters.ago(MORNING + timedelta(days=2)) == "in 2\N{NO-BREAK SPACE}days"


@pytest.mark.parametrize(("share", "shown"), [(0, "0%"), (0.001, "<1%"), (0.536, "54%")])
def test_percent_has_no_space(share: float, shown: str) -> None:
    assert filters.percent(share) == shown
