"""The shelf: every knowledge file by kind and id, read once and typed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from . import types as t
from .errors import BadKnowledge
from .files import line_of, read

DATA = Path(__file__).parent / "data"
FOLDERS = {
    "scale": "scales",
    "protocol": "protocols",
    "limits": "demo",
    "candidacy": "candidacy",
    "medicines": "medicines",
    "payer": "payers",
    "clinic": "clinics",
    "aftercare": "aftercare",
    "model": "models",
    "learn": "learn",
}


@cache
def _file(kind: str, id: str) -> Mapping[str, Any]:
    folder = DATA / FOLDERS[kind] if kind in FOLDERS else DATA
    path = folder / f"{id}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.yaml")))
        raise BadKnowledge(f"there is no {kind} {id!r}; there is: {known}")
    contents = read(path, kind)
    if contents["id"] != id:
        raise BadKnowledge(f"{path.name}:{line_of(path, ['id'])}: the id must be the file's name, {id}")
    return contents


def ids(kind: str) -> Sequence[str]:
    """The ids of one kind, sorted."""
    return sorted(path.stem for path in (DATA / FOLDERS[kind]).glob("*.yaml"))


@cache
def scale(id: str) -> t.Scale:
    raw = _file("scale", id)
    return t.Scale(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        stem=raw["stem"],
        recall_days=raw["recall_days"],
        items=tuple(t.Item(i["number"], i["text"], i.get("suicide", False)) for i in raw["items"]),
        options=tuple((o["score"], o["text"]) for o in raw["options"]),
        maximum=raw["total"]["max"],
        bands=tuple((b["from"], b["name"]) for b in raw["bands"]),
        response_fall_percent=Decimal(raw["response"]["fall_at_least_percent"]),
        remission_at_most=raw["remission"]["total_at_most"],
        most_missing=raw["missing"]["most"],
        important_change_points=raw.get("important_change", {}).get("points"),
        licence=raw["licence"],
    )


@cache
def protocol(id: str) -> t.Protocol:
    raw = _file("protocol", id)
    return t.Protocol(
        id=raw["id"],
        version=raw["version"],
        effective=date.fromisoformat(raw["effective"]),
        title=raw["title"],
        route=raw["route"],
        source=raw["source"],
        sessions=raw["sessions"]["count"],
        every_days=raw["sessions"]["every_days"],
        start_mg_per_kg=Decimal(raw["start"]["value"]),
        minutes=raw["minutes"]["value"],
        ladder_mg_per_kg=tuple(Decimal(v) for v in raw["ladder"]["values"]),
        ladder_rule=raw["ladder"]["rule"],
        rate_cap_mg_per_kg_h=Decimal(raw["rate_cap"]["value"]),
        instrument=raw["score"]["instrument"],
        fresh_within_days=raw["score"]["fresh_within_days"],
        step_up_below_percent=Decimal(raw["step_up_when"]["fall_below_percent"]),
        vial_mg_per_ml=Decimal(raw["preparation"]["vial_mg_per_ml"]),
        bag_ml=Decimal(raw["preparation"]["bag_ml"]),
        bag_policy=raw["preparation"]["bag_policy"],
        syringe_step_ml=Decimal(raw["preparation"]["syringe_step_ml"]),
        weight_basis=raw["weight_basis"],
        before=tuple((b["id"], b["text"]) for b in raw["before"]),
        discharge=tuple(
            t.DischargeCriterion(d["id"], d["kind"], d["text"], d.get("at_least")) for d in raw["discharge"]
        ),
        unset_limits=tuple(name for name, value in raw["limits"].items() if value == "unset"),
    )


@cache
def demo_limits(protocol_id: str) -> Mapping[str, str]:
    """The limits the demo clinic's invented director signs for a protocol."""
    limits: Mapping[str, str] = _file("limits", f"limits-{protocol_id}")["limits"]
    return limits


@cache
def candidacy_rules(id: str = "trd") -> t.CandidacyRules:
    raw = _file("candidacy", id)

    def conditions(key: str) -> Sequence[t.Condition]:
        return tuple(
            t.Condition(c["id"], c["text"], tuple(c["words"]), tuple(c["icd10"]), c["source"])
            for c in raw[key]
        )

    return t.CandidacyRules(
        id=raw["id"],
        version=raw["version"],
        definitions=tuple(
            t.TrdDefinition(
                id=d["id"],
                text=d["text"],
                failed_trials_at_least=d["failed_trials_at_least"],
                intolerance_counts=d["intolerance_counts"],
                current_episode_only=d["current_episode_only"],
                adequate_weeks=d["adequate_weeks"],
                source=d["source"],
            )
            for d in raw["definitions"]
        ),
        contraindications=conditions("contraindications"),
        cautions=conditions("cautions"),
    )


@cache
def antidepressants() -> Sequence[t.Antidepressant]:
    return tuple(
        t.Antidepressant(m["id"], tuple(m["brands"]), m["class"], Decimal(m["minimum_mg_per_day"]), m["mark"])
        for m in _file("medicines", "antidepressants")["medicines"]
    )


