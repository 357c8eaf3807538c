"""Write and verify the hash-chained audit log.

A change writes its row in its own transaction. A read leaves its row to `access_log`, which writes after the response.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.signing import Signer
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from regrow.web.platform import clock

from .models import AuditCheckpoint, AuditHead, AuditRow

CHAINED = ("at", "who", "role", "action", "what", "patient", "why")


@dataclass(frozen=True)
class Facts:
    """What one row says: who did what with whose chart, and when."""

    at: datetime
    who: str
    role: str
    action: str
    what: str
    patient: str = ""
    why: str = ""


def facts_of(
    request: HttpRequest, view: Callable[..., Any], kwargs: Mapping[str, Any], *, refused: bool = False
) -> Facts:
    """Return the row of one request.

    The patient is taken from the URL, or from `request.about` set by the view (a link, an alert).
    """
    user = request.user if request.user.is_authenticated else None
    action = "refused" if refused else "read" if request.method in ("GET", "HEAD") else "write"
    return Facts(
        at=clock.now(),
        who=_who(request, kwargs),
        role=user.role if user else "",
        action=action,
        what=f"{view.__module__.split('.')[-2]}: {view.__name__.replace('_', ' ')}",
        patient=str(kwargs.get("patient_id") or getattr(request, "about", "")),
    )


def record(
    request: HttpRequest, view: Callable[..., Any], kwargs: Mapping[str, Any], *, refused: bool = False
) -> None:
    """Write the row of one request, in the caller's transaction."""
    append_all([facts_of(request, view, kwargs, refused=refused)])


def _who(request: HttpRequest, kwargs: Mapping[str, Any]) -> str:
    machine: str = getattr(request, "machine", "")
    if machine:
        return f"machine: {machine}"
    if request.user.is_authenticated:
        return request.user.get_username()
    return "by link" if "token" in kwargs else "visitor"


def append(*, who: str, role: str, action: str, what: str, patient: str = "", why: str = "") -> None:
    """Append a row in the caller's transaction."""
    append_all([Facts(clock.now(), who, role, action, what, patient, why)])


def append_all(facts: Sequence[Facts]) -> None:
    """Append rows in the caller's transaction. Writers are serialized on the head row."""
    head, _ = AuditHead.objects.select_for_update().get_or_create(id=1)
    rows = []
    for each in facts:
        row = AuditRow(
            at=each.at,
            who=each.who,
            role=each.role,
            action=each.action,
            what=each.what[:200],
            patient=each.patient,
            why=each.why,
            previous_hash=head.row_hash,
        )
        row.row_hash = _hash(row)
        head.count, head.row_hash = head.count + 1, row.row_hash
        rows.append(row)
    AuditRow.objects.bulk_create(rows)
    head.save()


def _hash(row: AuditRow) -> str:
    facts = {name: getattr(row, name) for name in CHAINED}
    facts["at"] = row.at.isoformat(timespec="microseconds")
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{row.previous_hash}\n{text}".encode()).hexdigest()


def verify(*, whole: bool = True) -> Sequence[str]:
    """Return the problems of the chain, one sentence each; empty when intact.

    With `whole` false, from the last signed checkpoint on. An intact chain leaves a new checkpoint.
    """
    start = None if whole else _last_checkpoint()
    problems: list[str] = []
    head = _head()
    previous, count, last_id = (start.row_hash, start.count, start.row_id) if start else ("", 0, 0)
    at_head = previous if count == head.count else None
    for row in _rows_after(start):
        count, last_id = count + 1, row.id
        if row.previous_hash != previous:
            problems.append(
                f"row {row.id} does not follow the one before it: a row between is missing or changed"
            )
        if _hash(row) != row.row_hash:
            problems.append(f"row {row.id} was changed after it was written")
        previous = row.row_hash
        if count == head.count:
            at_head = previous
    written_since = _head().count != head.count
    if at_head != head.row_hash or (count != head.count and not written_since):
        problems.append(f"{head.count} rows were written, {count} are there: the last ones are missing")
    if not problems and count and (start is None or count > start.count):
        _leave_checkpoint(last_id, count, previous)
    return problems


def _head() -> AuditHead:
    return AuditHead.objects.filter(id=1).first() or AuditHead()


def _rows_after(start: AuditCheckpoint | None) -> QuerySet[AuditRow]:
    rows = AuditRow.objects.order_by("id")
    return rows.filter(id__gt=start.row_id) if start else rows


def _last_checkpoint() -> AuditCheckpoint | None:
    """The newest checkpoint that this site signed and whose row is still there as it was."""
    for found in AuditCheckpoint.objects.order_by("-id")[:10]:
        signed = constant_time_compare(found.signature, _signature(found))
        if signed and AuditRow.objects.filter(id=found.row_id, row_hash=found.row_hash).exists():
            return found
    return None


def _leave_checkpoint(row_id: int, count: int, row_hash: str) -> None:
    made = AuditCheckpoint(row_id=row_id, count=count, row_hash=row_hash, made_at=clock.now())
    made.signature = _signature(made)
    made.save(force_insert=True)


def _signature(checkpoint: AuditCheckpoint) -> str:
    text = f"{checkpoint.row_id} {checkpoint.count} {checkpoint.row_hash}"
    return Signer(salt="regrow.audit.checkpoint").signature(text)
