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
    ("messages", "Messages", set(Role)),
    ("patients", "Patients", set(Role)),
    ("calendar", "Calendar", {Role.FRONT_DESK, Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("sessions", "Sessions", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("witness", "Witness", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("ledger", "Ledger", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("rems", "REMS forms", {Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("alerts", "Alerts", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("sent-messages", "Sent messages", {Role.FRONT_DESK, Role.COORDINATOR}),
    ("protocols", "Protocols", {Role.PRESCRIBER, Role.DIRECTOR}),
    ("simulator", "Simulator", {Role.DIRECTOR}),
    ("rules", "Clinical rules", set(Role)),
    ("outcomes", "Outcomes", {Role.PRESCRIBER, Role.DIRECTOR}),
    ("audit", "Audit", {Role.DIRECTOR}),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    role = getattr(getattr(request, "user", None), "role", None)
    return {
        "clinic": settings.CLINIC,
        "desks": [(name, words) for name, words, roles in MENU if role in roles],
        "role": role,
        "now": clock.now(),
    }
