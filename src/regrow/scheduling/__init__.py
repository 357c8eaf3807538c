"""When a whole series of sessions can be held: chairs, nurses, a prescriber in the house, hours, what a payer allows.

In: what the house has, what is booked, what each person needs. Out: plans with a chair and a nurse for every visit,
the best first, or the sentence why there is none. It knows no database and no clock.
"""

from .capacity import BookedSlot, ClinicCapacity, TimeRange
from .manual import Obstacle, TimeUnavailable, place_at
from .request import SeriesOption, SeriesRequest, VisitRequest, patterns
from .solver import NoAvailability, ScheduledVisit, SeriesPlan, best_options, schedule_all

__all__ = [
    "BookedSlot",
    "ClinicCapacity",
    "NoAvailability",
    "Obstacle",
    "ScheduledVisit",
    "SeriesOption",
    "SeriesPlan",
    "SeriesRequest",
    "TimeRange",
    "TimeUnavailable",
    "VisitRequest",
    "best_options",
    "patterns",
    "place_at",
    "schedule_all",
]
