"""A patient monitor's message as values, independent of its standard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from regrow.knowledge import MonitorRules


class BadMessage(ValueError):
    """A rejected message. The text names the reason and the fix.

    `code` is from HL7 table 0357 (type of error). `rejected`: the message type is not accepted at all (AR); otherwise
    the type is accepted and the content is wrong (AE).
    """

    def __init__(self, text: str, *, code: int, rejected: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.rejected = rejected


# HL7 table 0357
MISSING, NOT_A_VALUE, NOT_IN_TABLE = 101, 102, 103
WRONG_TYPE, WRONG_PROCESSING, WRONG_VERSION = 200, 202, 203
UNKNOWN_KEY, DUPLICATE_KEY, INTERNAL = 204, 205, 207


@dataclass(frozen=True)
class MonitorReading:
    """Vital signs of one moment, under session-log names; `taken_at` is the monitor's clock."""

    taken_at: datetime
    values: Mapping[str, int]


@dataclass(frozen=True)
class MonitorMessage:
    """The content of one message. `id` is the sender's; `patient` is "" where the monitor has no patient id.

    `skipped` names content that is not a vital sign of a session.
    """

    id: str
    device: str
    patient: str
    sent_at: datetime | None
    readings: Sequence[MonitorReading]
    skipped: Sequence[str] = ()


def sign_of(rules: MonitorRules, *codes: str) -> str | None:
    """Return the vital sign of one of these codes; None for any other."""
    named = {code for code in codes if code}
    return next((name for name, sign in rules.signs.items() if named & (sign.loinc | sign.mdc)), None)


def value_of(rules: MonitorRules, name: str, text: str, *units: str) -> int:
    """Convert a value to the log's unit, rounded to a whole number. Raises `BadMessage`."""
    factors = rules.signs[name].units
    unit = next((u for u in units if u in factors), None)
    if unit is None:
        said = " ".join(dict.fromkeys(u for u in units if u)) or "no unit"
        raise BadMessage(
            f"{name} is given in {said}; send it in one of: {', '.join(factors)}.", code=NOT_IN_TABLE
        )
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 100_000:
        raise BadMessage(f"{name}: {text[:20]!r} is not a number.", code=NOT_A_VALUE)
    return int((value * factors[unit]).quantize(Decimal(1), ROUND_HALF_UP))


def by_moment(found: Sequence[tuple[datetime, str, int]]) -> Sequence[MonitorReading]:
    """Group single values into one reading per moment, earliest first."""
    moments: dict[datetime, dict[str, int]] = {}
    for at, name, value in found:
        moments.setdefault(at, {})[name] = value
    return [MonitorReading(at, values) for at, values in sorted(moments.items())]
