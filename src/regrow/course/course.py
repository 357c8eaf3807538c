"""The course and queries on it.

Each record carries when it became known (`recorded_at`) and when it happened, so that a past decision can be recomputed
from what was known then (`as_of`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class CourseScore:
    """One completed scale. `total` is None when it could not be scored; a blank `suicide_item` stays None.

    Version, language and recall window decide which scores are comparable. A `prorated` total is a fraction.
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
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class AdministeredDose:
    """One administered dose: `ordered` in `unit` (mg/kg or mg), `delivered_percent` of it.

    `tolerated` is False when the session ended so, with the reason in `because`. `systolic_start_mmhg` is the last
    systolic pressure before the dose, `systolic_rise_mmhg` the highest one after it minus that, `cadss` the highest sum
    of its six items; None where not measured.
    """

    session_id: str
    ended_at: datetime
    ordered: Decimal
    unit: str
    delivered_mg: Decimal
    delivered_percent: Decimal
    tolerated: bool
    because: str = ""
    weight_kg: Decimal | None = None
    minutes: Decimal | None = None
    systolic_start_mmhg: int | None = None
    systolic_rise_mmhg: int | None = None
    cadss: int | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class AlertRecord:
    """A safety alert that needs action; open from `raised_at` until `closed_at`."""

    id: str
    raised_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True)
class ClinicianStatement:
    """A clinician's statement. `kind` is one of `WORDS`; `about` the session it clears, else empty."""

    id: str
    kind: str
    at: datetime
    about: str = ""


# contact: spoke with the patient · clearance: a higher dose may be given again after a session that was not tolerated
# review: decided after a review · estimate_off, estimate_on: whether the model's estimate is shown for this patient
WORDS = ("contact", "clearance", "review", "estimate_off", "estimate_on")


@dataclass(frozen=True)
class WeightRecord:
    id: str
    kg: Decimal
    at: datetime
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class MedicineChange:
    """A medication started, stopped or changed during the course. `what` is one of `MEDICINES`."""

    id: str
    what: str
    at: datetime
    text: str = ""


# An antidepressant changes the course without ketamine; an interacting drug changes ketamine's effect.
MEDICINES = ("antidepressant_started", "antidepressant_stopped", "interacting_started", "interacting_stopped")


@dataclass(frozen=True)
class Signed:
    """The clinical limits of a course, as the medical director signed them: exact decimals, by name."""

    id: str
    protocol_id: str
    protocol_version: int
    limits: Mapping[str, str]
    at: datetime


@dataclass(frozen=True)
class PatientFactors:
    """Patient factors; None where unknown."""

    age_years: int | None = None
    sex: str = "unknown"
    height_cm: Decimal | None = None
    failed_trials: int | None = None
    hypertension: bool | None = None
    antidepressant: bool | None = None
    weight_basis: str = "actual"


@dataclass(frozen=True)
class TreatmentCourse:
    """All inputs of a dose decision, in any order of records. `signed` is None without a signature."""

    id: str
    protocol_id: str
    scores: Sequence[CourseScore] = ()
    doses: Sequence[AdministeredDose] = ()
    alerts: Sequence[AlertRecord] = ()
    signed: Signed | None = None
    words: Sequence[ClinicianStatement] = ()
    weights: Sequence[WeightRecord] = ()
    medicines: Sequence[MedicineChange] = ()
    about: PatientFactors = field(default_factory=PatientFactors)

    @property
    def doses_in_order(self) -> Sequence[AdministeredDose]:
        return sorted(self.doses, key=lambda dose: (dose.ended_at, dose.session_id))

    def scores_in_order(self, instrument: str) -> Sequence[CourseScore]:
        return sorted(
            (s for s in self.scores if s.instrument == instrument), key=lambda s: (s.taken_at, s.id)
        )

    @property
    def open_alerts(self) -> Sequence[str]:
        return sorted(alert.id for alert in self.alerts if alert.closed_at is None)

    @property
    def weight(self) -> WeightRecord | None:
        """Return the newest weight."""
        return max(self.weights, key=lambda w: (w.at, w.id), default=None)

    def said(self, kind: str) -> Sequence[ClinicianStatement]:
        """Return the statements of one kind, oldest first."""
        return sorted((w for w in self.words if w.kind == kind), key=lambda w: (w.at, w.id))


def as_of(course: TreatmentCourse, at: datetime) -> TreatmentCourse:
    """Return the course as known at a moment: later records are absent, an alert closed later is open."""

    def known(happened: datetime, recorded: datetime | None) -> bool:
        return max(happened, recorded or happened) <= at

    return replace(
        course,
        scores=[s for s in course.scores if known(s.taken_at, s.recorded_at)],
        doses=[d for d in course.doses if known(d.ended_at, d.recorded_at)],
        alerts=[
            replace(a, closed_at=a.closed_at if a.closed_at and a.closed_at <= at else None)
            for a in course.alerts
            if a.raised_at <= at
        ],
        signed=course.signed if course.signed and course.signed.at <= at else None,
        words=[w for w in course.words if w.at <= at],
        weights=[w for w in course.weights if known(w.at, w.recorded_at)],
        medicines=[m for m in course.medicines if m.at <= at],
    )


def baseline(course: TreatmentCourse, instrument: str) -> CourseScore | None:
    """Return the last valid score before the first dose; before any dose, the last valid score."""
    doses = course.doses_in_order
    valid = [s for s in course.scores_in_order(instrument) if s.total is not None]
    before = [s for s in valid if not doses or s.taken_at < doses[0].ended_at]
    return before[-1] if before else None


def latest_score(course: TreatmentCourse, instrument: str) -> CourseScore | None:
    """Return the newest score of the instrument, valid or not."""
    sheets = course.scores_in_order(instrument)
    return sheets[-1] if sheets else None
