"""The lab's desk: ask for a comparison, watch it, read it on one page, lay it under a protocol."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regrow.simulation.comparison import RegimenChoice, choices
from regrow.web.accounts.api import Role, StaffRequest
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge
from regrow.web.platform.formats import prose_day

from .models import SimulationAttachment, SimulationRun
from .tasks import start_simulation

SIZES = (
    (2_000, "2,000 people: some seconds"),
    (10_000, "10,000 people"),
    (50_000, "50,000 people: a minute"),
)
WORDS = {
    "response": ("Response", "PHQ-9 at least half lower"),
    "remission": ("Remission", "PHQ-9 below the scale's cut-off"),
    "change": ("Change of PHQ-9", "mean; lower is better"),
    "worse": ("Worse than before", ""),
    "stayed": ("Stayed to the end", ""),
    "dissociation": ("Dissociation", "at any session, CADSS above the trials' cut-off"),
    "sedation": ("Sedation", "at any session"),
    "nausea": ("Nausea", "at any session"),
    "pressure": ("Highest systolic rise", "mean of sessions, as read"),
}
FEWER_IS_BETTER = ("change", "worse", "dissociation", "sedation", "nausea", "pressure")
MAY = (Role.DIRECTOR,)
PROGRESS_TEXTS = {
    "progress": "{percent}% of virtual patients simulated.",
    "offline": "No network. The run continues; this page refreshes automatically.",
}


class ComparisonForm(forms.Form):
    """Two regimens, a population and the number of virtual patients."""

    first = forms.ChoiceField(label="First regimen")
    second = forms.ChoiceField(label="Second regimen")
    population = forms.ChoiceField(label="Population")
    size = forms.TypedChoiceField(label="Virtual patients per group", coerce=int, choices=SIZES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(c.id, c.title) for c in choices(knowledge)]
        self.fields["first"].choices = self.fields["second"].choices = offered  # type: ignore[attr-defined]
        populations = [(id, title) for id, (title, _) in knowledge.lab().populations.items()]
        self.fields["population"].choices = populations  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("first") and given.get("first") == given.get("second"):
            raise forms.ValidationError("Choose two different regimens.")
        return given


@dataclass(frozen=True)
class Row:
    """One outcome of both courses, and the difference; `clear` where its interval leaves out no difference."""

    name: str
    note: str
    first: str
    second: str
    difference: str
    clear: bool


@allowed(*MAY)
@require_http_methods(["GET", "POST"])
def simulator(request: StaffRequest) -> HttpResponse:
    """Ask, and the comparisons that were asked for."""
    form = ComparisonForm(request.POST or None, initial={"second": "iv-weekly-fixed"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        known = {c.id: c for c in choices(knowledge)}
        run = SimulationRun.objects.create(
            requested_by=request.user,
            requested_at=clock.now(),
            titles={name: known[given[name]].title for name in ("first", "second")}
            | {"population": knowledge.lab().populations[given["population"]][0]},
            **given,
        )
        return redirect("simulation", run_id=run.id)
    context = {"form": form, "runs": SimulationRun.objects.select_related("requested_by")[:30]}
    return render(request, "simulator/simulator.html", context, status=400 if form.errors else 200)


@allowed(*MAY)
@require_GET
def simulation(request: StaffRequest, run_id: str) -> HttpResponse:
    """The comparison: its progress, or its page."""
    run = get_object_or_404(SimulationRun.objects.select_related("requested_by"), id=run_id)
    if run.state in (SimulationRun.WAITING, SimulationRun.RUNNING):
        start_simulation(run)
    known = {c.id: c for c in choices(knowledge)}
    protocols = [c for c in (known.get(run.first), known.get(run.second)) if c and c.protocol]
    context = {
        "run": run,
        "page": _page(run) if run.state == SimulationRun.DONE else None,
        "protocols": protocols,
        "attached": {(a.protocol, a.version) for a in run.attachments.all()},
        "attachments": run.attachments.select_related("attached_by"),
        "frame": {"address": reverse("simulation-state", args=[run.id]), "texts": PROGRESS_TEXTS},
    }
    return render(request, "simulator/simulation.html", context)


@allowed(*MAY)
@require_GET
def simulation_state(request: StaffRequest, run_id: str) -> HttpResponse:
    """Progress of the run, in simulated patients, for the page that waits."""
    run = get_object_or_404(SimulationRun, id=run_id)
    if run.state in (SimulationRun.WAITING, SimulationRun.RUNNING):
        start_simulation(run)
    ended = run.state in (SimulationRun.DONE, SimulationRun.FAILED)
    return JsonResponse({"ended": ended, "done": run.done, "total": run.total})


@allowed(*MAY)
@require_POST
def attach_simulation(request: StaffRequest, run_id: str) -> HttpResponse:
    """Lays a finished comparison under the protocol it tried; a second click does so once."""
    run = get_object_or_404(SimulationRun, id=run_id, state=SimulationRun.DONE)
    known = {c.id: c for c in choices(knowledge) if c.protocol}
    choice: RegimenChoice | None = known.get(request.POST.get("protocol", ""))
    if (
        choice is None
        or choice.id not in (run.first, run.second)
        or not choice.protocol
        or not choice.version
    ):
        raise ActionRefused("This comparison did not simulate that protocol. Run one that does.")
    SimulationAttachment.objects.get_or_create(
        run=run,
        protocol=choice.protocol,
        version=choice.version,
        defaults={"attached_by": request.user, "attached_at": clock.now()},
    )
    return redirect("simulation", run_id=run.id)


@allowed(*MAY)
@require_GET
def simulation_pdf(request: StaffRequest, run_id: str) -> HttpResponse:
    """The page on paper, by Typst, so that it prints alike everywhere."""
    import typst

    run = get_object_or_404(
        SimulationRun.objects.select_related("requested_by"), id=run_id, state=SimulationRun.DONE
    )
    page = _page(run)
    facts = {
        "first": run.titles["first"],
        "second": run.titles["second"],
        "population": run.titles["population"],
        "about": page["about"],
        "rows": [[r.name, r.note, r.first, r.second, r.difference] for r in page["rows"]],
        "doses": [[d, a, b] for d, a, b, *_ in page["doses"]],
        "by_answer": [[text, value] for text, value in page["by_answer"]],
        "sentence": page["sentence"],
        "unknown": list(page["unknown"]),
        "asked": f"{run.requested_by.shown_name}, {prose_day(run.requested_at)}",
    }
    template = files("regrow.web.simulator").joinpath("comparison.typ").read_bytes()
    pdf = typst.compile(
        template, sys_inputs={"facts": json.dumps(facts)}, ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="comparison.pdf"'
    return response


def _page(run: SimulationRun) -> Mapping[str, Any]:
    report: Mapping[str, Any] = run.report or {}
    outcomes = report["outcomes"]
    rows = [_row(name, note, outcomes[id]) for id, (name, note) in WORDS.items()]
    dose = outcomes["dose"]["groups"]
    every = sorted({*dose["first"].get("doses", {}), *dose["second"].get("doses", {})}, key=float)
    share = {
        name: {d: n / (dose[name]["n"] or 1) for d, n in dose[name].get("doses", {}).items()} for name in dose
    }
    answers = {h.id: h.text for h in knowledge.dose_effect().hypotheses}
    response = outcomes["response"]["differences"][0]
    parameters = knowledge.effect_parameters()
    assumed = sum(e.status == "assumed" for e in parameters.entries.values())
    return {
        "rows": rows,
        "sentence": _sentence(run, response),
        "doses": [
            (
                f"{float(d):g}",
                f"{100 * share['first'].get(d, 0):.0f}%",
                f"{100 * share['second'].get(d, 0):.0f}%",
                round(100 * share["first"].get(d, 0)),
                round(100 * share["second"].get(d, 0)),
            )
            for d in every
        ],
        "by_answer": [
            (answers[id], _interval(found["response"]["differences"][0], " points"))
            for id, found in report["by_answer"].items()
        ],
        "about": (
            f"{report['sizes']['first']:,} virtual patients in each group, the same in both; seed {report['seed']}; "
            f"parameters {report['parameter_hash']}; plan {report['plan_hash']}"
        ),
        "unknown": [
            f"How benefit depends on the dose: {report['dose_and_effect']}. The weights of the four hypotheses are a choice.",
            "Why Spravato has less effect than its occupancy suggests: a factor is fitted; the cause is unknown.",
            "How patients differ between clinics: studies differ by more than their entry criteria explain.",
            f"{assumed} of its {len(parameters.entries)} parameters are assumed, not measured.",
            "Longer use: bladder, cognition and misuse are not in the model. Suicidality is not predicted.",
            "A rate cap that makes an infusion longer is not simulated; each lasts as the protocol's first does.",
        ],
    }


def _row(name: str, note: str, outcome: Mapping[str, Any]) -> Row:
    first, second = outcome["groups"]["first"], outcome["groups"]["second"]
    unit = {"%": "%", "mmHg": " mmHg"}.get(first.get("unit", ""), " points")
    difference = outcome["differences"][0] if outcome["differences"] else None
    return Row(
        name,
        note,
        _interval(first, unit),
        _interval(second, unit),
        _interval(difference, " points" if unit == "%" else unit, signed=True) if difference else "",
        bool(difference and difference["low"] * difference["high"] > 0),
    )


def _interval(value: Mapping[str, Any], unit: str, *, signed: bool = False) -> str:
    if value.get("value") is None:
        return "no data"
    sign = "+" if signed or (unit == " points" and "between" in value) else ""
    return f"{value['value']:{sign}.1f}{unit} ({value['low']:{sign}.1f} to {value['high']:{sign}.1f})"


def _sentence(run: SimulationRun, response: Mapping[str, Any]) -> str:
    low, high = response["low"], response["high"]
    if low * high <= 0:
        return (
            "Response hardly differs on these virtual patients: the difference is between "
            f"{low:+.1f} and {high:+.1f} percentage points."
        )
    more = "first" if response["value"] > 0 else "second"
    return (
        f"More of these virtual patients respond to the {more} protocol: by {abs(response['value']):.1f} percentage points "
        f"({min(abs(low), abs(high)):.1f} to {max(abs(low), abs(high)):.1f})."
    )
