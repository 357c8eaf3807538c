"""The application uvicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regrow.web.platform.settings")
django.setup(set_prefix=False)

from django.core.asgi import get_asgi_application  # noqa: E402 - only after setup

from .process import Receive, Scope, Send, lifespan  # noqa: E402

_requests = get_asgi_application()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    else:
        await _requests(scope, receive, send)  # type: ignore[arg-type]
