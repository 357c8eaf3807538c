"""Small pieces of display every template may use."""

import uuid
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.timesince import timesince

from regrow.knowledge import evidence_grade_label
from regrow.scales import shown
from regrow.web.platform import clock
from regrow.web.platform.evidence_figures import with_figures

register = template.Library()
register.filter("with_figures", with_figures)
register.filter("mark_words", evidence_grade_label)
register.filter("total", shown)


@register.filter
def micrograms(ug: int) -> str:
    """Micrograms as mg, with as many decimals as there are."""
    return f"{Decimal(ug).scaleb(-3).normalize():f}"


@register.filter
def decimals(number: Fraction, places: int) -> str:
    """An exact number, rounded for the eye."""
    return f"{float(number):.{places}f}"


@register.filter
def percent(share: float) -> str:
    """A share as whole percent; what is not nothing is never shown as 0 %."""
    whole = round(float(share) * 100)
    if whole == 0 and share > 0:
        return "<1\N{NO-BREAK SPACE}%"
    return f"{whole}\N{NO-BREAK SPACE}%"


@register.filter
def lower_first(text: str) -> str:
    """For a sentence that goes on inside another."""
    return text[:1].lower() + text[1:]


@register.filter
def clock_time(moment: datetime | None) -> str:
    """10:41 in the clinic's zone."""
    return timezone.localtime(moment).strftime("%H:%M") if moment else ""


@register.filter
def clock_seconds(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%H:%M:%S") if moment else ""


@register.filter
def day(moment: datetime | None) -> str:
    """Thu 24 Nov 2026 in the clinic's zone, in the language of the page."""
    return formats.date_format(timezone.localtime(moment), "D j M Y") if moment else ""


@register.filter
def day_time(moment: datetime | None) -> str:
    return f"{day(moment)}, {clock_time(moment)}" if moment else ""


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, to one unit."""
    if moment is None:
        return ""
    now = clock.now()
    if moment > now:
        return f"in {timesince(now, moment, depth=1)}"
    return f"{timesince(moment, now, depth=1)} ago"


@register.filter
def epoch_ms(moment: datetime | None) -> int | str:
    return int(moment.timestamp() * 1000) if moment else ""


@register.filter
def plain(number: Decimal | Fraction | None) -> str:
    """A figure without trailing zeros: 40, not 40.00."""
    if number is None:
        return ""
    if isinstance(number, Fraction):
        number = Decimal(number.numerator) / number.denominator
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def subject(id: str) -> str:
    """What a public page is about, whatever its language: how, not how-es."""
    return id.removesuffix("-es")


@register.filter
def words(key: str) -> str:
    """A key as words: blood pressure, not blood_pressure."""
    return str(key).replace("_", " ")


@register.filter
def determination_words(id: str) -> str:
    """A determination's id as words: high pressure, not no-high-pressure."""
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
    """An id made with the form, so that a double click saves once."""
    return str(uuid.uuid4())


@register.inclusion_tag("components/field.html")
def field(bound: Any) -> dict[str, Any]:
    return {"field": bound}


# How each sort of determination looks and is called in each state: (class, mark, words). Red is for what stands
# against treatment, not for every "no".
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
    """One criterion; `evidence` turns record ids into what a person calls the record, `titles` its id into a name."""
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
