"""Who may come in by a link: one purpose, some days, and the person's date of birth once on each device.

A link that is unknown, ended, spoiled or of another purpose looks the same from outside. Guessing is slowed down by
the network address, and a link ends after a few wrong dates of birth.
"""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from regrow.clinic.accounts.models import ChartRequest
from regrow.clinic.site import clock
from regrow.clinic.site.access import by_link

from .facts import hash_token
from .models import Knock, Link

# Of the site's own safety, not of the clinic's rules.
WRONG_BIRTHS = 5
KNOCKS = 20
KNOCKS_WITHIN = timedelta(minutes=10)

View = Callable[..., HttpResponse]


class BornForm(forms.Form):
    """Three small fields, because a picker of dates is slow for the year of one's birth."""

    month = forms.IntegerField(min_value=1, max_value=12, label=_("Month"))
    day = forms.IntegerField(min_value=1, max_value=31, label=_("Day"))
    year = forms.IntegerField(min_value=1900, max_value=2100, label=_("Year"))

    def born(self) -> date | None:
        try:
            return date(*(self.cleaned_data[part] for part in ("year", "month", "day")))
        except (ValueError, KeyError):
            return None


def holds_link(*purposes: str) -> Callable[[View], View]:
    """Opens a view to whoever holds a link of one of these purposes; the view gets it. Everybody else learns nothing."""

    def mark(view: View) -> View:
        @by_link
        @wraps(view)
        def opened(request: ChartRequest, token: str, **more: Any) -> HttpResponse:
            if _knocked_often(request):
                return render(request, "checkin/slow.html", status=429)
            link = find_link(token, *purposes)
            if link is None:
                _knock(request)
                return render(request, "checkin/gone.html", status=404)
            request.about = str(link.patient_id)
            with translation.override(link.patient.language):
                request.LANGUAGE_CODE = translation.get_language() or "en"
                if not is_proved(request, link):
                    return _prove(request, link)
                return view(request, link, token, **more)

        return opened

    return mark


def is_proved(request: ChartRequest, link: Link) -> bool:
    """Whether this device has given the date of birth; somebody whose date is not on file cannot give it."""
    return link.patient.born is None or bool(request.session.get(f"born {link.id}"))


def find_link(token: str, *purposes: str) -> Link | None:
    """The link if it is known, of one of these purposes and has not ended."""
    link = Link.objects.select_related("patient").filter(token_hash=hash_token(token)).first()
    if link is None or link.purpose not in purposes or link.ended_at or link.expires_at <= clock.now():
        return None
    return link


def _prove(request: ChartRequest, link: Link) -> HttpResponse:
    asked = request.method == "POST" and "year" in request.POST
    form = BornForm(request.POST if asked else None)
    wrong = False
    if asked and form.is_valid():
        if form.born() == link.patient.born:
            request.session[f"born {link.id}"] = True
            request.session.set_expiry(12 * 3600)
            return redirect(request.path)
        wrong = True
        link.wrong_births += 1
        if link.wrong_births >= WRONG_BIRTHS:
            link.ended_at = clock.now()
        link.save(update_fields=["wrong_births", "ended_at"])
        if link.ended_at:
            return render(request, "checkin/gone.html", status=404)
    context = {"form": form, "wrong": wrong, "left": WRONG_BIRTHS - link.wrong_births}
    return render(request, "checkin/born.html", context, status=400 if asked else 200)


def _who(request: ChartRequest) -> str:
    return hashlib.sha256(str(request.META.get("REMOTE_ADDR", "")).encode()).hexdigest()


def _knocked_often(request: ChartRequest) -> bool:
    since = clock.now() - KNOCKS_WITHIN
    return Knock.objects.filter(who=_who(request), at__gt=since).count() >= KNOCKS


def _knock(request: ChartRequest) -> None:
    Knock.objects.filter(at__lt=clock.now() - KNOCKS_WITHIN).delete()
    Knock.objects.create(who=_who(request), at=clock.now())
