"""The pages, with each figure's source beneath."""

import re
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regrow import knowledge
from regrow.clinic.site.access import public
from regrow.knowledge import Figure, Source


@dataclass(frozen=True)
class Shown:
    """One section ready to be shown: its text with the figures in place, and what they rest on."""

    title: str
    text: str
    figures: list[Figure]
    source: Source | None


def _shown(title: str, text: str, source: str | None) -> Shown:
    figures = knowledge.figures()
    used: list[Figure] = []

    def put(match: re.Match[str]) -> str:
        key, _, part = match[1].partition(".")
        figure = figures[key]
        if figure not in used:
            used.append(figure)
        return figure.n if part == "n" else f"{figure.value} {figure.statement}"

    return Shown(
        title, re.sub(r"\{([\w.-]+)\}", put, text), used, knowledge.sources()[source] if source else None
    )


@public
@require_GET
def pages(request: HttpRequest) -> HttpResponse:
    found = sorted((knowledge.learn_page(id) for id in knowledge.ids("learn")), key=lambda page: page.order)
    return render(request, "learn/pages.html", {"pages": found})


@public
@require_GET
def page(request: HttpRequest, page_id: str) -> HttpResponse:
    if page_id not in knowledge.ids("learn"):
        raise Http404
    found = knowledge.learn_page(page_id)
    everyone = sorted((knowledge.learn_page(id) for id in knowledge.ids("learn")), key=lambda p: p.order)
    context = {
        "page": found,
        "sections": [_shown(s.title, s.text, s.source) for s in found.sections],
        "pages": everyone,
        "sources": knowledge.sources(),
    }
    return render(request, "learn/page.html", context)
