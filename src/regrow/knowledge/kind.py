"""A kind of content file: where its files are, and how one becomes a value, is checked and is read aloud."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from .errors import BadKnowledge
from .files import read

T = TypeVar("T")
Raw = Mapping[str, Any]
Where = Sequence[str | int]  # the keys that lead to an entry of a file
Problem = tuple[Where, str]


@dataclass(frozen=True)
class KnowledgeFile:
    """One version of one content file. `ours` is False for a file of the clinic."""

    kind: str
    id: str
    version: int
    path: Path
    ours: bool
    contents: Raw

    @property
    def effective(self) -> date:
        return date.fromisoformat(self.contents["effective"])

    @property
    def title(self) -> str:
        return str(self.contents.get("title", self.id))


class Files(Protocol):
    """The files that a check may ask for: ids sorted, the version in force of each, and every version of one."""

    def ids(self, kind: str) -> Sequence[str]: ...

    def document(self, kind: str, id: str, version: int | None = None) -> KnowledgeFile: ...

    def documents(self, kind: str) -> Iterator[KnowledgeFile]: ...

    def history(self, kind: str, id: str) -> Sequence[KnowledgeFile]: ...


TitleOf = Callable[[str, str], str]


@dataclass(frozen=True)
class Kind(Generic[T]):
    """One kind, registered by being the `KIND` of a module in `kinds/`. Its JSON Schema is `schemas/<id>.json`.

    `read` makes the frozen value of contents that are valid by the schema; it raises ValueError for what a schema
    cannot see. `check` finds what contradicts other files. `summarize` says the file in a sentence or two; it may ask
    for the title of another file by (kind, id).
    """

    id: str
    folder: str
    label: str
    read: Callable[[Raw], T]
    check: Callable[[Files, KnowledgeFile, T], Iterator[Problem]] | None = None
    summarize: Callable[[Raw, TitleOf], str] | None = None

    def read_file(self, path: Path) -> T:
        """Read a file from anywhere, held to the schema of this kind. Raises `BadKnowledge`."""
        contents = read(path, self.id)
        try:
            return self.read(contents)
        except (KeyError, TypeError, ValueError) as mistake:
            raise BadKnowledge(f"{path.name}: {mistake}") from mistake
