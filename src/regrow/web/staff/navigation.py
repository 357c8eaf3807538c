"""Navigation for every template."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import resolve, reverse

from regrow.web.audit.api import access_log
from regrow.web.platform import clock
from regrow.web.platform.access import Access

# (URL name, label). Who sees an entry: the roles that may open its page.
MENU = [
    ("today", "Today"),
    ("pipeline", "Pipeline"),
    ("inquiries", "Inquiries"),
    ("messages", "Inbox"),
    ("patients", "Patients"),
    ("calendar", "Calendar"),
    ("sessions", "Sessions today"),
    ("witness", "Witness waste"),
    ("ledger", "Controlled substances"),
    ("rems", "REMS forms"),
    ("alerts", "Safety alerts"),
    ("sent-messages", "Sent messages"),
    ("protocols", "Protocols"),
    ("simulator", "Protocol simulator"),
    ("rules", "Clinical rules"),
    ("outcomes", "Outcomes"),
    ("audit", "Audit log"),
]


@cache
def _roles_of(name: str) -> frozenset[str]:
    access: Access = resolve(reverse(name)).func.access  # type: ignore[attr-defined]
    return access.roles


def navigation(request: HttpRequest) -> dict[str, Any]:
    role = getattr(getattr(request, "user", None), "role", None)
    return {
        "clinic": settings.CLINIC,
        "menu": [(name, label) for name, label in MENU if role in _roles_of(name)],
        "role": role,
        "now": clock.now(),
        "access_log_failing_since": access_log.failing_since,
    }
