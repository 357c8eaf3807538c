"""A knowledge file as a person reads it, and what uses it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .kind import KnowledgeFile
from .kinds.sources import Source

HIDDEN = ("id", "version", "title", "effective", "change", "sources")
MARKS = {
    "V": "read in the source",
    "V2": "read in a secondary page",
    "R": "recalled, to be re-read",
    "C": "computed",
    "M": "a choice of the model",
    "CFG": "the clinic signs it",
}


LABELS = {
    "text": "for the prescriber",
    "plain": "for the patient",
    "ask": "the question",
    "needs": "to go on",
    "look_for": "found when",
    "products": "what it means",
    "icd10": "ICD-10",
    "snomed": "SNOMED CT",
    "loinc": "LOINC",
    "rxnorm": "RxNorm",
    "obtain": "the form is obtained at",
    "recall_days": "looks back, days",
    "does": "what clinics do",
    "same_as_10_mg_diazepam_mg": "beside 10 mg of diazepam",
    "for": "why it may be chosen",
    "for_plain": "the same for the patient",
}


@dataclass(frozen=True)
class OutlineLine:
    """One line of a file's outline: depth, label, text, evidence grade and source."""

    depth: int
    label: str
    text: str
    mark: str = ""
    source: str = ""


def outline(document: KnowledgeFile, sources: Mapping[str, Source]) -> Sequence[OutlineLine]:
    """The contents as labelled lines, in the order of the file. Nothing is left out but the file's own name."""
    contents = document.contents
    lines = list(_lines({k: v for k, v in contents.items() if k not in (*HIDDEN, "mark", "source")}, 0))
    if "source" in contents:
        lines.append(OutlineLine(0, "source", contents["source"], str(contents.get("mark", ""))))
    return [_with_titles(line, sources) for line in lines]


def _with_titles(line: OutlineLine, sources: Mapping[str, Source]) -> OutlineLine:
    """The line with the titles of its sources in place of their keys."""

    def title(key: str) -> str:
        return sources[key].title if key in sources else key

    text = title(line.text) if line.label.endswith("source") else line.text
    return replace(line, text=text, source=title(line.source))


def evidence_grade_label(mark: str) -> str:
    return MARKS.get(mark, mark)


def names(other: KnowledgeFile, document: KnowledgeFile) -> bool:
    """Return whether one file refers to another, or to a figure, medicine, limit or source in it."""
    if (other.kind, other.id) == (document.kind, document.id):
        return False
    wanted = {document.id}
    if document.kind == "medicines":
        wanted |= {m[key] for m in document.contents["medicines"] for key in ("id", "class")}
    inside = {"evidence": "figures", "sources": "sources", "limit": "limits"}.get(document.kind)
    if inside:
        wanted |= set(document.contents[inside])
    return not wanted.isdisjoint(named(other))


def named(document: KnowledgeFile) -> Iterator[str]:
    """Every word by which a file may name another: its texts, the figures in them, and its limits."""
    yield from document.contents.get("limits", ())
    for text in _texts({k: v for k, v in document.contents.items() if k not in ("id", "title", "change")}):
        yield text
        for piece in text.split("{")[1:]:
            yield piece.partition("}")[0].partition(".")[0]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _lines(value: Any, depth: int, label: str = "") -> Iterator[OutlineLine]:
    if isinstance(value, Mapping):
        rest = {k: v for k, v in value.items() if k not in ("mark", "source")}
        mark, source = str(value.get("mark", "")), str(value.get("source", ""))
        if (label or depth) and all(not isinstance(v, Mapping | list) for v in rest.values()):
            yield OutlineLine(depth, label, ", ".join(_pair(k, v) for k, v in rest.items()), mark, source)
            return
        if label or mark or source:
            yield OutlineLine(depth, label, "", mark, source)
        for key, item in rest.items():
            yield from _lines(item, depth + bool(label), _label(key))
    elif isinstance(value, list):
        if all(not isinstance(item, Mapping | list) for item in value):
            yield OutlineLine(depth, label, ", ".join(_scalar(item) for item in value) or "none")
            return
        yield OutlineLine(depth, label, "")
        for item in value:
            yield from _lines(item, depth + 1)
    else:
        yield OutlineLine(depth, label, _scalar(value))


def _pair(key: str, value: Any) -> str:
    if key in ("text", "name", "title", "value", "statement", "id", "number"):
        return _scalar(value)
    return f"{_label(key)} {_scalar(value)}"


def _scalar(value: Any) -> str:
    if value is True or value is False:
        return "yes" if value else "no"
    if value is None:
        return "not given"
    return (
        value.replace("_", " ")
        if isinstance(value, str) and value.islower() and " " not in value
        else str(value)
    )


def _label(key: str) -> str:
    return LABELS.get(key, key.replace("_", " "))
