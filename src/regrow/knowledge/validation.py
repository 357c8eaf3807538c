"""What can be wrong with knowledge beyond a file's own schema: sources, dates, versions, references."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from .candidacy import (
    AllOf,
    Criterion,
    Definition,
    FailedTrials,
    Interaction,
    LookMedicine,
    LookScore,
    Suicidality,
)
from .candidacy_files import definition_of
from .checks import Checks
from .contact import EscalationPolicy, MessageText, OutreachSchedule, Preparation
from .drug import Drug
from .errors import BadKnowledge
from .files import line_of
from .interview import InterviewGuide
from .loaders import READERS
from .repository import FOLDERS, KnowledgeFile, KnowledgeRepository
from .scale import Crosswalk, Scale, problems_of
from .titration import Titration, titration_problems
from .types import InfusionProtocol

Path = Sequence[str | int]
ASKS_FOR_HELP = "asks-for-help"
_WHERE = re.compile(r"https?://\S+|mailto:\S+@\S+|docs/\S+")
_HOLE = re.compile(r"\{(\w+)\}")
_FIGURE_KEY = re.compile(r"\{([a-z0-9-]+)(?:\.\w+)?\}")


def all_problems(shelf: KnowledgeRepository, today: date) -> Sequence[str]:
    """Everything wrong with every file, the clinic's included."""
    found = list(shelf.problems)
    for kind in FOLDERS:
        for id in shelf.ids(kind):
            try:
                for document in shelf.history(kind, id):
                    if document.ours:
                        found += validate_file(shelf, document, today)
            except BadKnowledge as mistake:
                found.append(str(mistake))
    return list(dict.fromkeys(found))  # a file that cannot be read is named once, not by all that need it


def validate_file(shelf: KnowledgeRepository, document: KnowledgeFile, today: date) -> Sequence[str]:
    """What is wrong with one document, each with file, line and fix. Raises `BadKnowledge` for another file."""
    return [
        f"{document.path.name}:{line_of(document.path, list(where))}: {text}"
        for where, text in _problems(shelf, document, today)
    ]


def _problems(shelf: KnowledgeRepository, document: KnowledgeFile, today: date) -> Iterator[tuple[Path, str]]:
    yield from _dates(shelf, document, today)
    yield from _sources(shelf, document)
    yield from _versions(shelf, document)
    try:
        made = READERS[document.kind](document.contents)
    except (KeyError, TypeError, ValueError, ArithmeticError) as mistake:
        yield [], f"it cannot be read as a {document.kind}: {mistake}."
        return
    referring = _REFERRING.get(document.kind)
    if referring:
        yield from referring(shelf, document, made)


def _dates(shelf: KnowledgeRepository, document: KnowledgeFile, today: date) -> Iterator[tuple[Path, str]]:
    try:
        effective = document.effective
    except ValueError:
        yield ["effective"], f"{document.contents['effective']} is not a day. Write it like 2026-11-24."
        return
    if effective > today:
        text = f"effective {effective} is in the future, so this version is not in force. "
        yield ["effective"], text + "Put it in place on that day; until then keep the version before it."


def _sources(shelf: KnowledgeRepository, document: KnowledgeFile) -> Iterator[tuple[Path, str]]:
    own = document.contents.get("sources", {})
    for key, source in own.items():
        if not _WHERE.fullmatch(source["where"]):
            yield (
                ["sources", key],
                f"the source {key!r} cannot be resolved. Give an address or a page of docs/.",
            )
    known = {**_common_sources(shelf), **own}
    for where, key in _named_sources(document.contents):
        if key not in known:
            yield where, f"the source {key!r} is not known. Add it under `sources` of this file."


def _common_sources(shelf: KnowledgeRepository) -> Mapping[str, Any]:
    def make() -> Mapping[str, Any]:
        return {
            key: value
            for document in shelf.documents("sources")
            for key, value in document.contents["sources"].items()
        }

    return shelf.made(("common sources",), make)


