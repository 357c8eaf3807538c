"""The course of sedation and dissociation through the session: onset, highest point, end, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .events import EffectiveEvent, Kind
from .projection import SessionProjection


@dataclass(frozen=True)
class SymptomCourse:
    """`scores` are (when, total). `onset` is None when it was looked for and never there, or never looked for."""

    id: str
    text: str
    looked_for: bool
    scores: Sequence[tuple[datetime, int]]
    onset: datetime | None
    ended: datetime | None
    done: Sequence[str]


def symptom_courses(seen: SessionProjection) -> Sequence[SymptomCourse]:
    """One for each course the protocol names, from scales, symptoms and findings after the first dose."""
    return [
        _symptom_course(seen, rule.id, rule.text, rule.scale, rule.absent_at, seen.first_dose_at)
        for rule in seen.rules.courses
    ]


def _symptom_course(
    seen: SessionProjection, id: str, text: str, scale: str, absent_at: int, first: datetime | None
) -> SymptomCourse:
    if first is None:
        return SymptomCourse(id, text, False, (), None, None, ())
    scores = [e for e in seen.scores(scale) if e.at >= first]
    signs = [(e.at, e.data["total"] != absent_at) for e in scores]
    for entry in seen.of(Kind.SYMPTOM):
        term = seen.rules.symptoms.get(entry.data["symptom"])
        if term and term.course == id and entry.at >= first:
            signs.append((entry.at, not entry.data.get("resolved")))
    signs += [
        (e.at, not e.data["holds"])
        for e in seen.of(Kind.FINDING)
        if e.data["criterion"] == id and e.at >= first
    ]
    signs.sort()
    onset = next((at for at, there in signs if there), None)
    ended = signs[-1][0] if onset and not signs[-1][1] else None
    if onset and ended:  # the first of the unbroken absence at the end
        for at, there in reversed(signs):
            if there:
                break
            ended = at
    done = [_done(e) for kind in (Kind.MEDICINE, Kind.PAUSE, Kind.STOP) for e in seen.of(kind)]
    return SymptomCourse(
        id,
        text,
        bool(signs),
        tuple((e.at, e.data["total"]) for e in scores),
        onset,
        ended,
        done if onset else (),
    )


def _done(entry: EffectiveEvent) -> str:
    if entry.kind is Kind.MEDICINE:
        return f"{entry.data['medicine']} {entry.data['dose']}"
    return {"pause": "paused", "stop": "stopped"}[entry.kind.value]
