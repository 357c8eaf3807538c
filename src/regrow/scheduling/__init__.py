"""Schedule whole treatment series under the clinic's capacity, opening hours and a payer's limits.

Input: chairs, shifts, booked slots and series requests. Output: plans with a chair and a nurse for every visit, best
first, or `NoAvailability` with the reason. Pure: no database, no clock.
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
