"""Protocols and their signatures, the plan with its bookings, and the dosing screen."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from regrow import knowledge
from regrow.knowledge import Protocol
from regrow.web.accounts.api import DECIDES, Role, StaffRequest
from regrow.web.platform import clock
from regrow.web.platform.access import allowed
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
    """One field for each limit nobody has published."""

    WORDS = {
        "start_hold_systolic_mmhg": ("Do not start above, systolic", "mmHg"),
        "start_hold_diastolic_mmhg": ("Do not start above, diastolic", "mmHg"),
        "during_systolic_mmhg": ("Alarm during the infusion from, systolic", "mmHg"),
        "during_diastolic_mmhg": ("Alarm during the infusion from, diastolic", "mmHg"),
        "during_spo2_below_percent": ("Alarm when SpO₂ is below", "%"),
        "discharge_systolic_mmhg": ("Go home only below, systolic", "mmHg"),
        "discharge_diastolic_mmhg": ("Go home only below, diastolic", "mmHg"),
        "observation_min": ("Observe after the infusion for at least", "min"),
        "vitals_every_min": ("Take vital signs every", "min"),
        "score_fresh_days": ("Decide by no score older than", "days"),
        "score_before_dose_days": ("A score may look back on days before the last dose, at most", "days"),
        "flush_ml": ("Flush the line with", "mL"),
        "counts_as_given_percent": ("A dose counts as given from", "% of the order"),
        "absolute_dose_mg": ("Never more in one session than", "mg"),
        "escalate_after_min": ("Call the prescriber when an alarm stands for", "min"),
        "weight_change_percent": ("Ask the prescriber when weight changed by more than", "%"),
        "tubing_ml": ("Drug left in the line when the bag is empty", "mL"),
        "discharge_spo2_percent": ("Go home only with SpO₂ of at least", "%"),
        "pressure_40_early_min": ("The 40-minute pressure may be early by", "min"),
        "pressure_40_late_min": ("The 40-minute pressure may be late by", "min"),
        "during_systolic_rise_mmhg": ("Alarm when systolic has risen by", "mmHg"),
        "during_pulse_above_per_min": ("Alarm from a pulse of", "/min"),
        "during_pulse_below_per_min": ("Alarm below a pulse of", "/min"),
        "sustained_systolic_mmhg": ("Alarm when two readings stay at or above, systolic", "mmHg"),
        "sustained_apart_min": ("These two readings lie apart by", "min"),
        "during_moaas_below": ("Alarm when MOAA/S is below", "0 to 5"),
        "comfort_at_min": ("Ask for comfort after", "min"),
        "dissociation_at_min": ("Take the CADSS-6 after", "min"),
    }

    def __init__(self, protocol: Protocol, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*protocol.unset_limits, *protocol.optional_limits):
            words, unit = self.WORDS[name]
            optional = name in protocol.optional_limits
            self.fields[name] = forms.DecimalField(
                label=f"{words} ({unit})" + (", may stay empty" if optional else ""),
                required=not optional,
                min_value=Decimal(0 if name in ("tubing_ml", "during_moaas_below") else 1),
                max_value=Decimal(400),
                max_digits=5,
                decimal_places=1,
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
