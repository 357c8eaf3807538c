"""Write and verify the hash-chained audit log."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from regrow.web.platform import clock

from .models import AuditHead, AuditRow

CHAINED = ("at", "who", "role", "action", "what", "patient", "why")


def record(
    request: HttpRequest, view: Callable[..., Any], kwargs: Mapping[str, Any], *, refused: bool = False
) -> None:
    """Write the row of one request, in the caller's transaction.

    The patient is taken from the URL, or from `request.about` set by the view (a link, an alert).
    """
    user = request.user if request.user.is_authenticated else None
    action = "refused" if refused else "read" if request.method in ("GET", "HEAD") else "write"
    append(
        who=_who(request, kwargs),
        role=user.role if user else "",
        action=action,
        what=f"{view.__module__.split('.')[-2]}: {view.__name__.replace('_', ' ')}",
        patient=str(kwargs.get("patient_id") or getattr(request, "about", "")),
    )


def _who(request: HttpRequest, kwargs: Mapping[str, Any]) -> str:
    machine: str = getattr(request, "machine", "")
    if machine:
        return f"machine: {machine}"
    if request.user.is_authenticated:
        return request.user.get_username()
    return "by link" if "token" in kwargs else "visitor"


def append(*, who: str, role: str, action: str, what: str, patient: str = "", why: str = "") -> None:
    """Append a row. Writers are serialized on the head row."""
    head, _ = AuditHead.objects.select_for_update().get_or_create(id=1)
    row = AuditRow(
        at=clock.now(),
        who=who,
        role=role,
        action=action,
        what=what[:200],
        patient=patient,
        why=why,
        previous_hash=head.row_hash,
    )
    row.row_hash = _hash(row)
    row.save(force_insert=True)
    head.count += 1
    head.row_hash = row.row_hash
    head.save()


def _hash(row: AuditRow) -> str:
    facts = {name: getattr(row, name) for name in CHAINED}
    facts["at"] = row.at.isoformat(timespec="microseconds")
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{row.previous_hash}\n{text}".encode()).hexdigest()


def verify() -> Sequence[str]:
    """Return the problems of the chain, one sentence each; empty when intact."""
    problems: list[str] = []
    previous, count = "", 0
    for row in AuditRow.objects.order_by("id").iterator():
        count += 1
        if row.previous_hash != previous:
            problems.append(
                f"row {row.id} does not follow the one before it: a row between is missing or changed"
            )
        if _hash(row) != row.row_hash:
            problems.append(f"row {row.id} was changed after it was written")
        previous = row.row_hash
    head = AuditHead.objects.filter(id=1).first()
    if (head.count if head else 0) != count or (head.row_hash if head else "") != previous:
        problems.append(
            f"{head.count if head else 0} rows were written, {count} are there: the last ones are missing"
        )
    return problems
