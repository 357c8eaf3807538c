"""Tests and ratings due before the first dose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw


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


def read(raw: Raw) -> Sequence[WorkupItem]:
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


def check(files: Files, document: KnowledgeFile, made: Sequence[WorkupItem]) -> Iterator[Problem]:
    for index, item in enumerate(made):
        for id in item.scores:
            if id not in files.ids("scale"):
                yield ["items", index], f"there is no scale {id!r}."
        for id in item.conditions:
            if id not in files.ids("criterion"):
                yield ["items", index], f"there is no criterion {id!r}."


KIND = Kind(id="workup", folder="candidacy/workup", label="Workup", read=read, check=check)
