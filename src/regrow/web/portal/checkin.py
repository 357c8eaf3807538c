"""The person's own side: one question a screen, saved at each tap; help first when somebody is in danger."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import ChartRequest
from regrow.web.alerts.api import SafetyAlert
from regrow.web.assessments.api import (
    QuestionnaireResponse,
    QuestionStep,
    SecureLink,
    alert_source,
    completed_responses,
    has_link,
    question_steps,
    save_answer,
    score_response,
)
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge


def _next(token: str, steps: Sequence[QuestionStep], after: int = 0) -> HttpResponse:
    """The first question from `after` on that has no answer, else any before it, else the end."""
    order = [*range(after, len(steps)), *range(after)]
    number = next((n + 1 for n in order if steps[n].answer is None), None)
    if number is None:
        return redirect("checkin-done", token=token)
    return redirect("checkin-item", token=token, number=number)


@has_link("checkin")
@require_GET
def begin(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Back to where the person was, or to the end when they are done."""
    return _next(token, question_steps(link))


@has_link("checkin")
def item(request: ChartRequest, link: SecureLink, token: str, number: int) -> HttpResponse:
    steps = question_steps(link)
    if not 1 <= number <= len(steps):
        raise Http404
    step = steps[number - 1]
    if step.sheet.completed_at:
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
        "previous": number - 1 if number > 1 and not steps[number - 2].sheet.completed_at else None,
        "session": step.scale.recall_days == 14,
    }
    return render(request, "portal/question.html", context)


def _answer(request: ChartRequest, token: str, steps: Sequence[QuestionStep], number: int) -> HttpResponse:
    step = steps[number - 1]
    allowed_answers = {str(value): value for value in step.item.scores}
    given = request.POST.get("answer", "")
    if given not in allowed_answers:
        raise ActionRefused(_("Please choose one of the answers."))
    if save_answer(step, allowed_answers[given]):
        return redirect("checkin-help", token=token)
    return _next(token, _fresh(steps, step.sheet), number)


def _fresh(steps: Sequence[QuestionStep], sheet: QuestionnaireResponse) -> Sequence[QuestionStep]:
    """The same questions, with what has just been saved in every step of its sheet."""
    return [
        QuestionStep(sheet if s.sheet.id == sheet.id else s.sheet, s.scale, s.item, s.place) for s in steps
    ]


@has_link("checkin")
@require_GET
def help_now(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Help first. The person has been told who will call."""
    sources = [alert_source(sheet) for sheet in link.responses.all()]
    alert = (
        SafetyAlert.objects.filter(source__in=sources)
        .select_related("assigned_to")
        .order_by("-raised_at")
        .first()
    )
    finished = not link.responses.filter(completed_at__isnull=True).exists()
    return render(request, "portal/checkin_help.html", {"token": token, "alert": alert, "finished": finished})


@has_link("checkin")
@require_GET
def done(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Thanks, and how the score has moved, in words. A device that could not prove whose it is sees no score."""
    if link.responses.filter(completed_at__isnull=True).exists():
        return redirect("checkin", token=token)
    context: dict[str, Any] = {"token": token}
    sheet = next((s for s in link.responses.all() if score_response(s).total is not None and _moves(s)), None)
    if sheet is not None and link.patient.birth_date is not None:
        same = completed_responses(link.patient).filter(instrument=sheet.instrument, language=sheet.language)
        totals = [total for s in same if (total := score_response(s).total) is not None]
        context["now"] = totals[-1] if totals else None
        if len(totals) > 1:
            context |= {"first": totals[0], "lower": totals[0] - totals[-1], "higher": totals[-1] - totals[0]}
    return render(request, "portal/checkin_done.html", context)


def _moves(sheet: QuestionnaireResponse) -> bool:
    """Whether the instrument is one whose change means something to the person."""
    scale = knowledge.scale(sheet.instrument, sheet.version)
    return scale.response_fall_percent is not None and scale.lower_is_better
