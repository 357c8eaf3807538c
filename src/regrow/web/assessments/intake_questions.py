"""The intake form's safety questions, and the answers for the prescriber."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge import Criterion
from regrow.web.patients.api import Patient
from regrow.web.platform.content import knowledge

from .models import IntakeQuestionnaire


def intake_questions() -> Sequence[Criterion]:
    """Return the questions of the intake form; some are answered by a date of birth."""
    return [
        c for c in knowledge.candidacy_rules().criteria if not c.absent_unless_found and c.id not in _BY_BIRTH
    ]


_BY_BIRTH = ("older", "under-18")


@dataclass(frozen=True)
class PreVisitAnswers:
    """A patient's intake answers, as shown to the prescriber."""

    place: str
    yes: Sequence[str]
    unsure: Sequence[str]
    drugs: Sequence[tuple[str, str, str]]  # id, outcome, weeks
    words: str
    finished: bool


def pre_visit_answers(patient: Patient) -> PreVisitAnswers | None:
    """Return the answers in the prescriber's language; None without any."""
    intake = IntakeQuestionnaire.objects.filter(patient=patient).first()
    if intake is None:
        return None
    health = intake.data.get("health", {})
    asked = {c.id: c.ask for c in intake_questions()}
    return PreVisitAnswers(
        place=intake.data.get("about", {}).get("place", ""),
        yes=[asked[id] for id, answer in health.items() if answer == "yes" and id in asked],
        unsure=[asked[id] for id, answer in health.items() if answer == "unsure" and id in asked],
        drugs=[
            (id, drug.get("outcome", ""), drug.get("weeks", ""))
            for id, drug in intake.data.get("drugs", {}).items()
        ],
        words=intake.data.get("else", ""),
        finished=intake.completed_at is not None,
    )
