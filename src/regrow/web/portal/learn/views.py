"""Public pages: what people want to know, the evidence behind it, the routes compared, and STAR*D read two ways."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from regrow.knowledge import MARKS, Figure, KnowledgeFile, RouteFile, Source
from regrow.web.platform.access import public
from regrow.web.platform.content import knowledge
from regrow.web.platform.evidence_figures import figures_in

from .evidence import Entry, entries, shares

ROWS = ("bioavailability", "time_course", "dose_precision", "setting", "coverage", "evidence")


@dataclass(frozen=True)
class Shown:
    """One section ready to be shown: its text, and the figures and the source it rests on."""

    title: str
    text: str
    figures: list[Figure]
    source: Source | None


@public
@require_GET
def pages(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/learn/pages.html", {"pages": knowledge.learn_pages(_language())})


@public
@require_GET
def getting_started(request: HttpRequest) -> HttpResponse:
    """From the first question to the first session, each with a short answer and the way to more."""
    found = knowledge.path(language=_language())
    return render(request, "portal/learn/getting_started.html", {"path": found, "stations": found.stations})


@public
@require_GET
def page(request: HttpRequest, page_id: str) -> HttpResponse:
    pages = knowledge.learn_pages(_language())
    found = next((page for page in pages if page.subject == page_id), None)
    if found is None:
        raise Http404
    sources = knowledge.sources()
    context = {
        "page": found,
        "sections": [
            Shown(s.title, s.text, figures_in(s.text), sources[s.source] if s.source else None)
            for s in found.sections
        ],
        "pages": pages,
        "sources": sources,
    }
    return render(request, "portal/learn/page.html", context)


def _language() -> str:
    return get_language() or "en"


@public
@require_GET
def evidence(request: HttpRequest) -> HttpResponse:
    """Every published figure, by topic; `q` narrows to those that hold all its words."""
    wanted = request.GET.get("q", "").strip()[:200]
    topics: list[tuple[KnowledgeFile, str, list[Entry]]] = entries(wanted, _language())
    count = sum(len(found) for _, _, found in topics)
    return render(
        request,
        "portal/learn/evidence.html",
        {"topics": topics, "wanted": wanted, "count": count, "marks": MARKS},
    )


@public
@require_GET
def compare_treatments(request: HttpRequest) -> HttpResponse:
    """The ways to give ketamine, side by side."""
    compared: list[RouteFile] = [route for route in knowledge.routes() if route.group == "ketamine"]
    language, sources = _language(), knowledge.sources()
    figures = {key: figure.in_language(language) for key, figure in knowledge.figures().items()}
    rows = [
        (
            row,
            [
                (
                    (r.title_in(language), r.offered),
                    r.cells[row].in_language(language),
                    [figures[k] for k in r.cells[row].figures],
                    sources[r.cells[row].source],
                )
                for r in compared
            ],
        )
        for row in ROWS
    ]
    return render(request, "portal/learn/compare.html", {"rows": rows})


@public
@require_GET
def star_d(request: HttpRequest) -> HttpResponse:
    """What a next antidepressant is likely to bring, with both readings of the same trial."""
    language = _language()
    picture = knowledge.picture("star-d", language)
    figures = {key: figure.in_language(language) for key, figure in knowledge.figures().items()}
    context = {
        "picture": picture,
        "steps": shares(picture, figures),
        "readings": [(reading, figures[reading.cumulative]) for reading in picture.readings],
    }
    return render(request, "portal/learn/star_d.html", context)
