"""The interactive figure "How ketamine works": text from the knowledge, numbers from the pharmacology."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regrow.knowledge import InteractiveFigure
from regrow.pharmacology import BadDose
from regrow.pharmacology.effects import SPRAY, TYPICAL_H, effects_in_force
from regrow.pharmacology.figure_series import CHOICES, LANES, WEEK_MIN, Picture, answers, picture_of
from regrow.web.platform.access import public
from regrow.web.platform.content import knowledge

EXPLORABLE = "how-ketamine-works"
FIRST_MIN = 2.0
LONGEST_PAUSE_MIN = 240  # limits the number of possible figures
SHORTEST_PAUSE_MIN = 10
PAUSE_AFTER_MIN, PAUSE_BEFORE_END_MIN = 2.5, 1  # a pause shows on the axis only within these
HIGHEST = 1.15  # value at the top of a lane, relative to the largest of a usual treatment
RUNNING_TOP = 4
FIRST_STEP = 4
FIRST_ROUTE = "iv"
DOSE_AXIS = {"left": 40, "per_mg_per_kg": 300}
USUAL = {"iv": 0.5, "spray": 2, "oral": 2.0}
# Leaves of the branch: x, y, turn in degrees, size.
LEAVES = (
    (34, 220, -40, 0.9),
    (52, 204, 130, 0.85),
    (72, 192, -45, 1.0),
    (92, 176, 140, 0.95),
    (116, 160, -50, 1.05),
    (134, 176, 10, 0.9),
    (154, 178, 170, 0.95),
    (176, 170, -5, 1.05),
    (198, 160, 80, 1.05),
    (150, 106, 78, 0.95),
    (146, 92, -85, 1.0),
    (138, 68, 70, 1.0),
    (126, 48, -22, 1.15),
    (164, 118, -40, 0.95),
    (182, 100, 128, 1.0),
    (200, 84, -36, 1.0),
    (216, 70, 138, 0.9),
    (230, 58, 52, 1.15),
)
TICKS = (
    (2, "2 min"),
    (10, "10 min"),
    (40, "40 min"),
    (120, "2 h"),
    (360, "6 h"),
    (1440, gettext_noop("1 day")),
    (4320, gettext_noop("3 days")),
    (WEEK_MIN, gettext_noop("1 week")),
)


@dataclass(frozen=True)
class Lane:
    """A lane of the chart as a path; `told` is its text alternative."""

    id: str
    name: str
    y: int
    line: str
    area: str
    told: str


@dataclass(frozen=True)
class Chart:
    """The seven lanes on one logarithmic axis; drawn wide and narrow, so that text keeps its size on a phone."""

    width: int
    left: int
    right: int
    lane: int
    room: int  # height of a lane's largest value
    top: int
    height: int
    lanes: Sequence[Lane]
    ticks: Sequence[tuple[float, str]]


@public
@require_GET
def how_it_works(request: HttpRequest) -> HttpResponse:
    words = knowledge.explorable(EXPLORABLE, get_language() or "en")
    effects = effects_in_force(knowledge)
    first = picture_of(effects, FIRST_ROUTE, USUAL[FIRST_ROUTE])
    doses, found = answers(effects)
    highest = max(share for shares in found.values() for share in shares)
    wide = _chart(words, first, 1110, 190, 38)
    context = {
        "words": words,
        "steps": [(step, lane.told) for step, lane in zip(words.steps, wide.lanes, strict=True)],
        "charts": [wide, _chart(words, first, 360, 0, 52)],
        "leaves": LEAVES,
        "data": _frame(words, first),
        "answers": [
            {
                "id": id,
                "text": words.answers[id],
                "weight": round(100 * weight),
                "path": _answer_path(doses, found[id], highest),
            }
            for id, weight in ((h.id, h.weight) for h in knowledge.dose_effect().hypotheses)
        ],
        "moment": _("1 day after the start"),
        "dose": _dose_label(FIRST_ROUTE, USUAL[FIRST_ROUTE]),
        "verdict": _verdict(knowledge.dose_effect().verdict),
        "doses": [(d, round(_dose_x(d), 1)) for d in (0.1, 0.25, 0.5, 0.75, 1.0)],
        "sources": knowledge.sources(),
        "parameter_hash": knowledge.effect_parameters().hash,
    }
    return render(request, "portal/learn/how_it_works.html", context)


def _frame(words: InteractiveFigure, first: Picture) -> Mapping[str, Any]:
    """Return what the script is opened with: the first curves, the choices, limits and sentences."""
    minutes = TYPICAL_H * 60
    return {
        "first": _as_json(first),
        "address": reverse("how-it-works-data"),
        "axis": {"first_minute": FIRST_MIN, "last_minute": WEEK_MIN},
        "highest": HIGHEST,
        "steps": [
            {"id": s.id, "lane": s.lane, "lane_id": lane, "minute": s.minute, "sentence": s.sentence}
            for s, lane in zip(words.steps, LANES, strict=True)
        ],
        "first_step": FIRST_STEP,
        "choices": {
            route: [{"dose": dose, "label": _dose_label(route, dose)} for dose in doses]
            for route, doses in CHOICES.items()
        },
        "usual": {route: values.index(USUAL[route]) for route, values in CHOICES.items()},
        "first_route": FIRST_ROUTE,
        "infusion": {
            "route": "iv",
            "minutes": minutes,
            "pause_after": PAUSE_AFTER_MIN,
            "pause_before": minutes - PAUSE_BEFORE_END_MIN,
            "shortest_pause": SHORTEST_PAUSE_MIN,
            "longest_pause": LONGEST_PAUSE_MIN,
        },
        "dose_axis": DOSE_AXIS,
        "texts": {
            "minutes": _("{n} minutes after the start"),
            "hours": _("{n} hours after the start"),
            "days": _("{n} days after the start"),
            "day": _("1 day after the start"),
            "step": _("step {n} of {of}"),
            "of_largest": _("{n} percent of a usual infusion's highest"),
            "paused": _("Paused at minute {n}. Move the time, resume the infusion, or leave it paused."),
            "again": _("Resumed at minute {n}, until the whole dose is given."),
            "offline": _("No network. The picture stays as it was."),
        },
    }


def _dose_label(route: str, dose: float) -> str:
    """Return the dose with its unit; the spray is chosen in devices and shown in mg."""
    if route == "spray":
        device_mg = knowledge.model(SPRAY).routes["nasal"].device_mg
        assert device_mg is not None  # the schema requires it of a nasal route
        return f"{dose * device_mg:g} mg"
    return f"{dose:g} mg/kg"


def _dose_x(mg_per_kg: float) -> float:
    """Return the horizontal coordinate of a dose in the chart of benefit by dose."""
    return DOSE_AXIS["left"] + DOSE_AXIS["per_mg_per_kg"] * mg_per_kg


# The steps of each scene of the short version.
SCENES = (("brake", (0,)), ("gap", (1, 2)), ("branch", (3, 4)), ("network", (5,)), ("mood", (6,)))


@public
@require_GET
def how_it_works_short(request: HttpRequest) -> HttpResponse:
    """The same in two minutes: no script, no number, each scene at its own moment."""
    words = knowledge.explorable(EXPLORABLE, get_language() or "en")
    context = {
        "words": words,
        "scenes": [
            (name, f"portal/learn/scenes/{name}.html", [words.steps[n] for n in steps])
            for name, steps in SCENES
        ],
        "leaves": LEAVES,
    }
    return render(request, "portal/learn/how_it_works_short.html", context)


@public
@require_GET
def how_it_works_data(request: HttpRequest) -> HttpResponse:
    """The lanes for one way of giving it: route, dose, and for an infusion when it was paused and went on."""
    try:
        dose = float(request.GET.get("dose", ""))
        paused = _minute(request.GET.get("paused"))
        again = _minute(request.GET.get("again"))
        if again is not None and paused is not None and again - paused > LONGEST_PAUSE_MIN:
            raise ValueError(f"again: a pause here lasts at most {LONGEST_PAUSE_MIN} minutes")
        found = picture_of(effects_in_force(knowledge), request.GET.get("route", ""), dose, paused, again)
    except (BadDose, ValueError, OverflowError) as mistake:
        return JsonResponse({"problem": str(mistake)}, status=400)
    return JsonResponse(_as_json(found))


def _minute(text: str | None) -> float | None:
    """Parse a whole minute within a week, which limits the number of possible figures."""
    if text is None:
        return None
    minute = float(text)
    if not 0 < minute < WEEK_MIN:
        raise ValueError(f"paused, again: {text} is not a minute of the week")
    return float(round(minute))


def _as_json(picture: Picture) -> Mapping[str, Any]:
    return {
        "minutes": picture.minutes,
        "lanes": picture.lanes,
        "running": picture.running,
    }


def _chart(words: InteractiveFigure, picture: Picture, width: int, left: int, lane: int) -> Chart:
    right = width - 20
    left = left or 14

    def x(minute: float) -> float:
        share = math.log(minute / FIRST_MIN) / math.log(WEEK_MIN / FIRST_MIN)
        return round(left + (right - left) * share, 1)

    room = lane - (22 if width < 500 else 8)
    lanes = []
    for number, (step, id) in enumerate(zip(words.steps, LANES, strict=True)):
        base = lane * (number + 1)
        points = [
            f"{x(m)} {round(base - room * min(v, HIGHEST) / HIGHEST, 1)}"
            for m, v in zip(picture.minutes, picture.lanes[id], strict=True)
        ]
        line = "M" + "L".join(points)
        area = f"{line}L{right} {base}L{left} {base}Z"
        lanes.append(Lane(id, step.lane, base, line, area, _explanation(picture, id)))
    ticks = [(x(minute), _(text)) for minute, text in TICKS if width > 500 or minute not in (10, 360, 4320)]
    return Chart(width, left, right, lane, room, RUNNING_TOP, lane * len(lanes) + 34, lanes, ticks)


def _verdict(text: str) -> str:
    """What the file says of the question, in the language of the page where it is the usual sentence."""
    return _("not established in people") if text == "not established in people" else text


def _explanation(picture: Picture, id: str) -> str:
    values = picture.lanes[id]
    top = max(range(len(values)), key=values.__getitem__)
    last = values[-1] / values[top] if values[top] else 0
    return _("highest {when} after the start; after a week {share}% of that").format(
        when=_when(picture.minutes[top]), share=round(100 * last)
    )


def _when(minute: float) -> str:
    if minute < 90:
        return _("{n} minutes").format(n=round(minute))
    if minute < 24 * 60:
        return _("{n} hours").format(n=round(minute / 60))
    days = round(minute / 1440)
    return ngettext("{n} day", "{n} days", days).format(n=days)


def _answer_path(doses: Sequence[float], shares: Sequence[float], highest: float) -> str:
    """In a chart 360 wide and 200 high: 0 to 1 mg/kg across, from no benefit up to the highest of all answers."""
    points = [f"{_dose_x(d):.1f} {170 - 142 * s / highest:.1f}" for d, s in zip(doses, shares, strict=True)]
    return "M" + "L".join(points)
