"""What can be wrong with knowledge beyond a file's own schema: sources, dates, versions, references."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from .errors import BadKnowledge
from .files import line_of
from .kind import KnowledgeFile, Problem
from .kinds import KINDS
from .repository import KnowledgeRepository

_WHERE = re.compile(r"https?://\S+|mailto:\S+@\S+|docs/\S+")


def all_problems(repository: KnowledgeRepository, today: date) -> Sequence[str]:
    """Everything wrong with every file, the clinic's included."""
    found = list(repository.problems)
    for kind in KINDS:
        for id in repository.ids(kind):
            try:
                for document in repository.history(kind, id):
                    if document.ours:
                        found += validate_file(repository, document, today)
            except BadKnowledge as mistake:
                found.append(str(mistake))
    return list(dict.fromkeys(found))  # a file that cannot be read is named once, not by all that need it


def validate_file(repository: KnowledgeRepository, document: KnowledgeFile, today: date) -> Sequence[str]:
    """What is wrong with one document, each with file, line and fix. Raises `BadKnowledge` for another file."""
    return [
        f"{document.path.name}:{line_of(document.path, list(where))}: {text}"
        for where, text in _problems(repository, document, today)
    ]


def _problems(repository: KnowledgeRepository, document: KnowledgeFile, today: date) -> Iterator[Problem]:
    yield from _dates(repository, document, today)
    yield from _sources(repository, document)
    yield from _versions(repository, document)
    kind = KINDS[document.kind]
    try:
        made = kind.read(document.contents)
    except (KeyError, TypeError, ValueError, ArithmeticError) as mistake:
        yield [], f"it cannot be read as a {document.kind}: {mistake}."
        return
    if kind.check:
        yield from kind.check(repository, document, made)


def _dates(repository: KnowledgeRepository, document: KnowledgeFile, today: date) -> Iterator[Problem]:
    if document.effective > today:
        text = f"effective {document.effective} is in the future, so this version is not in use. "
        yield ["effective"], text + "Put it in place on that day; until then keep the version before it."


def _sources(repository: KnowledgeRepository, document: KnowledgeFile) -> Iterator[Problem]:
    own = document.contents.get("sources", {})
    for key, source in own.items():
        if not _WHERE.fullmatch(source["where"]):
            yield (
                ["sources", key],
                f"the source {key!r} cannot be resolved. Give an address or a page of docs/.",
            )
    known = {**_common_sources(repository), **own}
    for where, key in _named_sources(document.contents):
        if key not in known:
            yield where, f"the source {key!r} is not known. Add it under `sources` of this file."


def _common_sources(repository: KnowledgeRepository) -> Mapping[str, Any]:
    def make() -> Mapping[str, Any]:
        return {
            key: value
            for document in repository.documents("sources")
            for key, value in document.contents["sources"].items()
        }

    return repository.cached(("common sources",), make)


def _named_sources(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and (key == "source" or key.endswith("_source")):
                yield (*path, key), item
            elif key != "sources":
                yield from _named_sources(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _named_sources(item, (*path, index))


def _versions(repository: KnowledgeRepository, document: KnowledgeFile) -> Iterator[Problem]:
    if not document.ours:
        for ours in _package_versions(repository, document):
            if ours.version >= document.version:
                text = f"version {document.version} is already in Regrow's own file. "
                yield ["version"], text + f"Give this one version {ours.version + 1}."
                return
    for before, after in pairwise(repository.history(document.kind, document.id)):
        if after is document and after.effective <= before.effective and after.ours == before.ours:
            text = f"version {after.version} begins on {after.effective}, not after version {before.version} "
            yield ["effective"], text + f"({before.effective}), so the two overlap. Give it a later day."


def _package_versions(repository: KnowledgeRepository, document: KnowledgeFile) -> Sequence[KnowledgeFile]:
    own = KnowledgeRepository() if repository.clinic_folder else repository
    return own.history(document.kind, document.id) if document.id in own.ids(document.kind) else ()
