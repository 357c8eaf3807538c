"""Pre-visit instructions, by clock time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

from .limit import unknown_limits


@dataclass(frozen=True)
class Until:
    """Something that is done until so many hours before a session; `text` by language, with {time} in it."""

    limit: str
    words: str
    text: Mapping[str, str]


@dataclass(frozen=True)
class Preparation:
    id: str
    version: int
    title: str
    limits: Sequence[str]
    until: Sequence[Until]


def read(raw: Raw) -> Preparation:
    return Preparation(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["limits"]),
        tuple(Until(u["limit"], u["words"], {"en": u["en"], "es": u["es"]}) for u in raw["until"]),
    )


def check(files: Files, document: KnowledgeFile, made: Preparation) -> Iterator[Problem]:
    yield from unknown_limits(files, made.limits)
    for index, until in enumerate(made.until):
        if until.limit not in made.limits:
            yield ["until", index], f"{until.limit!r} is not among the limits. Add it there."


KIND = Kind(id="preparation", folder="preparation", label="Pre-visit instructions", read=read, check=check)
