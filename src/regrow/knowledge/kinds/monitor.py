"""Codes and units of the vital signs that patient monitors send."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class MonitorSign:
    """What monitors call one vital sign, and by what a value is multiplied in each unit they may say it in."""

    loinc: frozenset[str]
    mdc: frozenset[str]
    units: Mapping[str, Decimal]


@dataclass(frozen=True)
class MonitorRules:
    """The vital signs by the names of the session's log; one reading in `keep_every_s` is kept."""

    keep_every_s: int
    signs: Mapping[str, MonitorSign]


def read(raw: Raw) -> MonitorRules:
    return MonitorRules(
        raw["keep_every_s"]["value"],
        {
            name: MonitorSign(
                frozenset(sign["codes"]["loinc"]),
                frozenset(sign["codes"]["mdc"]),
                {unit: Decimal(factor) for unit, factor in sign["units"].items()},
            )
            for name, sign in raw["signs"].items()
        },
    )


KIND = Kind(id="monitor", folder="monitors", label="Patient monitor signals", read=read)
