"""The course and the few questions every desk asks of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class CourseScore:
    """One answer sheet. `total` is None when it could not be scored; a blank `suicide_item` stays None.

    Version, language and recall window say with which others it may be compared. A `prorated` total is a fraction.
    """

    id: str
    instrument: str
    version: int
    language: str
    recall_days: int
    total: int | Fraction | None
    suicide_item: int | None
    taken_at: datetime
    prorated: bool = False


@dataclass(frozen=True)
class GivenDose:
    """One infusion as it was given. `delivered_percent` is of the ordered dose."""

    session_id: str
    ended_at: datetime
    ordered_mg_per_kg: Decimal
    delivered_mg: Decimal
    delivered_percent: Decimal
    tolerated: bool


@dataclass(frozen=True)
class Course:
    """All that a dose decision may depend on, in any order of records."""

    id: str
    protocol_id: str
    scores: Sequence[CourseScore] = ()
    doses: Sequence[GivenDose] = ()
    open_alerts: Sequence[str] = ()

    @property
    def doses_in_order(self) -> Sequence[GivenDose]:
        return sorted(self.doses, key=lambda dose: (dose.ended_at, dose.session_id))

    def scores_in_order(self, instrument: str) -> Sequence[CourseScore]:
        return sorted(
            (s for s in self.scores if s.instrument == instrument), key=lambda s: (s.taken_at, s.id)
        )


def baseline(course: Course, instrument: str) -> CourseScore | None:
    """The last valid score before the first dose; while nothing was given, the last valid score."""
    doses = course.doses_in_order
    valid = [s for s in course.scores_in_order(instrument) if s.total is not None]
    before = [s for s in valid if not doses or s.taken_at < doses[0].ended_at]
    return before[-1] if before else None


def latest_score(course: Course, instrument: str) -> CourseScore | None:
    """The newest sheet of the instrument, valid or not."""
    sheets = course.scores_in_order(instrument)
    return sheets[-1] if sheets else None


def score_due_from(session_at: datetime, fresh_within_days: int) -> datetime:
    """From when a check-in before a session counts as fresh, and may therefore be asked for."""
    return session_at - timedelta(days=fresh_within_days)
