"""Today's page for each role, the components, the audit trail, and what is said when something is refused."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import condition, require_GET

from regrow.chart import Determination, State
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, EVERYONE, Role
from regrow.clinic.audit.log import verify
from regrow.clinic.audit.models import AuditRow
from regrow.clinic.checkin.models import Alert
from regrow.clinic.frontdesk.models import Inquiry
from regrow.clinic.treatment.models import Booking
from regrow.clinic.treatment.orders import order_is_stale, signed_order

from . import clock
from .access import allowed, public

login: Callable[..., HttpResponseBase] = public(
    LoginView.as_view(template_name="site/login.html", redirect_authenticated_user=True)
)
logout: Callable[..., HttpResponseBase] = public(LogoutView.as_view())


@allowed(*EVERYONE)
@require_GET
def today(request: StaffRequest) -> HttpResponse:
    """What waits for this person now."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.combine(clock.today(zone), datetime.min.time(), tzinfo=zone)
    bookings = Booking.objects.filter(
        off_at__isnull=True, starts_at__gte=start, starts_at__lt=start + timedelta(days=1)
    )
    rows = []
    for booking in bookings.select_related("course__patient", "chair"):
        order = signed_order(booking)
        session = getattr(booking, "session", None)
        stale = bool(order and not session and order_is_stale(order))
        rows.append((booking, order, stale, session))
    clinical = request.user.works_as in CLINICAL
    context = {
        "now": clock.now(),
        "rows": rows,
        "alerts": Alert.objects.filter(closed_at__isnull=True).select_related("patient", "assigned_to")
        if clinical
        else [],
        "inquiries": Inquiry.objects.filter(patient__isnull=True).select_related("owner")
        if not clinical
        else [],
    }
    return render(request, "site/today.html", context)


@allowed(Role.DIRECTOR)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    return render(
        request, "site/audit.html", {"rows": AuditRow.objects.order_by("-id")[:100], "problems": verify()}
    )


@allowed(*EVERYONE)
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component with its states, in the theme chosen."""
    theme = request.GET.get("theme", "light")
    shown = [
        Determination(
            "example-met",
            State.MET,
            "Two antidepressants, adequate and without response",
            ["trial-1", "trial-2"],
        ),
        Determination(
            "example-not-met", State.NOT_MET, "Blood pressure under the signed limit: 168/96", ["vital-4"]
        ),
        Determination(
            "example-open",
            State.NOT_DOCUMENTED,
            "Prescription register checked",
            (),
            ["the prescriber's statement"],
        ),
    ]
    return render(request, "site/components.html", {"determinations": shown, "theme": theme})


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
    return render(request, "site/refused.html", {"sentence": sentence, "status": 403}, status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = (
        "There is nothing at this address. It may have been mistyped, or belong to something that is gone."
    )
    return render(request, "site/refused.html", {"sentence": sentence, "status": 404}, status=404)


@public
def broken(request: HttpRequest) -> HttpResponse:
    sentence = "Something went wrong on our side. Nothing was saved half. Please try once more."
    return render(request, "site/refused.html", {"sentence": sentence, "status": 500}, status=500)
