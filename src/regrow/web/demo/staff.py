"""Staff, chairs and signed values of the demo clinic."""

from datetime import time, timedelta

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
    for protocol in (PROTOCOL, "spravato-label"):
        SignedValues.objects.create(
            kind="protocol",
            file_id=protocol,
            version=knowledge.protocol(protocol).version,
            values=dict(knowledge.demo_limits(protocol)),
            signed_by=made["dora"],
            signed_at=clock.now() - timedelta(days=90),
        )
    duty = knowledge.duty()
    SignedValues.objects.create(
        kind="duty",
        file_id=duty.id,
        version=duty.version,
        values=dict(knowledge.demo_limits(f"duty-{duty.id}")),
        signed_by=made["dora"],
        signed_at=clock.now() - timedelta(days=90),
    )
    before = knowledge.preparation()
    SignedValues.objects.create(
        kind="preparation",
        file_id=before.id,
        version=before.version,
        values=dict(knowledge.demo_limits(before.id)),
        signed_by=made["dora"],
        signed_at=clock.now() - timedelta(days=90),
    )
    for kind in SIGNED_KINDS:
        for document in knowledge.documents(kind):
            sign_file(document, by=made["dora"])
    return made
