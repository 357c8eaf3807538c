"""Dates and times as people read them, in the clinic's locale.

The clinic profile's `locale` decides how a date and a time look (`en-US`: Fri, Nov 27 and 5:00 AM; `en-GB`:
Fri 27 Nov and 17:00). Text for a patient is in the patient's language: pass `language`, or let the language that is
active for the request decide.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings
from django.utils import formats, translation

from . import clock


@dataclass(frozen=True)
class Patterns:
    """Django date patterns of one locale, for English; `hours` is 12 or 24."""

    short: str
    long: str
    numeric: str
    prose: str
    hours: int


LOCALES = {
    "en-US": Patterns(short="D, M j", long="l, F j", numeric="m/d/Y", prose="F j, Y", hours=12),
    "en-GB": Patterns(short="D j M", long="l j F", numeric="d/m/Y", prose="j F Y", hours=24),
}
# Spanish as clinics in the United States print it; the hours follow the clinic's locale.
SPANISH_SHORT, SPANISH_LONG, SPANISH_PROSE = "D j \\d\\e M", "l j \\d\\e F", "j \\d\\e F \\d\\e Y"
NO_BREAK = "\N{NO-BREAK SPACE}"


def patterns() -> Patterns:
    """The patterns of the clinic's locale."""
    return LOCALES[settings.CLINIC.locale]


def local(moment: datetime | date) -> datetime | date:
    """A moment in UTC as clinic time. One that carries a zone (a patient's) and a calendar date stay as they are."""
    if isinstance(moment, datetime) and moment.tzinfo is UTC:
        return moment.astimezone(clock.clinic_zone())
    return moment


def clock_time(moment: datetime, language: str | None = None) -> str:
    """5:00 AM; in Spanish 5:00 a. m.; 17:00 where the locale counts 24 hours."""
    at = local(moment)
    assert isinstance(at, datetime)  # a datetime stays one
    if patterns().hours == 24:
        return f"{at:%H:%M}"
    if _spanish(language):
        half = f"{'ap'[at.hour // 12]}.{NO_BREAK}m."
        return f"{at.hour % 12 or 12}:{at.minute:02}{NO_BREAK}{half}"
    return f"{at.hour % 12 or 12}:{at.minute:02} {'AP'[at.hour // 12]}M"


def short_day(moment: datetime | date, language: str | None = None) -> str:
    """Fri, Nov 27; with the year when it is not the current one."""
    on = local(moment)
    if _spanish(language):
        text = _written(on, SPANISH_SHORT, "es").lower() + "."
        return text if on.year == clock.clinic_today().year else f"{text} de {on.year}"
    text = _written(on, patterns().short, "en")
    return text if on.year == clock.clinic_today().year else f"{text}, {on.year}"


def long_day(moment: datetime | date, language: str | None = None) -> str:
    """Friday, November 27; viernes 27 de noviembre."""
    on = local(moment)
    return (
        _written(on, SPANISH_LONG, "es").lower()
        if _spanish(language)
        else _written(on, patterns().long, "en")
    )


def prose_day(moment: datetime | date, language: str | None = None) -> str:
    """November 27, 2026, for letters and notes."""
    on = local(moment)
    return (
        _written(on, SPANISH_PROSE, "es").lower()
        if _spanish(language)
        else _written(on, patterns().prose, "en")
    )


def numeric_day(moment: datetime | date) -> str:
    """11/27/2026, for dates of birth, forms and letters."""
    return _written(local(moment), patterns().numeric, "en")


def _spanish(language: str | None) -> bool:
    return (language or translation.get_language() or "").startswith("es")


def _written(on: datetime | date, pattern: str, language: str) -> str:
    with translation.override(language):
        return formats.date_format(on, pattern)
