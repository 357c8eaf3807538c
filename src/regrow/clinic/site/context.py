"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from regrow.clinic.accounts.roles import Role

# The rooms of the house as a desk sees them: (url name, words, roles).
DESKS = [
    ("today", "Today", set(Role)),
    ("board", "Board", set(Role)),
    ("inquiries", "Inquiries", {Role.FRONT_DESK, Role.COORDINATOR}),
    ("inbox", "Inbox", set(Role)),
    ("patients", "Patients", set(Role)),
    ("calendar", "Calendar", {Role.FRONT_DESK, Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("chairs", "Chairs", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("witness", "Witness", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("ledger", "Ledger", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("rems", "REMS forms", {Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("alerts", "Alerts", {Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR}),
    ("outbox", "Outbox", {Role.FRONT_DESK, Role.COORDINATOR}),
    ("protocols", "Protocols", {Role.PRESCRIBER, Role.DIRECTOR}),
    ("lab", "Lab", {Role.DIRECTOR}),
    ("library", "Knowledge", set(Role)),
    ("outcomes", "Outcomes", {Role.PRESCRIBER, Role.DIRECTOR}),
    ("audit", "Audit", {Role.DIRECTOR}),
]


def site(request: HttpRequest) -> dict[str, Any]:
    role = getattr(getattr(request, "user", None), "role", None)
    return {
        "clinic": settings.CLINIC,
        "desks": [(name, words) for name, words, roles in DESKS if role in roles],
        "role": role,
    }
