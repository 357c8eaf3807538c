"""Clinical rules: the list of files, one file, and the director's signature."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.knowledge import KnowledgeFile
from regrow.web.accounts.api import EVERYONE, Role, StaffRequest
from regrow.web.assessments.api import QuestionnaireResponse
from regrow.web.courses.api import Course
from regrow.web.platform.access import allowed
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import (
    digest_of,
    protocol_in_force,
    sign_file,
    signatures_of,
    signed_files,
    versions_of,
)


def records_under(document: KnowledgeFile) -> Sequence[tuple[str, int]]:
    """Count the records under one version of a file: responses to a scale, courses of a protocol."""
    counts = {
        "scale": (
            "answer sheets",
            QuestionnaireResponse.objects.filter(instrument=document.id, version=document.version),
        ),
        "protocol": (
            "courses",
            Course.objects.filter(signature__file_id=document.id, signature__version=document.version),
        ),
    }
    if document.kind not in counts:
        return ()
    words, found = counts[document.kind]
    return ((words, found.count()),)


@allowed(*EVERYONE)
@require_GET
def rules(request: StaffRequest) -> HttpResponse:
    """List files by kind; `q` filters by words in their text."""
    words = request.GET.get("q", "").strip()[:200].lower().split()
    signed = signed_files()
    shelves = []
    for kind in knowledge.kinds():
        rows = [
            (document, (kind, document.id, document.version, digest_of(document)) in signed)
            for document in knowledge.documents(kind)
            if _holds(document, words)
        ]
        if rows:
            shelves.append((kind, rows))
    context = {
        "shelves": shelves,
        "wanted": " ".join(words),
        "count": sum(len(rows) for _, rows in shelves),
        "problems": knowledge.problems(),
    }
    return render(request, "staff/rules.html", context)


@allowed(*EVERYONE)
@require_GET
def rule(request: StaffRequest, file_kind: str, file_id: str) -> HttpResponse:
    """Show one file as an outline, or an older version of it."""
    document = _document(file_kind, file_id, request.GET.get("version"))
    newest = _document(file_kind, file_id)
    signatures = signatures_of(document)
    context = {
        "document": document,
        "is_newest": document.version == newest.version,
        "sentence": knowledge.summarize(document),
        "lines": knowledge.outline(document),
        "versions": versions_of(newest),
        "signatures": signatures,
        "protocol_signature": protocol_in_force(document.id) if document.kind == "protocol" else None,
        "records": records_under(document),
        "used_by": knowledge.used_by(newest),
        "figures": [knowledge.figures()[key] for key in knowledge.figures_of(document)],
        "may_sign": request.user.works_as == Role.DIRECTOR
        and document.version == newest.version
        and all(s.signed_by_id != request.user.id for s in signatures),
    }
    return render(request, "staff/rule.html", context)


@allowed(Role.DIRECTOR)
@require_POST
def sign_rule(request: StaffRequest, file_kind: str, file_id: str) -> HttpResponse:
    sign_file(_document(file_kind, file_id), by=request.user)
    return redirect("rule", file_kind=file_kind, file_id=file_id)


def _document(kind: str, id: str, version: str | None = None) -> KnowledgeFile:
    if kind not in knowledge.kinds() or id not in knowledge.ids(kind):
        raise Http404
    if version is not None and not (version.isascii() and version.isdecimal() and len(version) < 6):
        raise Http404
    return knowledge.document(kind, id, int(version) if version else None)


def _holds(document: KnowledgeFile, words: list[str]) -> bool:
    text = (
        f"{document.id} {document.kind} {document.path.read_text(encoding='utf-8')}".lower() if words else ""
    )
    return all(word in text for word in words)
