"""Clinic capacity: chairs, shifts, opening hours and booked slots."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property


@dataclass(frozen=True)
class TimeRange:
    """A time range; the end is exclusive."""

    start: datetime
    end: datetime

    def holds(self, other: "TimeRange") -> bool:
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: "TimeRange") -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True)
class BookedSlot:
    """One booked visit."""

    chair: str
    nurse: str
    span: TimeRange


@dataclass(frozen=True)
class ClinicCapacity:
    """Chairs, nurses and prescribers with their shifts, and booked slots.

    `nurses` maps a name to the ranges on duty; `prescribers` are the ranges in which one is on site.
    `patients_per_nurse` is the clinic's own ratio. A slot in `taken` on a chair that is not among `chairs` (an at-home
    session) still occupies its nurse.
    """

    chairs: Sequence[str]
    nurses: Mapping[str, Sequence[TimeRange]]
    prescribers: Sequence[TimeRange]
    open: Sequence[TimeRange]
    patients_per_nurse: int = 1
    taken: Sequence[BookedSlot] = ()
    closed: Sequence[TimeRange] = field(default=())

    def is_open(self, span: TimeRange) -> bool:
        return self._hours.holds(span) and not any(c.meets(span) for c in self.closed)

    def has_prescriber(self, span: TimeRange) -> bool:
        """Whether a prescriber is on site throughout, or several in turn without a gap."""
        return self._presence.holds(span)

    def on_duty(self, span: TimeRange) -> list[str]:
        """Return the nurses on duty for the whole visit."""
        return [name for name, shifts in self._shifts.items() if shifts.holds(span)]

    @cached_property
    def _hours(self) -> "_Line":
        return _Line(self.open)

    @cached_property
    def _presence(self) -> "_Line":
        return _Line(self.prescribers)

    @cached_property
    def _shifts(self) -> "Mapping[str, _Line]":
        return {name: _Line(spans) for name, spans in self.nurses.items()}


class _Line:
    """Merged, sorted ranges for fast lookup."""

    def __init__(self, spans: Sequence[TimeRange]) -> None:
        self._starts, self._ends = list[datetime](), list[datetime]()
        for span in sorted(spans, key=lambda s: s.start):
            if self._ends and span.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], span.end)
            else:
                self._starts.append(span.start)
                self._ends.append(span.end)

    def holds(self, span: TimeRange) -> bool:
        place = bisect_right(self._starts, span.start) - 1
        return place >= 0 and span.end <= self._ends[place]
