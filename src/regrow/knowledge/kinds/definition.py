"""A definition of who may be treated: treatment-resistant, depressed, acutely suicidal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, TitleOf

from .criterion import LookCondition, condition_of


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


def read(raw: Raw) -> Definition:
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
            made = HasDiagnosis(
                tuple(rule["icd10"]), tuple(rule["except"]), frozenset(rule.get("snomed", ()))
            )
        case "takes":
            made = Takes(rule["role"])
        case "suicidality":
            made = Suicidality(
                find=condition_of(rule),
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


def check(files: Files, document: KnowledgeFile, definition: Definition) -> Iterator[Problem]:
    match definition.rule:
        case AllOf(of=names):
            for name in names:
                if name not in files.ids("definition"):
                    yield ["rule"], f"there is no definition {name!r}."
        case Suicidality(instrument=instrument, items=items):
            for id in (instrument, *(name for name, _ in items)):
                if id not in files.ids("scale"):
                    yield ["rule"], f"there is no scale {id!r}."
        case _:
            return


def summarize(raw: Raw, _title_of: TitleOf) -> str:
    rule = raw["rule"]
    match rule["kind"]:
        case "failed-trials":
            where = "in the current episode" if rule["current_episode_only"] else "at any time"
            counts = "counts as failed" if rule["intolerance_counts"] else "does not count"
            return (
                f"Met by {rule['at_least']} different antidepressants {where}, each for {rule['adequate_weeks']} weeks or "
                f"more at the {rule['doses']} least dose, without response. Stopping for side effects {counts}."
            )
        case "diagnosis":
            but = f", but not {', '.join(rule['except'])}" if rule["except"] else ""
            return f"Met by a diagnosis with ICD-10 {' or '.join(rule['icd10'])}{but}."
        case "takes":
            return f"Met when any {rule['role']} is taken now."
        case "suicidality":
            items = " or ".join(f"item {i['item']} of {i['instrument'].upper()}" for i in rule["items"])
            then = "also means yes" if rule["items_decide"] else "asks for it, and does not decide"
            return (
                f"Met when {rule['instrument'].upper()} says {' or '.join(rule['levels'])}, or by a record. "
                f"A positive {items} {then}."
            )
        case _:
            return f"Met when all of these are: {', '.join(rule['of'])}."


KIND = Kind(
    id="definition",
    folder="candidacy/definitions",
    label="Eligibility definition",
    read=read,
    check=check,
    summarize=summarize,
)
