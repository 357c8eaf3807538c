"""What a knowledge file becomes: frozen values. Figures that decide are Decimal or int, never float."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from .session_rules import SessionRules


@dataclass(frozen=True)
class Limits:
    """The signed limits that a dose decision reads; None where nothing was signed for it.

    `score_fresh_days`: no older score decides. `score_before_dose_days`: at most so many of the days that a score
    looks back on may lie before the last dose.
    """

    counts_as_given_percent: Decimal | None
    absolute_dose_mg: Decimal | None
    score_fresh_days: Decimal | None
    score_before_dose_days: Decimal | None
    weight_change_percent: Decimal | None

    @classmethod
    def names(cls) -> Sequence[str]:
        return [field.name for field in fields(cls)]

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Limits":
        return cls(**{name: Decimal(values[name]) if name in values else None for name in cls.names()})


@dataclass(frozen=True)
class StopRule:
    """When a session at home does not begin or goes no further: for the nurse, and for the person by language."""

    id: str
    text: str
    plain: Mapping[str, str]


@dataclass(frozen=True)
class HomeRules:
    """How a session at home is held. `signs` are what the person measures; `lost` what is done, in order, when they
    cannot be reached.
    """

    signs: Sequence[str]
    stop: Sequence[StopRule]
    lost: Sequence[str]


@dataclass(frozen=True)
class Protocol:
    """How a course is run, by any route. Safety limits are not here: they are signed apart.

    `unset_limits` must be signed before a session opens; `optional_limits` may stay empty. `titration` is the id and
    the version of the rule that moves the dose, None where the regimen is fixed. `home` is None in the clinic.
    """

    id: str
    version: int
    effective: date
    title: str
    route: str
    source: str
    sessions: int
    session: SessionRules
    regimen: str
    unset_limits: Sequence[str]
    optional_limits: Sequence[str]
    titration: tuple[str, int] | None
    home: HomeRules | None


@dataclass(frozen=True)
class InfusionProtocol(Protocol):
    """A protocol whose dose is given by a pump. `minutes` grow where the rule's rate cap asks for it."""

    every_days: int
    minutes: int
    vial_mg_per_ml: Decimal
    bag_ml: Decimal
    bag_policy: str
    syringe_step_ml: Decimal
    weight_basis: str


@dataclass(frozen=True)
class CustodyRules:
    """How long a container may be used, in days, and how often all of them are counted, in months."""

    patient_named_days: int
    multi_dose_days: int
    inventory_every_months: int


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


@dataclass(frozen=True)
class Curve:
    """Vital signs over minutes, for the simulated monitor. `columns` begin with the minute."""

    id: str
    title: str
    columns: Sequence[str]
    points: Sequence[Sequence[float]]


@dataclass(frozen=True)
class RemsField:
    """One question of a REMS form. `origin` says where its answer comes from, such as session.total_min.

    For chart.takes the `classes` of medicines are named that count.
    """

    id: str
    text: str
    origin: str
    required: bool
    classes: Sequence[str] = ()


@dataclass(frozen=True)
class RemsForm:
    """One version of a REMS monitoring form: blocks of fields, and the calendar days until it is due."""

    id: str
    version: int
    effective: date
    title: str
    medicine: str
    due_days: int
    blocks: Sequence[tuple[str, Sequence[RemsField]]]


@dataclass(frozen=True)
class Figure:
    """One published figure, never shown without its n, its comparator and its source."""

    key: str
    value: str
    statement: str
    n: str
    comparator: str
    source: str
    mark: str
    interval: str = ""
    population: str = ""
    note: str = ""
    es: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> "Figure":
        """The same figure in another language, where a page for patients shows it."""
        if language != "es" or not self.es:
            return self
        in_spanish: Any = self.es
        return replace(self, **in_spanish)


@dataclass(frozen=True)
class Source:
    key: str
    title: str
    where: str


@dataclass(frozen=True)
class PayerCriterion:
    """One criterion of a payer. Which fields are set follows from `kind`."""

    id: str
    kind: str
    text: str
    years: int = 0
    icd10: Sequence[str] = ()
    at_least: int = 0
    weeks_at_least: int = 0
    different_classes: bool = False
    current_episode: bool = False
    improvement_at_most_percent: Decimal = Decimal(0)
    instrument: str = ""


@dataclass(frozen=True)
class Payer:
    id: str
    version: int
    effective: date
    title: str
    medicine: str
    source: str
    mark: str
    initial_months: int
    criteria: Sequence[PayerCriterion]


@dataclass(frozen=True)
class ClinicProfile:
    """Who the clinic is: shown on public pages and letters.

    `open` is when sessions can be held: weekdays (0 for Monday), from, to. `video_link` is the clinic's room for
    talks by video, empty where each talk has a link of its own.
    """

    id: str
    title: str
    address: Sequence[str]
    zone: str
    locale: str
    text_number: str
    text_number_digits: str
    email: str
    hours: Sequence[str]
    interview_min: int
    first_reply: str
    brings: Sequence[str]
    brings_es: Sequence[str]
    infusion_usd: Decimal
    interview_usd: Decimal
    patients_per_nurse: int
    open: Sequence[tuple[frozenset[int], time, time]]
    video_service: str
    video_link: str


@dataclass(frozen=True)
class AftercareStep:
    id: str
    from_hours: int
    to_hours: int
    title: str
    choices: Sequence[str]


@dataclass(frozen=True)
class Aftercare:
    title: str
    note: str
    steps: Sequence[AftercareStep]
    avoid: Sequence[str]
    driving: str
    driving_source: str


@dataclass(frozen=True)
class LearnSection:
    title: str
    text: str
    source: str | None = None


@dataclass(frozen=True)
class LearnPage:
    """`subject` is what the page is about, whatever its language; its address."""

    id: str
    order: int
    title: str
    lead: str
    sections: Sequence[LearnSection]
    language: str = "en"

    @property
    def subject(self) -> str:
        return self.id.removesuffix(f"-{self.language}")


@dataclass(frozen=True)
class JourneyStep:
    """A question of the way, with its short answer; `page` is where more stands: a public page's subject, or how."""

    id: str
    question: str
    short: str
    page: str


@dataclass(frozen=True)
class PatientJourney:
    """From the first question to the first session; `then` is what happens once somebody writes."""

    id: str
    title: str
    lead: str
    stations: Sequence[JourneyStep]
    then_title: str
    then: Sequence[str]


@dataclass(frozen=True)
class ExplorableStep:
    """One stage: its lane of the chart, the minute at which to look, a sentence, and what it rests on."""

    id: str
    lane: str
    name: str
    minute: float
    sentence: str
    more: str
    basis: str
    source: str


@dataclass(frozen=True)
class InteractiveFigure:
    """The words of a picture to explore; `answers` are those to the open question, by hypothesis."""

    id: str
    title: str
    lead: str
    steps: Sequence[ExplorableStep]
    question: str
    question_text: str
    answers: Mapping[str, str]
    notes: Sequence[str]


@dataclass(frozen=True)
class PictureStep:
    """One step of a picture; each field is the key of a figure, None where there is none."""

    name: str
    entered: str
    remission: str
    response: str | None
    left: str | None


@dataclass(frozen=True)
class PictureReading:
    title: str
    cumulative: str
    text: str


@dataclass(frozen=True)
class FigureSet:
    """Figures shown together, with every reading of them side by side."""

    id: str
    title: str
    lead: str
    plain: str
    steps: Sequence[PictureStep]
    readings: Sequence[PictureReading]
