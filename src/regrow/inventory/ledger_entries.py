"""One log entry, and the hash chain that links it to the previous one."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class BadEntry(ValueError):
    """The entry cannot be made. The text names the fix."""


class LedgerAction(StrEnum):
    RECEIVE = "receive"
    DRAW = "draw"
    ADMINISTER = "administer"
    WASTE = "waste"
    COUNT = "count"
    ADJUST = "adjust"
    DESTROY = "destroy"
    BREAK = "break"
    RETURN = "return"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    CONFIRM = "confirm"
    INCIDENT = "incident"
    RESOLVE = "resolve"


# These take effect when a second person has confirmed them from their own sign-in.
TWO_PEOPLE = frozenset(
    {LedgerAction.COUNT, LedgerAction.ADJUST, LedgerAction.DESTROY, LedgerAction.BREAK, LedgerAction.RETURN}
)


@dataclass(frozen=True)
class Entry:
    """One entry. `container` is the one it is about; amounts in `data` are whole micrograms (`ug`).

    A session's draw, administration or waste may be negative: the session log was corrected. `witness` is the second
    person of a session's waste; other entries get one by a `confirm`.
    """

    number: int
    id: str
    act: LedgerAction
    at: datetime
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)
    container: str = ""
    session: str = ""
    patient: str = ""
    licence: str = ""
    witness: str = ""
    device: str = ""
    reason: str = ""
    previous_hash: str = ""
    hash: str = ""


def entry_hash(entry: Entry) -> str:
    """Return the SHA-256 over an entry's content and the previous entry's hash."""
    facts = {
        "number": entry.number,
        "id": entry.id,
        "act": entry.act.value,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "data": dict(entry.data),
        "container": entry.container,
        "session": entry.session,
        "patient": entry.patient,
        "licence": entry.licence,
        "witness": entry.witness,
        "device": entry.device,
        "reason": entry.reason,
    }
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{entry.previous_hash}\n{text}".encode()).hexdigest()


def chain_problems(entries: Sequence[Entry], *, count: int, last_hash: str) -> Sequence[str]:
    """List the problems of the chain, one sentence each. `count` and `last_hash` are stored separately from the log."""
    found = []
    previous = ""
    for place, entry in enumerate(entries, 1):
        if entry.number != place or entry.previous_hash != previous:
            found.append(
                f"entry {entry.number} does not follow the one before it: one is missing or was changed"
            )
        if entry_hash(entry) != entry.hash:
            found.append(f"entry {entry.number} was changed after it was written")
        previous = entry.hash
    if (count, last_hash) != (len(entries), previous):
        found.append(f"{count} entries were written, {len(entries)} are there: the last ones are missing")
    return found
