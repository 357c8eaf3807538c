"""Questions behind a secure link, and saving their answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.knowledge import Item, Scale
from regrow.web.alerts.api import raise_alert
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import locked

from .models import QuestionnaireResponse, SecureLink
from .responses import alert_source, response_completed


@dataclass(frozen=True)
class QuestionStep:
    """One question of a check-in, which may hold several instruments; `place` is the item's index on its sheet."""

    sheet: QuestionnaireResponse
    scale: Scale
    item: Item
    place: int

    @property
    def answer(self) -> int | None:
        given: int | None = self.sheet.answers[self.place]
        return given


def question_steps(link: SecureLink) -> Sequence[QuestionStep]:
    """Return every question behind a link, in order."""
    steps = []
    for sheet in link.responses.order_by("sent_at", "instrument"):
        scale = knowledge.scale(sheet.instrument, sheet.version).in_language(sheet.language)
        steps += [QuestionStep(sheet, scale, item, place) for place, item in enumerate(scale.items)]
    return steps


def save_answer(step: QuestionStep, value: int) -> bool:
    """Save one answer, from a screen or a phone key; returns whether it is a crisis answer, which raised its alert."""
    sheet, stored = step.sheet, locked(step.sheet)  # another device may have saved an answer
    finished_before = stored.completed_at is not None
    if not finished_before:
        stored.answers = [value if n == step.place else old for n, old in enumerate(stored.answers)]
        if None not in stored.answers:
            stored.completed_at = clock.now()
        stored.save(update_fields=["answers", "completed_at"])
    sheet.answers, sheet.completed_at = stored.answers, stored.completed_at
    if sheet.completed_at and not finished_before:
        response_completed(sheet.patient)
    if step.item.suicide and value > 0:
        text = f"{step.scale.title} item {step.item.number} answered {value} of {max(step.item.scores)}"
        raise_alert(sheet.patient, text, source=alert_source(sheet), crisis=True)
        return True
    if step.item.red_flag and value > min(step.item.scores):
        english = knowledge.scale(sheet.instrument, sheet.version).item(step.item.number).text
        raise_alert(sheet.patient, f"After the session, answered yes: {english}")
    return False
