"""Repository of all knowledge files, Regrow's own and the clinic's, by kind, id and version.

`<id>.yaml` is the current version; `<id>.v<N>.yaml` next to it is an older one, saved so that past decisions can be
recomputed. A clinic's folder has the same layout. Its files take precedence over Regrow's; an invalid one is listed
in `problems`, and its last valid copy (saved in `.in-force`) is used instead.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from .errors import BadKnowledge
from .files import line_of, read
from .kind import KnowledgeFile
from .kinds import KINDS

DATA = Path(__file__).parent / "data"
KEPT = ".in-force"
_NAME = re.compile(r"^(?P<id>.+?)(?:\.v(?P<version>\d+))?\.yaml$")
T = TypeVar("T")


class KnowledgeRepository:
    """All files as loaded at one time. `validate` names the problems of a document beyond its schema."""

    def __init__(
        self,
        clinic_folder: Path | None = None,
        *,
        validate: Callable[["KnowledgeRepository", KnowledgeFile], Sequence[str]] | None = None,
    ) -> None:
        self.clinic_folder = clinic_folder
        self.problems: list[str] = []
        self.clinic_documents: dict[tuple[str, str, int | None], KnowledgeFile] = {}
        self._read: dict[Path, KnowledgeFile] = {}
        self._cache: dict[tuple[Any, ...], Any] = {}
        if clinic_folder is not None:
            self._load_clinic_files(clinic_folder, validate)

    def ids(self, kind: str) -> Sequence[str]:
        """The ids of one kind, sorted."""
        ours = {id for id, version, _ in _named(DATA / KINDS[kind].folder) if version is None}
        return sorted(
            ours | {id for k, id, version in self.clinic_documents if k == kind and version is None}
        )

    def document(self, kind: str, id: str, version: int | None = None) -> KnowledgeFile:
        """The current version, or the one asked for. Raises `BadKnowledge`."""
        found = self._newest(kind, id)
        if version is None or version == found.version:
            return found
        for older in self.history(kind, id):
            if older.version == version:
                return older
        known = ", ".join(str(d.version) for d in self.history(kind, id))
        raise BadKnowledge(f"there is no version {version} of {id}; there are: {known}")

    def history(self, kind: str, id: str) -> Sequence[KnowledgeFile]:
        """Every version of one id, oldest first."""
        found = {self._newest(kind, id).version: self._newest(kind, id)}
        for name, version, path in _named(DATA / KINDS[kind].folder):
            if name == id and version is not None:
                found.setdefault(version, self._ours(kind, path))
            elif name == id:
                found.setdefault(self._ours(kind, path).version, self._ours(kind, path))
        for (k, name, version), document in self.clinic_documents.items():
            if k == kind and name == id and version is not None:
                found.setdefault(version, document)
        return [found[version] for version in sorted(found)]

    def documents(self, kind: str) -> Iterator[KnowledgeFile]:
        """Current version of every id of a kind."""
        return (self.document(kind, id) for id in self.ids(kind))

    def cached(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return a value computed once per repository load."""
        if key not in self._cache:
            self._cache[key] = make()
        found: T = self._cache[key]
        return found

    def _newest(self, kind: str, id: str) -> KnowledgeFile:
        clinics = self.clinic_documents.get((kind, id, None))
        if clinics is not None:
            return clinics
        path = DATA / KINDS[kind].folder / f"{id}.yaml"
        if _NAME.fullmatch(f"{id}.yaml") is None or "/" in id or not path.is_file():
            near = get_close_matches(id, self.ids(kind), n=1, cutoff=0.6)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise BadKnowledge(f"there is no {kind} {id!r}.{hint} There are: {', '.join(self.ids(kind))}")
        return self._ours(kind, path)

    def _ours(self, kind: str, path: Path) -> KnowledgeFile:
        if path not in self._read:
            self._read[path] = load_file(kind, path, ours=True)
        return self._read[path]

    def _load_clinic_files(
        self, folder: Path, validate: Callable[["KnowledgeRepository", KnowledgeFile], Sequence[str]] | None
    ) -> None:
        """Load all readable files first, so that they may refer to each other; then drop the invalid ones."""
        if not folder.is_dir():
            self.problems.append(f"{folder}: the clinic's knowledge folder does not exist. Create it.")
            return
        self._name_strays(folder)
        for kind in KINDS.values():
            for id, version, path in _named(folder / kind.folder):
                try:
                    self.clinic_documents[kind.id, id, version] = load_file(kind.id, path, ours=False)
                except BadKnowledge as mistake:
                    self._fall_back(kind.id, id, version, path, str(mistake))
        for key, document in list(self.clinic_documents.items()):
            wrong = validate(self, document) if validate and document.path.parent.parts[-1] != KEPT else ()
            if wrong and KEPT not in document.path.parts:
                self.problems.extend(wrong[1:])
                del self.clinic_documents[key]
                self._fall_back(*key, document.path, wrong[0])
            elif KEPT not in document.path.parts:
                self._save_last_valid(document)
        self._cache.clear()

    def _name_strays(self, folder: Path) -> None:
        known = {(folder / kind.folder).resolve() for kind in KINDS.values()}
        for path in sorted(folder.rglob("*.y*ml")):
            inside = path.relative_to(folder).parts
            if KEPT not in inside and (path.parent.resolve() not in known or path.suffix != ".yaml"):
                places = ", ".join(sorted(kind.folder for kind in KINDS.values()))
                self.problems.append(
                    f"{path.relative_to(folder)}:1: no knowledge is read from here. "
                    f"Put it, named .yaml, in one of: {places}"
                )

    def _fall_back(self, kind: str, id: str, version: int | None, path: Path, problem: str) -> None:
        assert self.clinic_folder is not None  # only the clinic's files fall back
        kept = self.clinic_folder / KEPT / KINDS[kind].folder / path.name
        if kept.is_file():
            try:
                self.clinic_documents[kind, id, version] = load_file(kind, kept, ours=False)
                problem += " Until then its last valid copy is used."
            except BadKnowledge:  # a copy from before a change of format
                problem += " It is not in use."
        else:
            problem += " It is not in use."
        self.problems.append(problem)

    def _save_last_valid(self, document: KnowledgeFile) -> None:
        assert self.clinic_folder is not None  # only the clinic's files have copies
        kept = self.clinic_folder / KEPT / KINDS[document.kind].folder / document.path.name
        try:
            text = document.path.read_bytes()
            if not kept.is_file() or kept.read_bytes() != text:
                kept.parent.mkdir(parents=True, exist_ok=True)
                half = kept.with_suffix(".half")
                half.write_bytes(text)
                half.replace(kept)
        except OSError as mistake:
            self.problems.append(
                f"{document.path.name}:1: in use, but its copy cannot be saved in {KEPT}: {mistake.strerror}. "
                "Make that folder writable for Regrow."
            )


