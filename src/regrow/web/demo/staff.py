"""Staff, chairs and signed values of the demo clinic."""

from datetime import time, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from regrow.web.accounts.api import Role, User
from regrow.web.appointments.api import Chair, Shift
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import SignedValues, sign_file

from .sessions import PROTOCOL

PASSWORD = "demo-clinic-only"

LOGINS = [
    ("sam", "Sam Reyes", Role.FRONT_DESK, ""),
    ("cora", "Cora Whitfield", Role.COORDINATOR, ""),
    ("nina", "Nina Adeyemi", Role.NURSE, "RN"),
    ("noel", "Noel Park", Role.NURSE, "RN"),
    ("nur", "Nur Haddad", Role.NURSE, "RN"),
    ("lin", "Dr Mei Lin", Role.PRESCRIBER, "MD"),
    ("dora", "Dr Dora Okafor", Role.DIRECTOR, "MD"),
]

SIGNED_KINDS = ("scale", "definition", "criterion", "interaction", "route")


def make_staff() -> dict[str, User]:
    password = make_password(PASSWORD)
    made = {}
    for username, name, role, licence in LOGINS:
        first, _, last = name.rpartition(" ")
        made[username] = User.objects.create(
            username=username,
            first_name=first,
            last_name=last,
            role=role,
            license_number=licence,
            password=password,
        )
        if role in (Role.PRESCRIBER, Role.DIRECTOR):
            made[username].phone = f"917-555-09{len(made):02d}"
            made[username].save()
    for n in range(1, 5):
        Chair.objects.create(name=f"Chair {n}")
    Chair.objects.create(name="Chair 5")
    for weekday in range(5):
        Shift.objects.create(
            staff=made["lin"], kind="intake_visits", weekday=weekday, from_time=time(12), to_time=time(14)
        )
    director = made["dora"]
    for protocol in (PROTOCOL, "spravato-label"):
        _sign_limits("protocol", knowledge.protocol(protocol), protocol, director)
    duty, fasting = knowledge.duty(), knowledge.preparation()
    _sign_limits("duty", duty, f"duty-{duty.id}", director)
    _sign_limits("preparation", fasting, fasting.id, director)
    for kind in SIGNED_KINDS:
        for document in knowledge.documents(kind):
            sign_file(document, by=director)
    return made


def _sign_limits(kind: str, file: Any, limits_id: str, by: User) -> None:
    """Sign the demo's limits for one file, as of 90 days ago."""
    SignedValues.objects.create(
        kind=kind,
        file_id=file.id,
        version=file.version,
        values=dict(knowledge.demo_limits(limits_id)),
        signed_by=by,
        signed_at=clock.now() - timedelta(days=90),
    )
