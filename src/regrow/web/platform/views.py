"""Today's page for each role, the components, the audit trail, and what is said when something is refused."""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import condition, require_GET

from .access import public

# The stylesheet's parts in cascade order: of two equal selectors, the later one wins.
STYLE_PARTS = (
    "tokens",
    "base",
    "layout",
    "buttons",
    "cards",
    "tables",
    "forms",
    "eligibility",
    "charts",
    "dosing",
    "session",
    "chairs-board",
    "evidence",
    "patient",
    "public",
    "calendar",
    "messages",
    "narrow-screens",
    "pipeline",
    "intake-visit",
    "print",
)


@cache
def _style(for_staff: bool) -> tuple[bytes, str]:
    """Return the combined stylesheet and its ETag.

    Staff pages load the fonts with it and choose dark in a script (`theme.js`). Public and patient pages load the
    fonts later (`fonts.js`) and follow the device's color scheme.
    """
    folder = Path(__file__).parent / "static" / "regrow" / "style"
    tokens, *rules = ((folder / f"{name}.css").read_text(encoding="utf-8") for name in STYLE_PARTS)
    if not for_staff:
        tokens = re.sub(r"@font-face \{[^}]*\}\n*", "", tokens)
        dark = re.search(r':root\[data-theme="dark"\] (\{[^}]*\})', tokens)
        tokens += f"@media (prefers-color-scheme: dark) {{ :root {dark[1]} }}" if dark else ""
    whole = "\n".join((tokens, *rules)).encode()
    return whole, f'"{hashlib.sha256(whole).hexdigest()[:16]}"'


@public
@require_GET
@condition(etag_func=lambda request, for_staff: _style(for_staff)[1])
def style(request: HttpRequest, for_staff: bool) -> HttpResponse:
    """Serve all style parts in one response; on a slow network each request adds a round trip."""
    answer = HttpResponse(_style(for_staff)[0], content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


@public
@require_GET
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Another language for this browser, from now on; back to where the person was."""
    back = request.GET.get("back", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) or not back.startswith(
        "/"
    ):
        back = "/"
    answer = redirect(back)
    if code in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, samesite="Lax")
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = (
        "This form was open too long or in another tab. Go back, load the page again, and send it once more."
    )
    return render(request, "platform/refused.html", {"sentence": sentence, "status": 403}, status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = (
        "There is nothing at this address. It may have been mistyped, or belong to something that is gone."
    )
    return render(request, "platform/refused.html", {"sentence": sentence, "status": 404}, status=404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    sentence = "Something went wrong on our side. Nothing was saved half. Please try once more."
    return render(request, "platform/refused.html", {"sentence": sentence, "status": 500}, status=500)
