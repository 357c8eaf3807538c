"""Access by secure link: one purpose, an expiry, and the date of birth once per device.

An unknown, expired, revoked or mismatched link gives the same response. Guessing is slowed by network address, and a
link ends after several wrong dates of birth.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation

from regrow.web.accounts.api import ChartRequest
from regrow.web.platform import clock
from regrow.web.platform.access import by_link
from regrow.web.platform.database import locked, writing
from regrow.web.platform.forms import sent_with

from .forms import BirthDateForm
from .links import hash_token
from .models import FailedLinkAttempt, SecureLink

# Security settings of the site, not clinical rules.
MAX_BIRTH_DATE_ATTEMPTS = 5
MAX_FAILED_ATTEMPTS = 20
FAILED_ATTEMPTS_WINDOW = timedelta(minutes=10)

View = Callable[..., HttpResponse]


def has_link(*purposes: str) -> Callable[[View], View]:
    """Open a view to holders of a link with one of these purposes; others get the same neutral response."""

    def mark(view: View) -> View:
        @by_link
        @wraps(view)
        def opened(request: ChartRequest, token: str, **more: Any) -> HttpResponse:
            if _is_rate_limited(request):
                return render(request, "assessments/rate_limited.html", status=429)
            link = find_link(token, *purposes)
            if link is None:
                _record_failed_attempt(request)
                return render(request, "assessments/link_expired.html", status=404)
            request.about = str(link.patient_id)
            with translation.override(link.patient.language):
                request.LANGUAGE_CODE = translation.get_language() or "en"
                if not is_verified(request, link):
                    return _verify_birth_date(request, link)
                return view(request, link, token, **more)

        return opened

    return mark


def is_verified(request: ChartRequest, link: SecureLink) -> bool:
    """Whether this device gave the date of birth; without one on file it cannot be given."""
    return link.patient.birth_date is None or bool(request.session.get(f"born {link.id}"))


def find_link(token: str, *purposes: str) -> SecureLink | None:
    """Return the link if it exists, has one of these purposes and has not ended."""
    link = SecureLink.objects.select_related("patient").filter(token_hash=hash_token(token)).first()
    if link is None or link.purpose not in purposes or link.revoked_at or link.expires_at <= clock.now():
        return None
    return link


def _verify_birth_date(request: ChartRequest, link: SecureLink) -> HttpResponse:
    form = BirthDateForm(sent_with(request, "year"))
    wrong = False
    if form.is_valid():
        if form.cleaned_data["born"] == link.patient.birth_date:
            request.session[f"born {link.id}"] = True
            request.session.set_expiry(12 * 3600)
            return redirect(request.path)
        wrong = True
        link = count_wrong_birth_date(link)
        if link.revoked_at:
            return render(request, "assessments/link_expired.html", status=404)
    context = {
        "form": form,
        "wrong": wrong,
        "left": MAX_BIRTH_DATE_ATTEMPTS - link.failed_birth_date_attempts,
    }
    return render(request, "assessments/birth_date_gate.html", context, status=400 if form.is_bound else 200)


def count_wrong_birth_date(link: SecureLink) -> SecureLink:
    """Count a wrong date of birth; too many end the link. Attempts made at the same time all count."""
    with writing():
        link.failed_birth_date_attempts = locked(link).failed_birth_date_attempts + 1
        if link.failed_birth_date_attempts >= MAX_BIRTH_DATE_ATTEMPTS:
            link.revoked_at = clock.now()
        link.save(update_fields=["failed_birth_date_attempts", "revoked_at"])
    return link


def _client_hash(request: ChartRequest) -> str:
    return hashlib.sha256(str(request.META.get("REMOTE_ADDR", "")).encode()).hexdigest()


def _is_rate_limited(request: ChartRequest) -> bool:
    since = clock.now() - FAILED_ATTEMPTS_WINDOW
    return (
        FailedLinkAttempt.objects.filter(client_hash=_client_hash(request), at__gt=since).count()
        >= MAX_FAILED_ATTEMPTS
    )


def _record_failed_attempt(request: ChartRequest) -> None:
    with writing():
        FailedLinkAttempt.objects.filter(at__lt=clock.now() - FAILED_ATTEMPTS_WINDOW).delete()
        FailedLinkAttempt.objects.create(client_hash=_client_hash(request), at=clock.now())
