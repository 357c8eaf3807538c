"""The person's own side: one question a screen, saved at each tap; help first when somebody is in danger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regrow import knowledge
from regrow.clinic.accounts.models import ChartRequest
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.knowledge import Item, Scale

from .facts import finished_sheets, look_again, raise_alert, scored
from .links import holds_link
from .models import Alert, AnswerSheet, Link


@dataclass(frozen=True)
class Step:
    """One question of a check-in, which may hold several instruments; `place` is the item's place on its sheet."""

    sheet: AnswerSheet
    scale: Scale
    item: Item
    place: int

    @property
    def answer(self) -> int | None:
        given: int | None = self.sheet.answers[self.place]
        return given


def steps_of(link: Link) -> Sequence[Step]:
    """Every question behind a link, in the order in which they are asked."""
    steps = []
    for sheet in link.sheets.order_by("asked_at", "instrument"):
        scale = knowledge.scale(sheet.instrument, sheet.version).in_language(sheet.language)
        steps += [Step(sheet, scale, item, place) for place, item in enumerate(scale.items)]
    return steps


def _next(token: str, steps: Sequence[Step], after: int = 0) -> HttpResponse:
    """The first question from `after` on that has no answer, else any before it, else the end."""
    order = [*range(after, len(steps)), *range(after)]
    number = next((n + 1 for n in order if steps[n].answer is None), None)
    if number is None:
        return redirect("checkin-done", token=token)
    return redirect("checkin-item", token=token, number=number)


@holds_link("checkin")
@require_GET
def begin(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """Back to where the person was, or to the end when they are done."""
    return _next(token, steps_of(link))


@holds_link("checkin")
def item(request: ChartRequest, link: Link, token: str, number: int) -> HttpResponse:
    steps = steps_of(link)
    if not 1 <= number <= len(steps):
        raise Http404
    step = steps[number - 1]
    if step.sheet.finished_at:
        return _next(token, steps, number - 1)
    if request.method == "POST":
        return _answer(request, token, steps, number)
    context = {
        "token": token,
        "scale": step.scale,
        "item": step.item,
        "number": number,
        "count": len(steps),
        "steps": [n <= number for n in range(1, len(steps) + 1)],
        "chosen": step.answer,
        "previous": number - 1 if number > 1 and not steps[number - 2].sheet.finished_at else None,
        "session": step.scale.recall_days == 14,
    }
    return render(request, "checkin/item.html", context)


def _answer(request: ChartRequest, token: str, steps: Sequence[Step], number: int) -> HttpResponse:
    step = steps[number - 1]
    allowed_answers = {str(value): value for value in step.item.scores}
    given = request.POST.get("answer", "")
    if given not in allowed_answers:
        raise Refused(_("Please choose one of the answers."))
    if keep_answer(step, allowed_answers[given]):
        return redirect("checkin-help", token=token)
    return _next(token, _fresh(steps, step.sheet), number)


def keep_answer(step: Step, value: int) -> bool:
    """Keeps one answer, on a screen or by a key of a telephone; whether it tells of danger, which has raised its alert."""
    sheet = step.sheet
    sheet.answers = [value if n == step.place else old for n, old in enumerate(sheet.answers)]
    if None not in sheet.answers:
        sheet.finished_at = clock.now()
    sheet.save(update_fields=["answers", "finished_at"])
    if sheet.finished_at:
        look_again(sheet.patient)
    if step.item.suicide and value > 0:
        text = f"{step.scale.title} item {step.item.number} answered {value} of {max(step.item.scores)}"
        raise_alert(sheet.patient, text, sheet, crisis=True)
        return True
    if step.item.red_flag and value > min(step.item.scores):
        english = knowledge.scale(sheet.instrument, sheet.version).item(step.item.number).text
        raise_alert(sheet.patient, f"After the session, answered yes: {english}")
    return False


def _fresh(steps: Sequence[Step], sheet: AnswerSheet) -> Sequence[Step]:
    """The same questions, with what has just been saved in every step of its sheet."""
    return [Step(sheet if s.sheet.id == sheet.id else s.sheet, s.scale, s.item, s.place) for s in steps]


@holds_link("checkin")
@require_GET
def help_now(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """Help first. The person has been told who will call."""
    alert = (
        Alert.objects.filter(sheet__link=link).select_related("assigned_to").order_by("-raised_at").first()
    )
    finished = not link.sheets.filter(finished_at__isnull=True).exists()
    return render(request, "checkin/help.html", {"token": token, "alert": alert, "finished": finished})


@holds_link("checkin")
@require_GET
def done(request: ChartRequest, link: Link, token: str) -> HttpResponse:
    """Thanks, and how the score has moved, in words. A device that could not prove whose it is sees no score."""
    if link.sheets.filter(finished_at__isnull=True).exists():
        return redirect("checkin", token=token)
    context: dict[str, Any] = {"token": token}
    sheet = next((s for s in link.sheets.all() if scored(s).total is not None and _moves(s)), None)
    if sheet is not None and link.patient.born is not None:
        same = finished_sheets(link.patient).filter(instrument=sheet.instrument, language=sheet.language)
        totals = [total for s in same if (total := scored(s).total) is not None]
        context["now"] = totals[-1] if totals else None
        if len(totals) > 1:
            context |= {"first": totals[0], "lower": totals[0] - totals[-1], "higher": totals[-1] - totals[0]}
    return render(request, "checkin/done.html", context)


def _moves(sheet: AnswerSheet) -> bool:
    """Whether the instrument is one whose change means something to the person."""
    scale = knowledge.scale(sheet.instrument, sheet.version)
    return scale.response_fall_percent is not None and scale.lower_is_better
