"""Template filters and tags."""

import re
import uuid
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from django import template
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext

from regrow.knowledge import evidence_grade_label
from regrow.scales import shown
from regrow.web.platform import clock, formats
from regrow.web.platform.evidence_figures import with_figures

register = template.Library()
register.filter("with_figures", with_figures)
register.filter("mark_words", evidence_grade_label)
register.filter("total", shown)


@register.filter
def micrograms(ug: int) -> str:
    """Format micrograms as mg, with as many decimals as needed."""
    return f"{Decimal(ug).scaleb(-3).normalize():f}"


@register.filter
def decimals(number: Fraction, places: int) -> str:
    """Format an exact number, rounded for display."""
    return f"{float(number):.{places}f}"


@register.filter
def percent(share: float) -> str:
    """Whole percent of a share between 0 and 1; a share above 0 never shows as 0%."""
    whole = round(float(share) * 100)
    return "<1%" if whole == 0 and share > 0 else f"{whole}%"


@register.filter
def lower_first(text: str) -> str:
    """Lower-case the first letter for use inside a sentence."""
    return text[:1].lower() + text[1:]


@register.filter
def clock_time(moment: datetime | None) -> str:
    """5:00 AM in the clinic's time zone; 5:00 a. m. in Spanish."""
    return formats.clock_time(moment) if moment else ""


@register.filter
def clock_seconds(moment: datetime | None) -> str:
    """17:05:12 in the clinic's time zone, for the session log and the controlled-substance log."""
    return moment.astimezone(clock.clinic_zone()).strftime("%H:%M:%S") if moment else ""


@register.filter
def day(moment: datetime | date | None) -> str:
    """Fri, Nov 27 in the clinic's time zone, with the year if it is not the current one."""
    return formats.short_day(moment) if moment else ""


@register.filter
def day_time(moment: datetime | None) -> str:
    """Fri, Nov 27, 5:00 AM."""
    return f"{day(moment)}, {clock_time(moment)}" if moment else ""


@register.filter
def long_day(moment: datetime | date | None) -> str:
    """Friday, November 27 for patients, after "today" or "tomorrow" where that is true."""
    if moment is None:
        return ""
    on = clock.clinic_day(moment) if isinstance(moment, datetime) else moment
    near = {0: gettext("today"), 1: gettext("tomorrow")}.get((on - clock.clinic_today()).days)
    text = formats.long_day(moment)
    return f"{near}, {text}" if near else text


@register.filter
def long_day_time(moment: datetime | None) -> str:
    """Friday, November 27, 5:00 AM."""
    return f"{long_day(moment)}, {clock_time(moment)}" if moment else ""


@register.filter
def us_date(moment: datetime | date | None) -> str:
    """11/27/2026, for dates of birth, forms and letters."""
    return formats.numeric_day(moment) if moment else ""


@register.filter
def ago(moment: datetime | None) -> str:
    """5 min ago, 2 days ago: the difference to now in its largest unit."""
    if moment is None:
        return ""
    now = clock.now()
    if moment > now:
        return f"in {_span(now, moment)}"
    return f"{_span(moment, now)} ago"


def _span(start: datetime, end: datetime) -> str:
    return re.sub(r"minutes?$", "min", timesince(start, end, depth=1))


@register.filter
def epoch_ms(moment: datetime | None) -> int | str:
    return int(moment.timestamp() * 1000) if moment else ""


@register.filter
def plain(number: Decimal | Fraction | Literal[""] | None) -> str:
    """A figure without trailing zeros: 40, not 40.00; nothing for a value that is missing."""
    if number is None or number == "":
        return ""
    if isinstance(number, Fraction):
        number = Decimal(number.numerator) / number.denominator
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def subject(id: str) -> str:
    """Return the subject of a public page, whatever its language: how, not how-es."""
    return id.removesuffix("-es")


@register.filter
def words(key: str) -> str:
    """Return a key as words: blood pressure, not blood_pressure."""
    return str(key).replace("_", " ")


@register.filter
def determination_words(id: str) -> str:
    """Return a determination's id as words: high pressure, not no-high-pressure."""
    return id.removeprefix("no-").removeprefix("interaction-").replace("-", " ")


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    return mapping.get(key) if mapping else None


@register.filter
def initials(name: str) -> str:
    parts = [part for part in name.split() if part]
    return "".join(part[0] for part in [parts[0], *parts[1:][-1:]]).upper() if parts else "?"


@register.filter
def state_words(state: str) -> str:
    return {"met": "met", "not_met": "not met", "not_documented": "not documented"}.get(
        str(state), str(state)
    )


@register.simple_tag
def fresh_id() -> str:
    """Return a new form id, so that a double click saves once."""
    return str(uuid.uuid4())


@register.simple_tag
def described_by(bound: Any) -> str:
    """The `aria-describedby` of a group of choices: its help and its error, where there are any."""
    ids = bound.aria_describedby
    return format_html(' aria-describedby="{}"', ids) if ids else ""


@register.inclusion_tag("components/field.html")
def field(bound: Any) -> dict[str, Any]:
    return {"field": bound}


# Display of each sort of determination by state: (class, mark, words). Red marks a contraindication,
# not every "no".
LOOKS = {
    "": {
        "met": ("ok", "✓", "met"),
        "not_met": ("stop", "✕", "not met"),
        "not_documented": ("warn", "?", "not documented"),
    },
    "definition": {
        "met": ("ok", "✓", "met"),
        "not_met": ("plain", "–", "not met"),
        "not_documented": ("warn", "?", "not documented"),
    },
    "criterion": {
        "met": ("ok", "✓", "not there"),
        "not_met": ("stop", "!", "found"),
        "not_documented": ("warn", "?", "not documented"),
    },
    "caution": {
        "met": ("ok", "✓", "not there"),
        "not_met": ("warn", "!", "found"),
        "not_documented": ("warn", "?", "not documented"),
    },
    "interaction": {
        "met": ("sky", "•", "taken"),
        "not_met": ("plain", "–", "not taken"),
        "not_documented": ("warn", "?", "not documented"),
    },
}


@register.inclusion_tag("components/determination.html")
def determination(d: Any, evidence: Any = None, titles: Any = None, sort: str = "") -> dict[str, Any]:
    """Render one criterion; `evidence` maps record ids to labels, `titles` its id to a name."""
    records = dict.fromkeys(evidence[id] for id in d.because if id in evidence) if evidence else []
    tone, mark, words = LOOKS[sort][str(d.state)]
    return {
        "d": d,
        "records": list(records),
        "title": (titles or {}).get(d.id),
        "tone": tone,
        "mark": mark,
        "words": words,
    }
