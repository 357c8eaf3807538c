"""Each rule as one sentence, made from its file, so that it can be read aloud and signed."""

from collections.abc import Callable, Mapping
from typing import Any

from .repository import KnowledgeFile

ACTIONS = {
    "hard": "is closed",
    "gate": "waits for the prescriber's reason",
    "warn": "shows a caution",
    "info": "is told",
}
ROUTES = {
    "iv-racemic": "IV racemic ketamine",
    "spravato": "Spravato",
    "oral": "by mouth",
    "sublingual": "under the tongue",
}


def summarize(document: KnowledgeFile) -> str:
    """What the file says, in a sentence or two; empty for a kind that reads well by itself."""
    made = _SENTENCES.get(document.kind)
    return made(document.contents) if made else ""


def _criterion(raw: Mapping[str, Any]) -> str:
    found = "; or ".join(_found_when(look) for look in raw["look_for"])
    says = (
        f"It is there when {found}, or when somebody says so."
        if found
        else "It is there when somebody says so."
    )
    asked = "" if raw.get("absent_unless_found") else " It counts as absent only when somebody asked."
    return f"{says}{asked} Then {_then(raw['products'])}."


def _interaction(raw: Mapping[str, Any]) -> str:
    medicines = [*raw["medicines"].get("ids", ()), *(f"any {c}" for c in raw["medicines"].get("classes", ()))]
    never = " Nobody but the prescriber may leave a dose out." if raw.get("never_hold_automatically") else ""
    return f"When {' or '.join(medicines)} is taken, {_then(raw['products'])}.{never}"


def _then(products: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{ROUTES.get(route, route)} {ACTIONS[rule['action']]}" for route, rule in products.items()
    )


def _found_when(look: Mapping[str, Any]) -> str:
    ((kind, value),) = look.items()
    match kind:
        case "condition":
            parts = [f"says {' or '.join(value['words'])}"] if value["words"] else []
            parts += [f"has ICD-10 {', '.join(value['icd10'])}"] if value.get("icd10") else []
            past = ", past ones too" if value.get("ever") else ""
            return f"a recorded condition {' or '.join(parts)}{past}"
        case "age":
            if "under_years" in value:
                return f"the person is under {value['under_years']}"
            return f"the person is {value['from_years']} or older"
        case "blood_pressure":
            upper, lower = value["above_systolic_mmhg"], value["above_diastolic_mmhg"]
            return f"the last blood pressure is above {upper} or above {lower} mmHg"
        case "score":
            return f"{value['instrument'].upper()} is {value['at_least']} or more"
        case "medicine":
            names = [*value.get("ids", ()), *(f"a {c}" for c in value.get("classes", ()))]
            return f"{' or '.join(names)} is taken"
        case _:
            return f"a test says {' or '.join(value['positive_words'])}"


def _definition(raw: Mapping[str, Any]) -> str:
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


def _scale(raw: Mapping[str, Any]) -> str:
    parts = [f"{len(raw['items'])} item{'s' if len(raw['items']) > 1 else ''}"]
    if raw["scoring"]["kind"] != "levels":
        parts.append(f"{raw['total']['min']} to {raw['total']['max']}, {raw['direction'].replace('_', ' ')}")
    parts.append(f"looking back {raw['recall_days']} days" if raw["recall_days"] else "as it is now")
    if "response" in raw:
        parts.append(f"response from a fall of {raw['response']['fall_at_least_percent']} %")
    if "remission" in raw:
        parts.append(f"remission at {raw['remission']['total_at_most']} or less")
    missing = raw["missing"]
    parts.append(
        f"up to {missing['most']} blanks prorated" if missing["rule"] == "prorate" else "no blank is allowed"
    )
    return f"{'; '.join(parts)}."


def _medicines(raw: Mapping[str, Any]) -> str:
    all_ = raw["medicines"]
    dosed = sum(1 for m in all_ if m.get("adequate") or m.get("forms"))
    bare = [
        m["id"]
        for m in all_
        if "antidepressant" in m.get("roles", ()) and not (m.get("adequate") or m.get("forms"))
    ]
    without = f" Without one, because none is published: {', '.join(bare)}." if bare else ""
    return f"{len(all_)} medicines, {dosed} with a least adequate dose.{without}"


def _route(raw: Mapping[str, Any]) -> str:
    if not raw["offered"]:
        return "Shown for comparison; candidacy does not decide about it here."
    return (
        f"Open when {' and '.join(raw.get('needs_all', ()))} and one of {', '.join(raw.get('needs_any', ()))} are met, "
        "nothing closes it, and every gate is accepted."
    )


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "criterion": _criterion,
    "interaction": _interaction,
    "definition": _definition,
    "scale": _scale,
    "medicines": _medicines,
    "route": _route,
}
