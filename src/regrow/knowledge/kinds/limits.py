"""Limits that the demo clinic's fictional medical director signs."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

from .limit import read as read_catalog
from .limit import unknown_limits


def read(raw: Raw) -> Mapping[str, str]:
    limits: Mapping[str, str] = raw["limits"]
    return limits


def check(files: Files, document: KnowledgeFile, limits: Mapping[str, str]) -> Iterator[Problem]:
    yield from unknown_limits(files, limits)
    for file in files.documents("limit"):
        for id, limit in read_catalog(file.contents).items():
            problem = limit.problem(Decimal(limits[id])) if id in limits else ""
            if problem:
                yield ["limits", id], problem


KIND = Kind(id="limits", folder="demo", label="Demo limits", read=read, check=check)
