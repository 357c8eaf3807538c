"""The application uvicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regrow.web.platform.settings")
django.setup(set_prefix=False)

from django.core.asgi import get_asgi_application  # noqa: E402 - only after setup

application = get_asgi_application()
