"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from regrow.outcomes import clinic_outcomes
from regrow.web.accounts.api import DECIDES, StaffRequest
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge

from .course_builder import build_course
from .dose_response import dose_response_evidence as clinic_registry
from .dose_response import sign_weights
from .forms import SignWeightsForm
from .replay import shadow as run_shadow
from .services import courses_started


@allowed(*DECIDES)
def dose_response(request: StaffRequest) -> HttpResponse:
    """What the clinic's courses say about dose and benefit; the director puts it in force."""
    form = SignWeightsForm(request.POST if request.method == "POST" else None)
    if form.submit(lambda data: sign_weights(by=request.user, reason=data["reason"])):
        return redirect("dose-response")
    found = clinic_registry()
    answers = [
        (
            h.text,
            found.known[h.id],
            found.in_force[h.id],
            found.suggested[h.id],
            [b.weights[h.id] for b in found.batches],
        )
        for h in knowledge.dose_effect().hypotheses
    ]
    context = {"found": found, "answers": answers, "choices": knowledge.estimate_choices(), "form": form}
    return render(request, "treatment/dose_response.html", context, status=form.status)


@allowed(*DECIDES)
@require_GET
def shadow(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """Another rule run silently at every decision so far: where it would have said something else."""
    protocol = knowledge.protocol(protocol_id)
    if protocol.titration is None:
        raise ActionRefused("This protocol has no rule that moves its dose.")
    own = knowledge.titration(*protocol.titration)
    known = [
        knowledge.titration(document.id, document.version)
        for id in knowledge.ids("titration")
        for document in knowledge.history("titration", id)
    ]
    rules = [r for r in known if r.unit == own.unit and (r.id, r.version) != (own.id, own.version)]
    chosen = request.GET.get("rule", "")
    rule = next((r for r in rules if f"{r.id}.v{r.version}" == chosen), None)
    if chosen and rule is None:
        raise ActionRefused("Choose one of the rules in the list.")
    context = {
        "protocol": protocol,
        "own": own,
        "rules": rules,
        "rule": rule,
        "chosen": chosen,
        "result": run_shadow(rule, protocol_id) if rule else None,
    }
    return render(request, "treatment/shadow.html", context)


@allowed(*DECIDES)
@require_GET
def outcomes(request: StaffRequest) -> HttpResponse:
    """How many started, how many are counted, response and remission."""
    started = list(courses_started())
    scale = knowledge.scale("phq-9")
    result = clinic_outcomes(scale, [build_course(c) for c in started])
    return render(
        request, "treatment/outcomes.html", {"result": result, "scale": scale, "figures": knowledge.figures()}
    )
