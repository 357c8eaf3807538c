"""The rules of candidacy: definitions, criteria, interactions, work-up, staging, routes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .drug import Formulary
from .scale import Scale


@dataclass(frozen=True)
class FailedTrials:
    """How many antidepressant courses must have failed, and which count. `doses` names a list of least doses."""

    at_least: int
    intolerance_counts: bool
    current_episode_only: bool
    adequate_weeks: int
    helped_from_improvement_percent: Decimal
    doses: str


@dataclass(frozen=True)
class HasDiagnosis:
    """A diagnosis whose ICD-10 code begins with one of `icd10` and with none of `but_not`, or a SNOMED CT code."""

    icd10: tuple[str, ...]
    but_not: tuple[str, ...]
    snomed: frozenset[str]


@dataclass(frozen=True)
class Takes:
    """A medicine of a role is taken now."""

    role: str


@dataclass(frozen=True)
class Suicidality:
    """Suicidal thoughts or behaviour: by the triage levels of an instrument, single items, or a record.

    `actions` are the least that must be done at each level.
    """

    find: "LookCondition"
    instrument: str
    levels: Sequence[str]
    items: Sequence[tuple[str, int]]
    items_decide: bool
    actions: Mapping[str, str]


@dataclass(frozen=True)
class AllOf:
    of: Sequence[str]


DefinitionRule = FailedTrials | HasDiagnosis | Takes | Suicidality | AllOf


@dataclass(frozen=True)
class Definition:
    """One definition of who may be treated; `text` for the prescriber, `plain` for the patient."""

    id: str
    version: int
    order: int
    title: str
    text: str
    plain: str
    mark: str
    source: str
    rule: DefinitionRule


@dataclass(frozen=True)
class LookCondition:
    """A recorded condition, by words in its name or by code; `ever` counts a past one too."""

    words: "re.Pattern[str] | None"
    not_words: "re.Pattern[str] | None"
    icd10: tuple[str, ...]
    snomed: frozenset[str]
    ever: bool

    def means(self, text: str, icd10: str, snomed: str) -> bool:
        """Whether one record is what is looked for."""
        if self.not_words and self.not_words.search(text):
            return False
        by_word = self.words is not None and self.words.search(text) is not None
        by_icd10 = bool(self.icd10) and icd10.upper().startswith(self.icd10)
        return by_word or by_icd10 or snomed in self.snomed


@dataclass(frozen=True)
class LookAge:
    under_years: int | None
    from_years: int | None


@dataclass(frozen=True)
class LookPressure:
    above_systolic_mmhg: Decimal
    above_diastolic_mmhg: Decimal


@dataclass(frozen=True)
class LookScore:
    instrument: str
    at_least: int


@dataclass(frozen=True)
class LookMedicine:
    classes: frozenset[str]
    ids: frozenset[str]


@dataclass(frozen=True)
class LookMeasurement:
    """A laboratory result, positive when its words say so."""

    loinc: frozenset[str]
    positive_words: Sequence[str]


Look = LookCondition | LookAge | LookPressure | LookScore | LookMedicine | LookMeasurement


@dataclass(frozen=True)
class ProductRule:
    """What a finding means for one product. `action`: hard, gate, warn or info."""

    kind: str
    action: str
    note: str
    mark: str
    source: str


@dataclass(frozen=True)
class Criterion:
    """A contraindication or caution. Its determination is met when it is absent."""

    id: str
    version: int
    title: str
    text: str
    plain: str
    ask: str
    ask_es: str
    needs: str
    look_for: Sequence[Look]
    absent_unless_found: bool
    only_sex: Sequence[str]
    absent: str
    determination: str
    products: Mapping[str, ProductRule]


@dataclass(frozen=True)
class DiazepamEquivalent:
    """Above how many mg of diazepam a day a published study saw a difference."""

    tell_above_mg_per_day: Decimal
    mark: str
    source: str
    study: str


@dataclass(frozen=True)
class Interaction:
    """A medicine that matters for the treatment. Its determination is met when it is taken."""

    id: str
    version: int
    title: str
    text: str
    plain: str
    medicines: LookMedicine
    diazepam_equivalent: DiazepamEquivalent | None
    same_day: bool
    never_hold_automatically: bool
    never_hold_why: str
    does: str
    products: Mapping[str, ProductRule]


@dataclass(frozen=True)
class WorkupItem:
    """One thing to be on record before the first dose. Which of the `done_by` fields is set says what shows it."""

    id: str
    text: str
    plain: str
    scores: Sequence[str]
    measurements: Sequence[str]
    loinc: frozenset[str]
    trials: bool
    conditions: Sequence[str]
    only_sex: Sequence[str]
    required: bool
    mark: str
    source: str


@dataclass(frozen=True)
class Ladder:
    """Stages by what has failed: (stage, text, what it needs), lowest first."""

    stages: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Points:
    """A staging by points; each table is in the order of its file."""

    duration: Sequence[tuple[int | None, int, str]]
    severity: Sequence[tuple[tuple[str, ...], int, str]]
    failures: Sequence[tuple[int | None, int]]
    augmentation_points: int
    ect_points: int
    bands: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Staging:
    id: str
    version: int
    title: str
    text: str
    counts_by: str
    mark: str
    source: str
    scheme: Ladder | Points


@dataclass(frozen=True)
class Cell:
    """One cell of the comparison of routes, with the figures it rests on."""

    text: str
    es: str
    figures: Sequence[str]
    mark: str
    source: str

    def in_language(self, language: str) -> str:
        return self.es if language == "es" else self.text


@dataclass(frozen=True)
class RouteFile:
    """A way to be treated: what it needs, and how it compares. `title_es` is its title in Spanish."""

    id: str
    version: int
    title: str
    order: int
    group: str
    offered: bool
    labelled: bool
    plain: str
    needs_any: Sequence[str]
    needs_all: Sequence[str]
    for_: str
    for_plain: str
    cells: Mapping[str, Cell]
    title_es: str = ""

    def title_in(self, language: str) -> str:
        return self.title_es if language == "es" and self.title_es else self.title


@dataclass(frozen=True)
class CandidacyRules:
    """All that a determination of candidacy may depend on, besides the chart and the day."""

    definitions: Sequence[Definition]
    criteria: Sequence[Criterion]
    interactions: Sequence[Interaction]
    workup: Sequence[WorkupItem]
    stagings: Sequence[Staging]
    routes: Sequence[RouteFile]
    scales: Mapping[str, Scale]
    formulary: Formulary