@cache
def payer(id: str) -> t.Payer:
    raw = _file("payer", id)
    return t.Payer(
        id=raw["id"],
        version=raw["version"],
        effective=date.fromisoformat(raw["effective"]),
        title=raw["title"],
        medicine=raw["medicine"],
        source=raw["source"],
        mark=raw["mark"],
        initial_months=raw["initial_months"],
        criteria=tuple(
            t.PayerCriterion(
                id=c["id"],
                kind=c["kind"],
                text=c["text"],
                years=c.get("years", 0),
                icd10=tuple(c.get("icd10", ())),
                at_least=c.get("at_least", 0),
                weeks_at_least=c.get("weeks_at_least", 0),
                different_classes=c.get("different_classes", False),
                current_episode=c.get("current_episode", False),
                improvement_at_most_percent=Decimal(c.get("improvement_at_most_percent", "0")),
                instrument=c.get("instrument", ""),
            )
            for c in raw["criteria"]
        ),
    )


@cache
def clinic(id: str) -> t.ClinicProfile:
    raw = _file("clinic", id)
    return t.ClinicProfile(
        id=raw["id"],
        title=raw["title"],
        address=tuple(raw["address"]),
        zone=raw["zone"],
        text_number=raw["text_number"],
        text_number_digits=raw["text_number_digits"],
        email=raw["email"],
        hours=tuple(f"{h['days']}, {h['from']}–{h['to']}" for h in raw["hours"]),
        interview_min=raw["interview_min"],
        first_reply=raw["first_reply"],
        brings=tuple(raw["brings"]),
        infusion_usd=Decimal(raw["cash_price"]["infusion_usd"]),
        interview_usd=Decimal(raw["cash_price"]["interview_usd"]),
    )


@cache
def aftercare(id: str = "window") -> t.Aftercare:
    raw = _file("aftercare", id)
    return t.Aftercare(
        title=raw["title"],
        note=raw["note"],
        steps=tuple(
            t.AftercareStep(s["id"], s["from_hours"], s["to_hours"], s["title"], tuple(s["choices"]))
            for s in raw["steps"]
        ),
        avoid=tuple(raw["avoid"]),
        driving=raw["driving"],
        driving_source=raw["driving_source"],
    )


@cache
def learn_page(id: str) -> t.LearnPage:
    raw = _file("learn", id)
    return t.LearnPage(
        raw["id"],
        raw["order"],
        raw["title"],
        raw["lead"],
        tuple(t.LearnSection(s["title"], s["text"], s.get("source")) for s in raw["sections"]),
    )


@cache
def model(id: str) -> t.TwoCompartmentModel:
    raw = _file("model", id)
    return t.TwoCompartmentModel(
        id=raw["id"],
        title=raw["title"],
        site=raw["site"],
        v1_l_per_kg=raw["v1_l_per_kg"],
        k10_per_min=raw["k10_per_min"],
        k12_per_min=raw["k12_per_min"],
        k21_per_min=raw["k21_per_min"],
    )


@cache
def sources() -> Mapping[str, t.Source]:
    raw = _file("sources", "sources")["sources"]
    return {key: t.Source(key, value["title"], value["where"]) for key, value in raw.items()}


@cache
def figures() -> Mapping[str, t.Figure]:
    raw = _file("evidence", "evidence")["figures"]
    return {key: t.Figure(key=key, **value) for key, value in raw.items()}


def _named_sources(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and (key == "source" or key.endswith("_source")):
                yield (*path, key), item
            else:
                yield from _named_sources(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _named_sources(item, (*path, index))


def _check_scale(raw: Mapping[str, Any]) -> None:
    best = len(raw["items"]) * max(option["score"] for option in raw["options"])
    if best != raw["total"]["max"]:
        raise BadKnowledge(
            f"{raw['id']}.yaml: total.max is {raw['total']['max']}, the items add up to {best}"
        )


def check(today: date) -> Sequence[str]:
    """Reads every file and returns what is wrong, one sentence each; an empty list means all is well."""
    problems: list[str] = []
    try:
        known = sources()
    except BadKnowledge as error:
        return [str(error)]
    everything = [("sources", "sources"), ("evidence", "evidence")]
    everything += [(kind, id) for kind in FOLDERS for id in ids(kind)]
    for kind, id in everything:
        path = (DATA / FOLDERS[kind] if kind in FOLDERS else DATA) / f"{id}.yaml"
        try:
            raw = _file(kind, id)
            for keys, source in _named_sources(raw):
                if source not in known:
                    line = line_of(path, keys)
                    problems.append(
                        f"{path.name}:{line}: the source {source!r} is not in sources.yaml. Add it there."
                    )
            if date.fromisoformat(raw["effective"]) > today:
                line = line_of(path, ["effective"])
                problems.append(
                    f"{path.name}:{line}: effective {raw['effective']} is in the future, so it is not in force."
                )
            if kind == "scale":
                _check_scale(raw)
        except BadKnowledge as error:
            problems.append(str(error))
    return problems
