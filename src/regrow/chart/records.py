"""The records of a chart. Every record has an id; unknown values stay None."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Outcome(StrEnum):
    """How an antidepressant trial ended."""

    NO_RESPONSE = "no_response"
    PARTIAL = "partial"
    INTOLERANCE = "intolerance"
    STILL_TAKING = "still_taking"
    RESPONSE = "response"


@dataclass(frozen=True)
class Diagnosis:
    id: str
    icd10: str
    text: str = ""
    episode_start: date | None = None


@dataclass(frozen=True)
class Trial:
    """One antidepressant trial; None means not documented, never zero.

    `augments` is the id of the trial this drug was added to, if it was an augmentation.
    """

    id: str
    drug: str
    dose_mg_per_day: Decimal | None = None
    weeks: int | None = None
    outcome: Outcome | None = None
    improvement_percent: Decimal | None = None
    current_episode: bool | None = None
    rxnorm: str = ""
    adherent: bool | None = None
    augments: str = ""


@dataclass(frozen=True)
class Condition:
    id: str
    text: str
    icd10: str = ""
    snomed: str = ""
    active: bool = True
    onset: date | None = None


@dataclass(frozen=True)
class Medicine:
    id: str
    text: str
    rxnorm: str = ""
    active: bool = True
    dose_mg_per_day: Decimal | None = None
    last_taken_at: datetime | None = None


@dataclass(frozen=True)
class Treatment:
    """Another treatment: ect, rtms, vns, dbs or psychotherapy. `adequate` is None when not documented."""

    id: str
    kind: str
    text: str = ""
    current: bool = False
    adequate: bool | None = None


@dataclass(frozen=True)
class Measurement:
    """`kind` is weight (kg), height (cm), blood_pressure (mmHg; value/second_value) or a laboratory name."""

    id: str
    kind: str
    value: Decimal
    unit: str
    at: datetime
    second_value: Decimal | None = None
    loinc: str = ""
    text: str = ""


@dataclass(frozen=True)
class Score:
    """One completed scale. `total` is None for a triage, or when only the answers are on file.

    `version` is the version of the instrument's file, None for the current one.
    """

    id: str
    instrument: str
    total: Decimal | None
    at: datetime
    version: int | None = None
    answers: Sequence[int | None] = ()

    @property
    def complete(self) -> bool:
        """Whether it has a total, or every answer."""
        return self.total is not None or (bool(self.answers) and None not in self.answers)


@dataclass(frozen=True)
class Attestation:
    """A signed statement about a criterion that no record can show."""

    id: str
    criterion: str
    holds: bool
    text: str = ""


@dataclass(frozen=True)
class Chart:
    patient_id: str
    name: str = ""
    born: date | None = None
    sex: str = "unknown"
    diagnoses: Sequence[Diagnosis] = ()
    trials: Sequence[Trial] = ()
    conditions: Sequence[Condition] = ()
    medicines: Sequence[Medicine] = ()
    measurements: Sequence[Measurement] = ()
    scores: Sequence[Score] = ()
    treatments: Sequence[Treatment] = ()
    attestations: Sequence[Attestation] = ()

    def latest(self, kind: str) -> Measurement | None:
        """Return the newest measurement of a kind, or None."""
        return max((m for m in self.measurements if m.kind == kind), key=lambda m: (m.at, m.id), default=None)

    def scores_of(self, instrument: str) -> Sequence[Score]:
        """Return the scores of one instrument, oldest first."""
        return sorted((s for s in self.scores if s.instrument == instrument), key=lambda s: (s.at, s.id))

    def attested(self, criterion: str) -> Attestation | None:
        """Return the last statement about a criterion, or None."""
        return next((a for a in reversed(self.attestations) if a.criterion == criterion), None)

    def age_years(self, on: date) -> int | None:
        if self.born is None:
            return None
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))
