"""The rules of candidacy as their files give them: definitions, criteria, interactions, work-up, staging, routes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
    """A diagnosis whose ICD-10 code begins with one of `icd10` and with none of `but_not`."""

    icd10: tuple[str, ...]
    but_not: tuple[str, ...]


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
    figures: Sequence[str]
    mark: str
    source: str


@dataclass(frozen=True)
class RouteFile:
    """A way to be treated: what it needs, and how it compares."""

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


# A record that speaks of somebody else, or says that something is not there, is not what is looked for.
_NOT_THE_PATIENT = (
    "family history",
    "no history of",
    "no evidence of",
    "denies",
    "ruled out",
    "screening for",
    "risk of",
)


def definition_of(raw: Mapping[str, Any]) -> Definition:
    rule = raw["rule"]
    made: DefinitionRule
    match rule["kind"]:
        case "failed-trials":
            made = FailedTrials(
                rule["at_least"],
                rule["intolerance_counts"],
                rule["current_episode_only"],
                rule["adequate_weeks"],
                Decimal(rule["helped_from_improvement_percent"]),
                rule["doses"],
            )
        case "diagnosis":
            made = HasDiagnosis(tuple(rule["icd10"]), tuple(rule["except"]))
        case "takes":
            made = Takes(rule["role"])
        case "suicidality":
            made = Suicidality(
                find=_condition(rule),
                instrument=rule["instrument"],
                levels=tuple(rule["levels"]),
                items=tuple((i["instrument"], i["item"]) for i in rule["items"]),
                items_decide=rule["items_decide"],
                actions={a["level"]: a["text"] for a in rule["actions"]},
            )
        case _:
            made = AllOf(tuple(rule["of"]))
    return Definition(
        raw["id"],
        raw["version"],
        raw["order"],
        raw["title"],
        raw["text"],
        raw["plain"],
        raw["mark"],
        raw["source"],
        made,
    )


def criterion_of(raw: Mapping[str, Any]) -> Criterion:
    return Criterion(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        text=raw["text"],
        plain=raw["plain"],
        ask=raw["ask"],
        needs=raw.get("needs", ""),
        look_for=tuple(_look(look) for look in raw["look_for"]),
        absent_unless_found=raw.get("absent_unless_found", False),
        only_sex=tuple(raw.get("only_sex", ())),
        absent=raw.get("absent", ""),
        determination=raw.get("determination", f"no-{raw['id']}"),
        products=_products(raw["products"]),
    )


def interaction_of(raw: Mapping[str, Any]) -> Interaction:
    equivalent = raw.get("diazepam_equivalent")
    return Interaction(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        text=raw["text"],
        plain=raw["plain"],
        medicines=_medicine(raw["medicines"]),
        diazepam_equivalent=DiazepamEquivalent(
            Decimal(equivalent["tell_above_mg_per_day"]),
            equivalent["mark"],
            equivalent["source"],
            equivalent["study"],
        )
        if equivalent
        else None,
        same_day=raw.get("same_day", False),
        never_hold_automatically=raw.get("never_hold_automatically", False),
        never_hold_why=raw.get("never_hold_why", ""),
        does=raw["does"],
        products=_products(raw["products"]),
    )


def workup_of(raw: Mapping[str, Any]) -> Sequence[WorkupItem]:
    return tuple(
        WorkupItem(
            id=item["id"],
            text=item["text"],
            plain=item.get("plain", item["text"]),
            scores=tuple(item["done_by"].get("score", ())),
            measurements=tuple(item["done_by"].get("measurement", ())),
            loinc=frozenset(item["done_by"].get("loinc", ())),
            trials=item["done_by"].get("trials", False),
            conditions=tuple(item.get("when", {}).get("conditions", ())),
            only_sex=tuple(item.get("when", {}).get("only_sex", ())),
            required=item["required"],
            mark=item["mark"],
            source=item["source"],
        )
        for item in raw["items"]
    )


def staging_of(raw: Mapping[str, Any]) -> Staging:
    scheme = raw["scheme"]
    made: Ladder | Points
    if scheme["kind"] == "ladder":
        made = Ladder(tuple((s["stage"], s["text"], s["needs"]) for s in scheme["stages"]))
    else:
        made = Points(
            duration=tuple((d.get("months_at_most"), d["points"], d["name"]) for d in scheme["duration"]),
            severity=tuple((tuple(s["icd10"]), s["points"], s["name"]) for s in scheme["severity"]),
            failures=tuple((f.get("at_most"), f["points"]) for f in scheme["failures"]),
            augmentation_points=scheme["augmentation_points"],
            ect_points=scheme["ect_points"],
            bands=tuple((b["from"], b["name"]) for b in scheme["bands"]),
        )
    return Staging(
        raw["id"],
        raw["version"],
        raw["title"],
        raw["text"],
        raw["counts_by"],
        raw["mark"],
        raw["source"],
        made,
    )


def route_of(raw: Mapping[str, Any]) -> RouteFile:
    return RouteFile(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        order=raw["order"],
        group=raw["group"],
        offered=raw["offered"],
        labelled=raw["labelled"],
        plain=raw["plain"],
        needs_any=tuple(raw.get("needs_any", ())),
        needs_all=tuple(raw.get("needs_all", ())),
        for_=raw["for"],
        for_plain=raw["for_plain"],
        cells={
            name: Cell(cell["text"], tuple(cell.get("figures", ())), cell["mark"], cell["source"])
            for name, cell in raw.get("cells", {}).items()
        },
    )


def _look(raw: Mapping[str, Any]) -> Look:
    ((kind, value),) = raw.items()
    match kind:
        case "condition":
            return _condition(value)
        case "age":
            return LookAge(value.get("under_years"), value.get("from_years"))
        case "blood_pressure":
            return LookPressure(Decimal(value["above_systolic_mmhg"]), Decimal(value["above_diastolic_mmhg"]))
        case "score":
            return LookScore(value["instrument"], value["at_least"])
        case "medicine":
            return _medicine(value)
        case _:
            words = tuple(word.lower() for word in value["positive_words"])
            return LookMeasurement(frozenset(value["loinc"]), words)


def _condition(raw: Mapping[str, Any]) -> LookCondition:
    return LookCondition(
        words=_any_word(raw["words"]),
        not_words=_any_word([*raw.get("not_words", ()), *_NOT_THE_PATIENT]),
        icd10=tuple(raw.get("icd10", ())),
        snomed=frozenset(raw.get("snomed", ())),
        ever=raw.get("ever", False),
    )


def _any_word(words: Sequence[str]) -> "re.Pattern[str] | None":
    """Finds any of the words at the beginning of a word: `pregnan` means pregnant and pregnancy."""
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE) if words else None


def _medicine(raw: Mapping[str, Any]) -> LookMedicine:
    return LookMedicine(frozenset(raw.get("classes", ())), frozenset(raw.get("ids", ())))


def _products(raw: Mapping[str, Any]) -> Mapping[str, ProductRule]:
    return {
        route: ProductRule(rule["class"], rule["action"], rule.get("note", ""), rule["mark"], rule["source"])
        for route, rule in raw.items()
    }
