"""Who may come in by a link: one purpose, some days, and the person's date of birth once on each device.

A link that is unknown, ended, spoiled or of another purpose looks the same from outside. Guessing is slowed down by
the network address, and a link ends after a few wrong dates of birth.
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
from regrow.web.platform.forms import sent_with

from .forms import BirthDateForm
from .links import hash_token
from .models import FailedLinkAttempt, SecureLink

# Of the site's own safety, not of the clinic's rules.
MAX_BIRTH_DATE_ATTEMPTS = 5
MAX_FAILED_ATTEMPTS = 20
FAILED_ATTEMPTS_WINDOW = timedelta(minutes=10)

View = Callable[..., HttpResponse]


def has_link(*purposes: str) -> Callable[[View], View]:
    """Opens a view to whoever holds a link of one of these purposes; the view gets it. Everybody else learns nothing."""

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
    """Whether this device has given the date of birth; somebody whose date is not on file cannot give it."""
    return link.patient.birth_date is None or bool(request.session.get(f"born {link.id}"))


def find_link(token: str, *purposes: str) -> SecureLink | None:
    """The link if it is known, of one of these purposes and has not ended."""
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
        link.failed_birth_date_attempts += 1
        if link.failed_birth_date_attempts >= MAX_BIRTH_DATE_ATTEMPTS:
            link.revoked_at = clock.now()
        link.save(update_fields=["failed_birth_date_attempts", "revoked_at"])
        if link.revoked_at:
            return render(request, "assessments/link_expired.html", status=404)
    context = {
        "form": form,
        "wrong": wrong,
        "left": MAX_BIRTH_DATE_ATTEMPTS - link.failed_birth_date_attempts,
    }
    return render(request, "assessments/birth_date_gate.html", context, status=400 if form.is_bound else 200)


def _client_hash(request: ChartRequest) -> str:
    return hashlib.sha256(str(request.META.get("REMOTE_ADDR", "")).encode()).hexdigest()


def _is_rate_limited(request: ChartRequest) -> bool:
    since = clock.now() - FAILED_ATTEMPTS_WINDOW
    return (
        FailedLinkAttempt.objects.filter(client_hash=_client_hash(request), at__gt=since).count()
        >= MAX_FAILED_ATTEMPTS
    )


def _record_failed_attempt(request: ChartRequest) -> None:
    FailedLinkAttempt.objects.filter(at__lt=clock.now() - FAILED_ATTEMPTS_WINDOW).delete()
    FailedLinkAttempt.objects.create(client_hash=_client_hash(request), at=clock.now())
