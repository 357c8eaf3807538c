"""The files of one repository and their values, whatever their kind."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from .errors import BadKnowledge
from .kind import Kind, KnowledgeFile
from .kinds import KINDS
from .outline import named, names
from .repository import KnowledgeRepository
from .validation import all_problems

T = TypeVar("T")


class FileAccess:
    """Files and values of any kind; `Knowledge` adds an accessor for each."""

    def __init__(self, repository: KnowledgeRepository) -> None:
        self.repository = repository

    def get(self, kind: Kind[T], id: str, version: int | None = None) -> T:
        """The value of one file: the current version, or the one asked for. Raises `BadKnowledge`."""
        return self.cached(
            (kind.id, id, version), lambda: kind.read(self.repository.document(kind.id, id, version).contents)
        )

    def every(self, kind: Kind[T]) -> Sequence[T]:
        """Current values of a kind, by id."""
        return [self.get(kind, id) for id in self.repository.ids(kind.id)]

    def cached(self, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """Return the value `make` computes from this knowledge alone, computed once per key."""
        return self.repository.cached(key, make)

    def kinds(self) -> Sequence[str]:
        """Every kind of knowledge file."""
        return list(KINDS)

    def ids(self, kind: str) -> Sequence[str]:
        """The ids of one kind, sorted. Raises `BadKnowledge` for a kind there is not."""
        if kind not in KINDS:
            raise BadKnowledge(f"there is no kind {kind!r}; there are: {', '.join(KINDS)}")
        return self.repository.ids(kind)

    def document(self, kind: str, id: str, version: int | None = None) -> KnowledgeFile:
        """A file: the current version, or the one asked for. Raises `BadKnowledge`."""
        self.ids(kind)
        return self.repository.document(kind, id, version)

    def documents(self, kind: str) -> Sequence[KnowledgeFile]:
        """Current version of every id of a kind."""
        return [self.repository.document(kind, id) for id in self.ids(kind)]

    def history(self, kind: str, id: str) -> Sequence[KnowledgeFile]:
        """Every version of one id, oldest first."""
        self.ids(kind)
        return self.repository.history(kind, id)

    def problems(self) -> Sequence[str]:
        """Problems in the clinic's own files; Regrow's files are used instead."""
        return self.repository.problems

    def check(self, today: date) -> Sequence[str]:
        """Validate every file; return one sentence per problem, empty if there is none."""
        return all_problems(self.repository, today)

    def summarize(self, document: KnowledgeFile) -> str:
        """Summarize a file in a sentence or two; empty for a kind that needs no summary."""
        summarize = KINDS[document.kind].summarize
        return summarize(document.contents, self._title_of) if summarize else ""

    def _title_of(self, kind: str, id: str) -> str:
        return self.repository.document(kind, id).title

    def used_by(self, document: KnowledgeFile) -> Sequence[KnowledgeFile]:
        """Current files that refer to this one, or to a figure, medicine, limit or source in it."""
        return [d for d in self._every_document() if names(d, document)]

    def figure_used_by(self, key: str) -> Sequence[KnowledgeFile]:
        """Current files that show a figure."""
        return [d for d in self._every_document() if d.kind != "evidence" and key in set(named(d))]

    def _every_document(self) -> Iterator[KnowledgeFile]:
        return (document for kind in KINDS for document in self.repository.documents(kind))
