"""An intake visit as values: patient location, identity, and the narrative of each section."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class VisitArrival:
    """Visit setup. Empty means not recorded.

    `identity` is an id of the guide; `callback` the number to call if the connection drops; `present` who else is
    there.
    """

    place: str = ""
    identity: str = ""
    callback: str = ""
    present: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""


@dataclass(frozen=True)
class IntakeVisit:
    """An intake visit. `words` is the narrative by section; `outcome` an ending of the guide, empty while the visit is
    open.
    """

    began_at: datetime
    arrival: VisitArrival = VisitArrival()
    words: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None
    outcome: str = ""
    reason: str = ""
