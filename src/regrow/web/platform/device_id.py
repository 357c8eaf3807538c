"""Which browser a request comes from: a random name it is given on its first visit to a screen that needs one.

Two people of whom one witnesses the other are two only when they sit at two devices.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "device"


def device_of(request: HttpRequest) -> str:
    """The browser's name; "" before its first visit."""
    return request.COOKIES.get(COOKIE, "")[:40]


def with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same answer, with a name for a browser that has none."""
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
