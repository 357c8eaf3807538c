"""Published figures, each with its n, comparator, source and evidence grade."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw, Where

_FIGURE_KEY = re.compile(r"\{([a-z0-9-]+)(?:\.\w+)?\}")


@dataclass(frozen=True)
class Figure:
    """One published figure, never shown without its n, its comparator and its source."""

    key: str
    value: str
    statement: str
    n: str
    comparator: str
    source: str
    mark: str
    interval: str = ""
    population: str = ""
    note: str = ""
    es: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> "Figure":
        """The same figure in another language, where a page for patients shows it."""
        if language != "es" or not self.es:
            return self
        in_spanish: Any = self.es
        return replace(self, **in_spanish)


def read(raw: Raw) -> Mapping[str, Figure]:
    return {key: Figure(key=key, **value) for key, value in raw["figures"].items()}


def check(files: Files, document: KnowledgeFile, made: Mapping[str, Figure]) -> Iterator[Problem]:
    for other in files.documents("evidence"):
        if other.id != document.id:
            for key in made.keys() & other.contents["figures"].keys():
                yield ["figures", key], f"{key!r} is in {other.path.name} too. Give it another key."


def missing_figures_in_text(files: Files, document: KnowledgeFile, made: object) -> Iterator[Problem]:
    for where, text in _strings(document.contents):
        yield from missing_figures(files, where, _FIGURE_KEY.findall(text))


def missing_figures(files: Files, where: Where, keys: Sequence[str]) -> Iterator[Problem]:
    known = {key for d in files.documents("evidence") for key in d.contents["figures"]}
    for key in keys:
        if key not in known:
            yield where, f"there is no figure {key!r} in the evidence. Add it there, with its source."


def _strings(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))


KIND = Kind(id="evidence", folder="evidence", label="Published figures", read=read, check=check)
