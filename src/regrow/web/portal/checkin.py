"""Check-in pages: one question per screen, saved at each tap; help first after a crisis answer."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
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
from regrow.web.platform.content import knowledge

from .forms import CheckinAnswerForm


def _next(token: str, steps: Sequence[QuestionStep], after: int = 0) -> HttpResponse:
    """Redirect to the first unanswered question after `after`, else any before, else the end."""
    order = [*range(after, len(steps)), *range(after)]
    number = next((n + 1 for n in order if steps[n].answer is None), None)
    if number is None:
        return redirect("checkin-done", token=token)
    return redirect("checkin-item", token=token, number=number)


@has_link("checkin")
@require_GET
def begin(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Resume where the patient left off, or show the end."""
    return _next(token, question_steps(link))


@has_link("checkin")
def item(request: ChartRequest, link: SecureLink, token: str, number: int) -> HttpResponse:
    steps = question_steps(link)
    if not 1 <= number <= len(steps):
        raise Http404
    step = steps[number - 1]
    if step.sheet.completed_at:
        return _next(token, steps, number - 1)
    form = CheckinAnswerForm(step.item, request.POST if request.method == "POST" else None)
    if form.is_valid():
        if save_answer(step, form.cleaned_data["answer"]):
            return redirect("checkin-help", token=token)
        return _next(token, _fresh(steps, step.sheet), number)
    context = {
        "token": token,
        "scale": step.scale,
        "item": step.item,
        "number": number,
        "count": len(steps),
        "steps": [n <= number for n in range(1, len(steps) + 1)],
        "form": form,
        "chosen": step.answer,
        "previous": number - 1 if number > 1 and not steps[number - 2].sheet.completed_at else None,
        "session": step.scale.recall_days == 14,
    }
    return render(request, "portal/question.html", context, status=form.status)


def _fresh(steps: Sequence[QuestionStep], sheet: QuestionnaireResponse) -> Sequence[QuestionStep]:
    """Return the steps with the answer just saved on their sheet."""
    return [
        QuestionStep(sheet if s.sheet.id == sheet.id else s.sheet, s.scale, s.item, s.place) for s in steps
    ]


@has_link("checkin")
@require_GET
def help_now(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Show help. The page names who will call."""
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
    """Show thanks and the change of the score in words. A device without a verified birth date sees no score."""
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
    """Whether the change of this instrument is shown to the patient."""
    scale = knowledge.scale(sheet.instrument, sheet.version)
    return scale.response_fall_percent is not None and scale.lower_is_better
