"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from collections.abc import Mapping
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.knowledge import Protocol
from regrow.web.accounts.api import DECIDES, Role, StaffRequest, User
from regrow.web.platform import clock
from regrow.web.platform.access import allowed
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import protocol_in_force, sign_values
from regrow.web.simulator.api import attached_to

from .decisions import estimates_shown
from .forms import EstimateSwitchForm, LimitsForm
from .statements import toggle_estimate


@allowed(*DECIDES)
@require_GET
def protocols(request: StaffRequest) -> HttpResponse:
    return _page(request, EstimateSwitchForm())


def _page(request: StaffRequest, form: EstimateSwitchForm) -> HttpResponse:
    known = [knowledge.protocol(id) for id in knowledge.ids("protocol")]
    shown = [
        (p, protocol_in_force(p.id), knowledge.titration(*p.titration) if p.titration else None)
        for p in known
    ]
    context = {"protocols": shown, "estimates_shown": estimates_shown(clock.now()), "form": form}
    return render(request, "treatment/protocols.html", context, status=form.status)


@allowed(Role.DIRECTOR)
@require_POST
def estimate_switch(request: StaffRequest) -> HttpResponse:
    """Whether the clinic sees the model's estimate at all."""
    form = EstimateSwitchForm(request.POST)
    if form.submit(lambda data: toggle_estimate(on=data["on"] == "yes", text=data["text"], by=request.user)):
        return redirect("protocols")
    return _page(request, form)


@allowed(Role.DIRECTOR)
def sign_protocol(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """The director reads the protocol, fills in the limits and signs."""
    protocol = knowledge.protocol(protocol_id)
    before = protocol_in_force(protocol_id)
    form = LimitsForm(protocol, request.POST or None, initial=before.values if before else None)
    if form.submit(lambda data: _sign(protocol, data, request.user)):
        return redirect("protocols")
    context = {
        "protocol": protocol,
        "form": form,
        "signature": before,
        "sources": knowledge.sources(),
        "comparisons": attached_to(protocol.id, protocol.version),
    }
    return render(request, "treatment/sign_protocol.html", context, status=form.status)


def _sign(protocol: Protocol, data: Mapping[str, Decimal | None], by: User) -> None:
    values = {name: str(value) for name, value in data.items() if value is not None}
    sign_values("protocol", protocol.id, protocol.version, values, by=by)