def _named_sources(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and (key == "source" or key.endswith("_source")):
                yield (*path, key), item
            elif key != "sources":
                yield from _named_sources(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _named_sources(item, (*path, index))


def _versions(shelf: KnowledgeRepository, document: KnowledgeFile) -> Iterator[tuple[Path, str]]:
    if not document.ours:
        for ours in _package_versions(shelf, document):
            if ours.version >= document.version:
                text = f"version {document.version} stands already in Regrow's own file. "
                yield ["version"], text + f"Give this one version {ours.version + 1}."
                return
    for before, after in pairwise(shelf.history(document.kind, document.id)):
        if after is document and after.effective <= before.effective and after.ours == before.ours:
            text = f"version {after.version} begins on {after.effective}, not after version {before.version} "
            yield ["effective"], text + f"({before.effective}), so the two overlap. Give it a later day."


def _package_versions(shelf: KnowledgeRepository, document: KnowledgeFile) -> Sequence[KnowledgeFile]:
    own = KnowledgeRepository() if shelf.clinic_folder else shelf
    return own.history(document.kind, document.id) if document.id in own.ids(document.kind) else ()


def _scale(shelf: KnowledgeRepository, document: KnowledgeFile, scale: Scale) -> Iterator[tuple[Path, str]]:
    yield from problems_of(scale, shelf.ids("scale"))


def _crosswalk(
    shelf: KnowledgeRepository, document: KnowledgeFile, crosswalk: Crosswalk
) -> Iterator[tuple[Path, str]]:
    for end, id, place in (("from", crosswalk.from_scale, 0), ("to", crosswalk.to_scale, 1)):
        if id not in shelf.ids("scale"):
            yield [end], f"there is no scale {id!r}."
            continue
        total = shelf.document("scale", id).contents["total"]
        for index, row in enumerate(crosswalk.rows):
            lowest, highest = row[place]
            if not total["min"] <= lowest <= highest <= total["max"]:
                yield (
                    ["rows", index],
                    f"{lowest} to {highest} is not within {total['min']} to {total['max']}.",
                )


def _medicines(
    shelf: KnowledgeRepository, document: KnowledgeFile, drugs: Sequence[Drug]
) -> Iterator[tuple[Path, str]]:
    elsewhere = {
        drug["id"]: other.path.name
        for other in shelf.documents("medicines")
        if other.id != document.id and other.ours == document.ours
        for drug in other.contents["medicines"]
    }
    for index, drug in enumerate(drugs):
        if drug.id in elsewhere:
            yield ["medicines", index], f"{drug.id} stands in {elsewhere[drug.id]} too. Keep one of the two."


def _definition(
    shelf: KnowledgeRepository, document: KnowledgeFile, definition: Definition
) -> Iterator[tuple[Path, str]]:
    match definition.rule:
        case AllOf(of=names):
            for name in names:
                if name not in shelf.ids("definition"):
                    yield ["rule"], f"there is no definition {name!r}."
        case Suicidality(instrument=instrument, items=items):
            for id in (instrument, *(name for name, _ in items)):
                if id not in shelf.ids("scale"):
                    yield ["rule"], f"there is no scale {id!r}."
        case _:
            return


def _criterion(
    shelf: KnowledgeRepository, document: KnowledgeFile, criterion: Criterion
) -> Iterator[tuple[Path, str]]:
    for index, look in enumerate(criterion.look_for):
        if isinstance(look, LookScore) and look.instrument not in shelf.ids("scale"):
            yield ["look_for", index], f"there is no scale {look.instrument!r}."
        if isinstance(look, LookMedicine):
            for text in _missing_drugs(shelf, look):
                yield ["look_for", index], text


def _interaction(
    shelf: KnowledgeRepository, document: KnowledgeFile, interaction: Interaction
) -> Iterator[tuple[Path, str]]:
    for text in _missing_drugs(shelf, interaction.medicines):
        yield ["medicines"], text


def _missing_drugs(shelf: KnowledgeRepository, look: LookMedicine) -> Iterator[str]:
    drugs = [drug for d in shelf.documents("medicines") for drug in d.contents["medicines"]]
    known_ids, known_classes = {drug["id"] for drug in drugs}, {drug["class"] for drug in drugs}
    for id in sorted(look.ids - known_ids):
        yield f"there is no medicine {id!r}. Add it to a file of medicines, or mend the name."
    for name in sorted(look.classes - known_classes):
        yield f"no medicine has the class {name!r}. Add one, or mend the name."


def _workup(shelf: KnowledgeRepository, document: KnowledgeFile, made: Any) -> Iterator[tuple[Path, str]]:
    for index, item in enumerate(made):
        for id in item.scores:
            if id not in shelf.ids("scale"):
                yield ["items", index], f"there is no scale {id!r}."
        for id in item.conditions:
            if id not in shelf.ids("criterion"):
                yield ["items", index], f"there is no criterion {id!r}."


def _staging(shelf: KnowledgeRepository, document: KnowledgeFile, made: Any) -> Iterator[tuple[Path, str]]:
    by = shelf.ids("definition")
    rule = (
        definition_of(shelf.document("definition", made.counts_by).contents).rule
        if made.counts_by in by
        else None
    )
    if not isinstance(rule, FailedTrials):
        yield ["counts_by"], f"{made.counts_by!r} is not a definition that counts failed trials."


def _route(shelf: KnowledgeRepository, document: KnowledgeFile, route: Any) -> Iterator[tuple[Path, str]]:
    for key, names in (("needs_any", route.needs_any), ("needs_all", route.needs_all)):
        for name in names:
            if name not in shelf.ids("definition"):
                yield [key], f"there is no definition {name!r}."
    for name, cell in route.cells.items():
        yield from _figures(shelf, ["cells", name], cell.figures)


def _picture(shelf: KnowledgeRepository, document: KnowledgeFile, picture: Any) -> Iterator[tuple[Path, str]]:
    for index, step in enumerate(picture.steps):
        keys = [key for key in (step.entered, step.remission, step.response, step.left) if key]
        yield from _figures(shelf, ["steps", index], keys)
    for index, reading in enumerate(picture.readings):
        yield from _figures(shelf, ["readings", index], [reading.cumulative])


def _path(shelf: KnowledgeRepository, document: KnowledgeFile, made: Any) -> Iterator[tuple[Path, str]]:
    subjects = {d.id.removesuffix(f"-{d.contents['language']}") for d in shelf.documents("learn")} | {"how"}
    for index, station in enumerate(made.stations):
        if station.page and station.page not in subjects:
            yield ["stations", index, "page"], f"there is no page {station.page!r}."
    yield from _texts(shelf, document, made)


def _texts(shelf: KnowledgeRepository, document: KnowledgeFile, made: Any) -> Iterator[tuple[Path, str]]:
    for where, text in _strings(document.contents):
        yield from _figures(shelf, where, _FIGURE_KEY.findall(text))


def _figures(shelf: KnowledgeRepository, where: Path, keys: Sequence[str]) -> Iterator[tuple[Path, str]]:
    known = {key for d in shelf.documents("evidence") for key in d.contents["figures"]}
    for key in keys:
        if key not in known:
            yield where, f"there is no figure {key!r} in the evidence. Add it there, with its source."


def _strings(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))


def _protocol(shelf: KnowledgeRepository, document: KnowledgeFile, made: Any) -> Iterator[tuple[Path, str]]:
    scales, rules = shelf.ids("scale"), made.session
    if made.titration:
        id, version = made.titration
        known = {d.version for d in shelf.history("titration", id)} if id in shelf.ids("titration") else set()
        if version not in known:
            yield ["titration"], f"there is no version {version} of the titration rule {id!r}."
        elif isinstance(made, InfusionProtocol):
            rule = READERS["titration"](shelf.document("titration", id, version).contents)
            if rule.unit != "mg/kg":
                yield ["titration"], f"{id} doses in {rule.unit}; a rule for an infusion doses in mg/kg."
    clocks, captures = {clock.id for clock in rules.clocks}, {capture.id for capture in rules.captures}
    for index, criterion in enumerate(rules.discharge):
        where: Path = ["discharge", index]
        if criterion.kind == "scale" and criterion.scale not in scales:
            yield where, f"there is no scale {criterion.scale!r}."
        if criterion.kind == "clock" and criterion.clock not in clocks:
            yield where, f"there is no clock {criterion.clock!r} under `session`."
        if criterion.kind == "capture" and criterion.capture not in captures:
            yield where, f"there is no capture {criterion.capture!r} under `session`."
    for index, capture in enumerate(rules.captures):
        if capture.what != "pressure" and capture.what not in scales:
            yield ["session", "captures", index], f"there is no scale {capture.what!r}."
    for index, course in enumerate(rules.courses):
        if course.scale not in scales:
            yield ["session", "courses", index], f"there is no scale {course.scale!r}."
    for index, alarm in enumerate(rules.alarms):
        for name in (alarm.at_least, alarm.below, alarm.rise_at_least, alarm.apart):
            if name and name not in rules.limits:
                yield (
                    ["session", "alarms", index],
                    f"{name!r} is not among this protocol's limits. Add it there.",
                )
    if rules.way == "devices" and rules.devices is None:
        yield ["session"], "a product of single devices needs `devices`: mg, apart_min and doses_mg."


def _cadence(
    shelf: KnowledgeRepository, document: KnowledgeFile, made: OutreachSchedule
) -> Iterator[tuple[Path, str]]:
    texts = {id for other in shelf.documents("message") for id in other.contents["messages"]}
    for index, name in enumerate(made.protocols):
        if name not in shelf.ids("protocol"):
            yield ["protocols", index], f"there is no protocol {name!r}."
    for index, occasion in enumerate(made.occasions):
        where: Path = ["occasions", index]
        if sum(v is not None for v in (occasion.hours, occasion.days, occasion.months)) != 1:
            yield where, "give exactly one of `hours`, `days` and `months`."
        if occasion.message not in texts:
            yield where, f"there is no message {occasion.message!r}."
        for scale in occasion.asks:
            if scale != "course" and scale not in shelf.ids("scale"):
                yield where, f"there is no scale {scale!r}."


def _message(
    shelf: KnowledgeRepository, document: KnowledgeFile, made: Mapping[str, MessageText]
) -> Iterator[tuple[Path, str]]:
    for id, text in made.items():
        holes = {tongue: set(_HOLE.findall(words)) for tongue, words in text.text.items()}
        for tongue, own in holes.items():
            if own != holes["en"]:
                yield (
                    ["messages", id, "text", tongue],
                    f"fills {sorted(own)}; English fills {sorted(holes['en'])}.",
                )


def _preparation(
    shelf: KnowledgeRepository, document: KnowledgeFile, made: Preparation
) -> Iterator[tuple[Path, str]]:
    for index, until in enumerate(made.until):
        if until.limit not in made.limits:
            yield ["until", index], f"{until.limit!r} is not among the limits. Add it there."


def _interview(
    shelf: KnowledgeRepository, document: KnowledgeFile, made: InterviewGuide
) -> Iterator[tuple[Path, str]]:
    whole = sum(section.minutes for section in made.sections)
    if whole != made.minutes:
        yield ["minutes"], f"the sections make {whole} minutes. Say {whole}, or change a section."
    asked: dict[str, str] = {}
    sections = {section.id for section in made.sections}
    for index, section in enumerate(made.sections):
        for id in section.asks:
            if id not in shelf.ids("criterion"):
                yield ["sections", index, "asks"], f"there is no criterion {id!r}."
            elif id in asked:
                yield ["sections", index, "asks"], f"{id!r} is asked in {asked[id]!r} already. Ask it once."
            asked[id] = section.id
        for id in section.rates:
            if id not in shelf.ids("scale"):
                yield ["sections", index, "rates"], f"there is no scale {id!r}."
    for id in shelf.ids("criterion"):
        if not shelf.document("criterion", id).contents.get("absent_unless_found") and id not in asked:
            yield ["sections"], f"nobody asks about {id!r}. Add it to the `asks` of a section."
    for index, need in enumerate(made.needs):
        if need.section not in sections or (need.of == "words" and need.id not in sections):
            yield ["needs", index], f"there is no section {need.section!r} or {need.id!r}."
        if need.of == "arrival" and need.id not in ("place", "identity", "emergency"):
            yield ["needs", index, "id"], "of an arrival, place, identity or emergency can be needed."
        if need.of == "score" and need.id not in shelf.ids("scale"):
            yield ["needs", index, "id"], f"there is no scale {need.id!r}."


def _symptoms(shelf: KnowledgeRepository, document: KnowledgeFile, made: Any) -> Iterator[tuple[Path, str]]:
    asks = next((term for term in made if term.id == ASKS_FOR_HELP), None)
    if document.contents.get("place") == "home" and (asks is None or not asks.emergency):
        yield (
            ["symptoms"],
            f"at home {ASKS_FOR_HELP!r} must be among them, as an emergency: a button rests on it.",
        )


def _checks(shelf: KnowledgeRepository, document: KnowledgeFile, made: Checks) -> Iterator[tuple[Path, str]]:
    for index, check in enumerate(made.checks):
        for name in filter(None, (check.sessions, check.days)):
            if name not in made.limits:
                yield ["checks", index], f"{name!r} is not among the limits. Add it there."
        if check.asks and check.asks not in shelf.ids("scale"):
            yield ["checks", index, "asks"], f"there is no scale {check.asks!r}."


def _duty(
    shelf: KnowledgeRepository, document: KnowledgeFile, made: EscalationPolicy
) -> Iterator[tuple[Path, str]]:
    for index, rung in enumerate(made.ladder):
        if rung.after and rung.after not in made.limits:
            yield ["ladder", index], f"{rung.after!r} is not among the limits. Add it there."


def _titration(
    shelf: KnowledgeRepository, document: KnowledgeFile, made: Titration
) -> Iterator[tuple[Path, str]]:
    if made.instrument not in shelf.ids("scale"):
        yield ["score", "instrument"], f"there is no scale {made.instrument!r}."
    yield from titration_problems(made)


def _evidence(shelf: KnowledgeRepository, document: KnowledgeFile, made: Any) -> Iterator[tuple[Path, str]]:
    for other in shelf.documents("evidence"):
        if other.id != document.id:
            for key in made.keys() & other.contents["figures"].keys():
                yield ["figures", key], f"{key!r} stands in {other.path.name} too. Give it another key."


_REFERRING: Mapping[str, Any] = {
    "scale": _scale,
    "crosswalk": _crosswalk,
    "medicines": _medicines,
    "definition": _definition,
    "criterion": _criterion,
    "interaction": _interaction,
    "workup": _workup,
    "staging": _staging,
    "route": _route,
    "picture": _picture,
    "learn": _texts,
    "path": _path,
    "aftercare": _texts,
    "protocol": _protocol,
    "titration": _titration,
    "evidence": _evidence,
    "cadence": _cadence,
    "consent": _texts,
    "preparation": _preparation,
    "message": _message,
    "checks": _checks,
    "symptoms": _symptoms,
    "interview": _interview,
    "duty": _duty,
}
