"""Signatures of knowledge files, and the changes between versions."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge import KnowledgeFile
from regrow.web.accounts.api import User
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

from .models import FileSignature, digest_of


@dataclass(frozen=True)
class Version:
    """One version of a file: its change note, its changed lines, and its signatures."""

    document: KnowledgeFile
    change: str
    lines: Sequence[tuple[str, str]]
    signatures: Sequence[FileSignature]


def signatures_of(document: KnowledgeFile) -> list[FileSignature]:
    """Return the signatures of this file's exact content."""
    found = FileSignature.objects.filter(
        kind=document.kind, file=document.id, version=document.version, digest=digest_of(document)
    )
    return list(found.select_related("signed_by"))


def signed_files() -> set[tuple[str, str, int, str]]:
    return set(FileSignature.objects.values_list("kind", "file", "version", "digest"))


def sign_file(document: KnowledgeFile, *, by: User) -> FileSignature:
    """Sign a file's current content; idempotent."""
    signature, _ = FileSignature.objects.get_or_create(
        kind=document.kind,
        file=document.id,
        version=document.version,
        digest=digest_of(document),
        signed_by=by,
        defaults={"signed_at": clock.now()},
    )
    return signature


def versions_of(document: KnowledgeFile) -> list[Version]:
    """Return every version, newest first, each with its changes from the previous one."""
    history = knowledge.history(document.kind, document.id)
    return [
        Version(
            document=after,
            change=str(after.contents.get("change", "")),
            lines=_changed_lines(before, after) if before else (),
            signatures=signatures_of(after),
        )
        for before, after in reversed(list(zip([None, *history], history, strict=False)))
    ]


def _changed_lines(before: KnowledgeFile, after: KnowledgeFile) -> Sequence[tuple[str, str]]:
    """Return (sign, line) of removed (−) and added (+) lines."""
    old, new = (d.path.read_text(encoding="utf-8").splitlines() for d in (before, after))
    changed = difflib.unified_diff(old, new, n=0, lineterm="")
    return [
        ("−" if line[0] == "-" else "+", line[1:])
        for line in changed
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
