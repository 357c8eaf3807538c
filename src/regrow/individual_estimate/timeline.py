"""A course in whole days, as the estimate reads it: day 0 is that of the first dose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from regrow.course import CourseScore, TreatmentCourse
from regrow.simulation.scales import MODELED, Severity

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DoseDay:
    """What really went in, in mg/kg, over how many minutes; `antidepressant` whether one was taken then."""

    day: int
    mg_per_kg: float
    minutes: float
    antidepressant: bool
    systolic_rise_mmhg: int | None
    id: str


@dataclass(frozen=True)
class ScoreDay:
    """A rating in points of the course's instrument. `read_as` is that instrument's own id, or another's.

    `looks_back` days are weighed by recall; 1 is a rating of the moment. `noise` multiplies its error.
    """

    day: int
    points: float
    instrument: str
    looks_back: int
    noise: float
    id: str


@dataclass(frozen=True)
class Timeline:
    """`started_on` and `new_on` count in days: when the antidepressant changed (None if it did not)."""

    doses: Sequence[DoseDay]
    scores: Sequence[ScoreDay]
    today: int
    new_antidepressant_on: int | None
    notes: Sequence[str]

    @property
    def key(self) -> tuple[object, ...]:
        """Everything that an answer depends on."""
        return (
            tuple(
                (d.day, d.mg_per_kg, d.minutes, d.antidepressant, d.systolic_rise_mmhg) for d in self.doses
            ),
            tuple((s.day, s.points, s.instrument, s.looks_back, s.noise) for s in self.scores),
            self.today,
            self.new_antidepressant_on,
        )


def timeline_of(
    course: TreatmentCourse, instrument: str, at: datetime, *, interaction_noise: float, severity: Severity
) -> Timeline:
    """`course` is what was known at `at`. Scores that could not be scored, or were prorated, are left out."""
    doses = [d for d in course.doses_in_order if d.unit == "mg/kg" and d.delivered_percent > 0]
    start = doses[0].ended_at if doses else at

    def day(moment: datetime) -> int:
        return round((moment - start) / _DAY)

    taken = course.about.antidepressant
    began_with = True if taken is None else taken
    changes = sorted(
        (m for m in course.medicines if m.what.startswith("antidepressant")), key=lambda m: (m.at, m.id)
    )

    def with_antidepressant(moment: datetime) -> bool:
        before = [m for m in changes if m.at <= moment]
        return before[-1].what == "antidepressant_started" if before else began_with

    interacting = [m.at for m in course.medicines if m.what.startswith("interacting")]
    notes = []
    if taken is None:
        notes.append(
            "Whether an antidepressant is taken is not documented; the estimate takes it that one is"
        )
    if interacting:
        notes.append("An interacting medicine was begun or left off: scores since then are trusted less")
    others = sorted(
        {s.instrument for s in course.scores if s.instrument in MODELED and s.instrument != instrument}
    )
    if others:
        notes.append(f"Scores on {', '.join(others)} are read through published tables, with their scatter")
    started = [m for m in changes if m.what == "antidepressant_started" and m.at > start]
    if changes:
        notes.append("The antidepressant changed in the course")
    return Timeline(
        doses=[
            DoseDay(
                day(d.ended_at),
                float(d.ordered * d.delivered_percent / 100),
                float(d.minutes) if d.minutes is not None else 0.0,
                with_antidepressant(d.ended_at),
                d.systolic_rise_mmhg,
                d.session_id,
            )
            for d in doses
        ],
        scores=[
            ScoreDay(
                day(s.taken_at),
                float(s.total),
                s.instrument,
                severity.recall_days.get(s.instrument, 1),
                interaction_noise if any(at <= s.taken_at for at in interacting) else 1.0,
                s.id,
            )
            for s in _readable(course, instrument)
            if s.total is not None
        ],
        today=max(day(at), 0),
        new_antidepressant_on=day(started[0].at) if started else None,
        notes=notes,
    )


def _readable(course: TreatmentCourse, instrument: str) -> Sequence[CourseScore]:
    """On the course's instrument, or on one that a published table joins it to; comparable by language and recall."""
    own = course.scores_in_order(instrument)
    language = own[0].language if own else None
    found = [
        s
        for s in course.scores
        if s.instrument in MODELED
        and s.total is not None
        and not s.prorated
        and s.language in (language, s.language)
    ]
    # Of two ratings of one day the one on the course's instrument counts.
    return sorted(found, key=lambda s: (s.taken_at, s.instrument != instrument, s.id))
