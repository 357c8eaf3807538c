"""Escalation policy: who is notified of a safety alert, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

from .limit import unknown_limits


@dataclass(frozen=True)
class EscalationStep:
    """Whom an alert reaches next: the named clinician, the clinician on call, the director, every clinician.

    `after` names the signed limit in minutes; empty for immediately.
    """

    id: str
    tells: str
    after: str


@dataclass(frozen=True)
class OutreachAttempt:
    """One way to reach a patient in danger; `needs` is the information it requires."""

    id: str
    text: str
    needs: str


@dataclass(frozen=True)
class EscalationPolicy:
    id: str
    version: int
    title: str
    limits: Sequence[str]
    ladder: Sequence[EscalationStep]
    tries: Sequence[OutreachAttempt]


def read(raw: Raw) -> EscalationPolicy:
    return EscalationPolicy(
        raw["id"],
        raw["version"],
        raw["title"],
        tuple(raw["limits"]),
        tuple(EscalationStep(r["id"], r["tells"], r.get("after", "")) for r in raw["ladder"]),
        tuple(OutreachAttempt(t["id"], t["text"], t.get("needs", "")) for t in raw["tries"]),
    )


def check(files: Files, document: KnowledgeFile, made: EscalationPolicy) -> Iterator[Problem]:
    yield from unknown_limits(files, made.limits)
    for index, step in enumerate(made.ladder):
        if step.after and step.after not in made.limits:
            yield ["ladder", index], f"{step.after!r} is not among the limits. Add it there."


KIND = Kind(id="duty", folder="duty", label="Escalation policy", read=read, check=check)
