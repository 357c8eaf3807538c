"""Model assumptions: every parameter with its stage, source and effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regrow.knowledge import EffectParameter, Source
from regrow.pharmacology.curve_sketches import CurveSketch, sketches
from regrow.pharmacology.effects import effects_in_force
from regrow.web.platform.access import public
from regrow.web.platform.content import knowledge

STAGES = {
    "receptor": "From the blood to the receptor",
    "drive": "How strongly a session drives growth",
    "cascade": "Glutamate, growth signal, synapses",
    "network": "The default mode network",
    "mood": "From synapses to the score",
    "expectancy": "Expectancy",
    "natural course": "What comes without ketamine",
    "scores": "How a score is written down",
    "acute": "What is felt during a session",
    "afterwards": "Leaving and losing",
    "between studies": "How studies differ",
}
WIDTH, HEIGHT = 150, 56


@dataclass(frozen=True)
class Shown:
    """One parameter ready to be shown; `paths` are the lower, the present and the higher line of its sketch."""

    entry: EffectParameter
    value: str
    prior: str
    status: str
    source: Source
    paths: Sequence[str]
    axes: str


@public
@require_GET
def model(request: HttpRequest) -> HttpResponse:
    parameters = knowledge.effect_parameters()
    rows = _rows(parameters.hash)
    dose = knowledge.dose_effect()
    stages = [
        (id, title, [row for row in rows if row.entry.stage == id])
        for id, title in STAGES.items()
        if any(row.entry.stage == id for row in rows)
    ]
    counts = [
        (status, sum(row.entry.status == status for row in rows))
        for status in ("published", "calibrated", "assumed")
    ]
    context = {
        "parameters": parameters,
        "stages": stages,
        "counts": counts,
        "dose": dose,
        "weights": [(h, round(100 * h.weight)) for h in dose.hypotheses],
        "models": sorted((knowledge.model(id) for id in knowledge.ids("model")), key=lambda m: m.short),
    }
    return render(request, "portal/learn/model.html", context)


@lru_cache(maxsize=2)
def _rows(hash: str) -> Sequence[Shown]:
    """Return the rows, cached by parameter hash."""
    del hash
    parameters = knowledge.effect_parameters()
    sources, drawn = knowledge.sources(), sketches(effects_in_force(knowledge))
    return [
        Shown(
            entry,
            f"{entry.value:.3g}",
            _prior(entry),
            f"calibrated to {entry.calibrated_to}" if entry.status == "calibrated" else entry.status,
            sources[entry.source],
            _paths(drawn[id]),
            _axes(drawn[id]),
        )
        for id, entry in parameters.entries.items()
    ]


def _prior(entry: EffectParameter) -> str:
    if entry.prior is None:
        return ""
    return f"± {entry.prior.sd:g} {'on the logarithm' if entry.prior.on_log else entry.unit}"


def _paths(sketch: CurveSketch | None) -> Sequence[str]:
    if sketch is None:
        return ()
    every = [v for line in sketch.lines for v in line]
    low, high = min(0.0, *every), max(every)
    x0, x1 = sketch.x[0], sketch.x[-1]

    def point(x: float, y: float) -> str:
        across = 4 + (WIDTH - 8) * (x - x0) / (x1 - x0)
        up = HEIGHT - 6 - (HEIGHT - 12) * (y - low) / ((high - low) or 1)
        return f"{across:.1f} {up:.1f}"

    return ["M" + "L".join(point(x, y) for x, y in zip(sketch.x, line, strict=True)) for line in sketch.lines]


def _axes(sketch: CurveSketch | None) -> str:
    return (
        ""
        if sketch is None
        else f"{sketch.y_label}, by {sketch.x_label} ({sketch.x[0]:g} to {sketch.x[-1]:g})"
    )
