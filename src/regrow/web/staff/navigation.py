"""Navigation for every template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from regrow.web.accounts.api import Role
from regrow.web.platform import clock

# (URL name, label, roles that see it)
MENU = [
    ("today", "Today", set(Role)),
    ("pipeline", "Pipeline", set(Role)),
    ("inquiries", "Inquiries", {Role.FRONT_DESK, Role.COORDINATOR}),
    ("messages", "Inbox", set(Role)),
    ("patients", "Patients", set(Role)),
    ("calendar", "Calendar", {Role.FRONT_DESK, Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("sessions", "Sessions today", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("witness", "Witness waste", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("ledger", "Controlled substances", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("rems", "REMS forms", {Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("alerts", "Safety alerts", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("sent-messages", "Sent messages", {Role.FRONT_DESK, Role.COORDINATOR}),
    ("protocols", "Protocols", {Role.PRESCRIBER, Role.DIRECTOR}),
    ("simulator", "Protocol simulator", {Role.DIRECTOR}),
    ("rules", "Clinical rules", set(Role)),
    ("outcomes", "Outcomes", {Role.PRESCRIBER, Role.DIRECTOR}),
    ("audit", "Audit log", {Role.DIRECTOR}),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    role = getattr(getattr(request, "user", None), "role", None)
    return {
        "clinic": settings.CLINIC,
        "menu": [(name, label) for name, label, roles in MENU if role in roles],
        "role": role,
        "now": clock.now(),
    }
