"""Device id: a random browser id, set on the first visit to a screen that needs one.

A witness must use a different device.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "device"


def device_of(request: HttpRequest) -> str:
    """Return the device id; "" before the first visit."""
    return request.COOKIES.get(COOKIE, "")[:40]


def with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response, with a device id cookie for a browser without one."""
    if not device_of(request):
        response.set_cookie(
            COOKIE,
            secrets.token_hex(8),
            max_age=2 * 365 * 86400,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