def load_file(kind: str, path: Path, *, ours: bool) -> KnowledgeFile:
    """Load one file, valid by its schema and named after its id. Raises `BadKnowledge`."""
    contents = read(path, kind)
    name = _NAME.fullmatch(path.name)
    assert name is not None  # by `_named`
    if contents["id"] != name["id"]:
        raise BadKnowledge(
            f"{path.name}:{line_of(path, ['id'])}: the id must be the file's name, {name['id']}."
        )
    if name["version"] and contents["version"] != int(name["version"]):
        line = line_of(path, ["version"])
        raise BadKnowledge(f"{path.name}:{line}: the version must be the file's, {name['version']}.")
    try:
        date.fromisoformat(contents["effective"])
    except ValueError as mistake:
        line, day = line_of(path, ["effective"]), contents["effective"]
        raise BadKnowledge(f"{path.name}:{line}: {day} is not a day. Write it like 2026-11-24.") from mistake
    return KnowledgeFile(kind, contents["id"], contents["version"], path, ours, contents)


def fingerprint(folder: Path | None) -> Sequence[tuple[str, int, int]]:
    """Fingerprint of the clinic's folder; changes when a file does."""
    if folder is None:
        return ()
    paths = sorted(p for p in folder.rglob("*.y*ml") if KEPT not in p.parts)
    # A link that leads nowhere has a state of its own, not that of its target.
    return [(str(p), s.st_mtime_ns, s.st_size) for p in paths for s in (p.lstat(),)]


def _named(folder: Path) -> Iterator[tuple[str, int | None, Path]]:
    for path in sorted(folder.glob("*.yaml")):
        name = _NAME.fullmatch(path.name)
        if name:
            yield name["id"], int(name["version"]) if name["version"] else None, path
