"""Completeness of an intake visit, computed from the record; nothing is checked off by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrow.chart import Chart, CriterionStatus
from regrow.eligibility import Eligibility
from regrow.knowledge import CandidacyRules, Criterion, InterviewGuide, InterviewNeed, InterviewSection

from .visit import IntakeVisit


@dataclass(frozen=True)
class Progress:
    """One section: `missing` are the guide's needs, `open_questions` safety questions without an answer."""

    section: InterviewSection
    touched: bool
    missing: Sequence[InterviewNeed]
    open_questions: int

    @property
    def done(self) -> bool:
        return self.touched and not self.missing and not self.open_questions


def questions(guide: InterviewGuide, rules: CandidacyRules) -> Mapping[str, Sequence[Criterion]]:
    """Return the safety questions of each section.

    A question the guide does not place, because the clinic added it, goes to the last section that asks any.
    """
    by_id = {c.id: c for c in rules.criteria}
    found = {s.id: [by_id[id] for id in s.asks if id in by_id] for s in guide.sections}
    placed = {c.id for asked in found.values() for c in asked}
    last = next((s.id for s in reversed(guide.sections) if s.asks), guide.sections[-1].id)
    found[last] += [c for c in rules.criteria if c.id not in placed and not c.absent_unless_found]
    return found


def unanswered_questions(asked: Sequence[Criterion], found: Eligibility) -> Sequence[Criterion]:
    """Return the questions that no record and no statement answers."""
    return [c for c in asked if found.of(c.determination).state is CriterionStatus.NOT_DOCUMENTED]


def progress(
    guide: InterviewGuide, talk: IntakeVisit, chart: Chart, rules: CandidacyRules, found: Eligibility
) -> Sequence[Progress]:
    """Return every section in the guide's order."""
    lacking = missing(guide, talk, chart, rules, found)
    asked = questions(guide, rules)
    return [
        Progress(
            section,
            touched=bool(talk.words.get(section.id, "").strip())
            or any(_coded(chart, kind) for kind in section.codes)
            or (section.id == "arrival" and bool(talk.arrival.place)),
            missing=[need for need in lacking if need.section == section.id],
            open_questions=len(unanswered_questions(asked[section.id], found)),
        )
        for section in guide.sections
    ]


def missing(
    guide: InterviewGuide, talk: IntakeVisit, chart: Chart, rules: CandidacyRules, found: Eligibility
) -> Sequence[InterviewNeed]:
    """Return what the guide still needs before the visit can end with a determination."""
    return [need for need in guide.needs if not _there(need, guide, talk, chart, rules, found)]


def _there(
    need: InterviewNeed,
    guide: InterviewGuide,
    talk: IntakeVisit,
    chart: Chart,
    rules: CandidacyRules,
    found: Eligibility,
) -> bool:
    if need.of == "arrival":
        arrival = talk.arrival
        if need.id == "emergency":
            return bool(arrival.emergency_name and arrival.emergency_phone)
        return bool(getattr(arrival, need.id))
    if need.of == "fact":
        return _coded(chart, need.id)
    if need.of == "score":
        return bool(chart.scores_of(need.id))
    if need.of == "words":
        return bool(talk.words.get(need.id, "").strip())
    return not any(unanswered_questions(asked, found) for asked in questions(guide, rules).values())


_RECORDS = {
    "diagnosis": "diagnoses",
    "trial": "trials",
    "treatment": "treatments",
    "condition": "conditions",
    "medicine": "medicines",
    "measurement": "measurements",
}


def _coded(chart: Chart, kind: str) -> bool:
    return kind in _RECORDS and bool(getattr(chart, _RECORDS[kind]))
