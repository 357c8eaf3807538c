"""A staging of treatment resistance, by steps or by points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

from .definition import FailedTrials
from .definition import read as read_definition


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


def read(raw: Raw) -> Staging:
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


def check(files: Files, document: KnowledgeFile, made: Staging) -> Iterator[Problem]:
    by = files.ids("definition")
    rule = (
        read_definition(files.document("definition", made.counts_by).contents).rule
        if made.counts_by in by
        else None
    )
    if not isinstance(rule, FailedTrials):
        yield ["counts_by"], f"{made.counts_by!r} is not a definition that counts failed trials."


KIND = Kind(
    id="staging",
    folder="candidacy/staging",
    label="Treatment-resistance staging",
    read=read,
    check=check,
)
