"""A talk as values: where the other person was, who they were shown to be, and what was written by section."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class VisitArrival:
    """What is settled before anything is asked. Empty is not recorded.

    `identity` is an id of the guide; `callback` the number to call when the line breaks; `present` who else is there.
    """

    place: str = ""
    identity: str = ""
    callback: str = ""
    present: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""


@dataclass(frozen=True)
class IntakeVisit:
    """`words` is the free text by section; `outcome` an ending of the guide, empty while the talk goes on."""

    began_at: datetime
    arrival: VisitArrival = VisitArrival()
    words: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None
    outcome: str = ""
    reason: str = ""
