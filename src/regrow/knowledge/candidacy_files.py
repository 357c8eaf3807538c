"""From a file of candidacy, valid by its schema, to the rule it means."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .candidacy import (
    AllOf,
    Cell,
    Criterion,
    Definition,
    DefinitionRule,
    DiazepamEquivalent,
    FailedTrials,
    HasDiagnosis,
    Interaction,
    Ladder,
    Look,
    LookAge,
    LookCondition,
    LookMeasurement,
    LookMedicine,
    LookPressure,
    LookScore,
    Points,
    ProductRule,
    RouteFile,
    Staging,
    Suicidality,
    Takes,
    WorkupItem,
)

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
            made = HasDiagnosis(
                tuple(rule["icd10"]), tuple(rule["except"]), frozenset(rule.get("snomed", ()))
            )
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
        ask_es=raw.get("ask_es", raw["ask"]),
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
        title_es=raw["title_es"],
        cells={
            name: Cell(cell["text"], cell["es"], tuple(cell.get("figures", ())), cell["mark"], cell["source"])
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
