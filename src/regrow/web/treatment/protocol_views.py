"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from regrow.knowledge import Protocol
from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.platform import clock
from regrow.web.platform.access import allowed
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import protocol_in_force, sign_values
from regrow.web.simulator.api import attached_to

from .decisions import estimates_shown


@allowed(*DECIDES)
@require_GET
def protocols(request: StaffRequest) -> HttpResponse:
    known = [knowledge.protocol(id) for id in knowledge.ids("protocol")]
    shown = [
        (p, protocol_in_force(p.id), knowledge.titration(*p.titration) if p.titration else None)
        for p in known
    ]
    context = {"protocols": shown, "estimates_shown": estimates_shown(clock.now())}
    return render(request, "treatment/protocols.html", context)


class LimitsForm(forms.Form):
    """One field for each limit that a protocol names, by the catalog of limits. Raises `BadKnowledge`."""

    def __init__(self, protocol: Protocol, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*protocol.unset_limits, *protocol.optional_limits):
            limit, optional = knowledge.limit(name), name in protocol.optional_limits
            usual = f"Usual: {limit.usual[0]} to {limit.usual[1]} {limit.unit}" if limit.usual else ""
            self.fields[name] = forms.DecimalField(
                label=f"{limit.label} ({limit.unit})" + (", optional" if optional else ""),
                help_text=usual,
                required=not optional,
                min_value=limit.minimum,
                max_value=limit.maximum,
                decimal_places=limit.decimals,
            )


@allowed(Role.DIRECTOR)
def sign_protocol(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """The director reads the protocol, fills in the limits and signs."""
    protocol = knowledge.protocol(protocol_id)
    before = protocol_in_force(protocol_id)
    form = LimitsForm(protocol, request.POST or None, initial=before.values if before else None)
    if request.method == "POST" and form.is_valid():
        values = {name: str(value) for name, value in form.cleaned_data.items() if value is not None}
        sign_values("protocol", protocol.id, protocol.version, values, by=request.user)
        return redirect("protocols")
    context = {
        "protocol": protocol,
        "form": form,
        "signature": before,
        "sources": knowledge.sources(),
        "comparisons": attached_to(protocol.id, protocol.version),
    }
    return render(request, "treatment/sign_protocol.html", context, status=400 if form.errors else 200)
