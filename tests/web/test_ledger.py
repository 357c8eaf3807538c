"""The cabinet's ledger on the site: what a session moves, what two people confirm, what blocks a lot, what is printed."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from regrow.inventory import LedgerAction
from regrow.web.accounts.models import User
from regrow.web.accounts.roles import Role
from regrow.web.dosing_sessions.services import append
from regrow.web.ledger import services as ledger
from regrow.web.ledger.models import LedgerEntry
from regrow.web.platform.access import ActionRefused

pytestmark = pytest.mark.django_db
DELIVERY = {
    "drug": "ketamine",
    "form": "vial",
    "ndc": "",
    "lot": "KT1",
    "expiry": "2027-12-31",
    "size_mg": "500",
    "size_ml": "10",
    "count": "3",
    "received_on": "2026-10-26",
    "invoice": "INV-7",
    "single_dose": "yes",
}


@pytest.fixture
def desk(small_clinic):
    """People at devices of their own, who write into the ledger."""

    class Desk:
        second = User.objects.create_user("noel", password="a long password", role=Role.NURSE)

        def sit(self, user: User) -> Client:
            client = Client()
            client.force_login(user)
            client.get(reverse("ledger"))  # the device is named on the first visit
            return client

        def write(self, client: Client, name: str, **data: str):
            return client.post(reverse("ledger-record", args=[name]), {"once": str(uuid.uuid4()), **data})

        def receive(self, client: Client, **changes: str):
            return self.write(client, "receive", **{**DELIVERY, **changes})

        def confirm(self, client: Client):
            (entry,) = ledger.inventory().waiting
            return client.post(reverse("ledger-confirm"), {"once": str(uuid.uuid4()), "entry": entry})

    found = Desk()
    found.nurse = found.sit(small_clinic.staff[Role.NURSE])
    found.other = found.sit(found.second)
    return found


def held(name: str):
    return ledger.inventory().containers[name]


@pytest.mark.database
def test_a_delivery_is_received_once_however_often_it_is_sent(desk) -> None:
    once = str(uuid.uuid4())
    for _ in range(2):
        assert desk.receive(desk.nurse, once=once).status_code == 302

    assert list(ledger.inventory().containers) == ["KT1-001", "KT1-002", "KT1-003"]
    assert ledger.problems() == []


def test_a_delivery_that_cannot_be_is_asked_for_again_and_nothing_is_lost(desk) -> None:
    answer = desk.receive(desk.nurse, size_mg="0", received_on="2027-01-01", mrn="no-such")

    page = answer.content.decode()
    assert (answer.status_code, LedgerEntry.objects.count()) == (400, 0)
    for sentence in ("Enter an amount above 0.", "not in the future", "No patient has this MRN"):
        assert sentence in page
    assert 'value="INV-7"' in page


@pytest.mark.database
def test_a_session_is_followed_from_the_draw_to_the_close(desk, session, small_clinic, clock) -> None:
    """500 mg: 40 given, 460 wasted with a witness; the log records it to the microgram."""
    desk.receive(desk.nurse)
    nurse, prescriber = small_clinic.staff[Role.NURSE], small_clinic.staff[Role.PRESCRIBER]

    def add_event(kind: str, author=nurse, **data):
        clock.at += timedelta(minutes=1)
        append(session, kind, data, author=author)

    from regrow.web.dosing_sessions.services import record_presence, rules_of

    record_presence(prescriber, True)
    add_event("identity", by=["name", "born"])
    for item in rules_of(session).before:
        if item.kind == "check":
            add_event("check", check=item.id)
    add_event("draw", container="KT1-001", size_mg="500", drawn_mg="40", lot="KT1")
    assert (held("KT1-001").left_ug, held("KT1-001").out_ug) == (460_000, 40_000)
    add_event("double_check", author=desk.second)
    add_event("vital", systolic_mmhg=120, diastolic_mmhg=78, pulse_per_min=70, spo2_percent=98)
    add_event("start")
    clock.at += timedelta(minutes=20)
    add_event("stop", reason="patient_asks")
    given = held("KT1-001").given_ug
    assert 20_000 < given < 40_000
    add_event("waste", container="KT1-001", mg="460")
    assert held("KT1-001").wasted_ug == 0  # not before a witness
    waste = session.events.filter(kind="waste").get()
    add_event("witness", author=desk.second, waste=str(waste.id))
    assert held("KT1-001").wasted_ug == 460_000
    add_event("waste", container="preparation", mg=str((40_000 - given) / 1000))
    add_event("witness", author=desk.second, waste=str(session.events.filter(kind="waste").last().id))

    vial = held("KT1-001")
    assert (vial.left_ug, vial.out_ug, vial.unaccounted_ug) == (0, 0, 0)
    assert vial.given_ug + vial.wasted_ug == 500_000
    assert ledger.inventory().open_incidents == []
    (balance,) = ledger.inventory().balances.values()
    assert (balance.containers, balance.ug) == (2, 1_000_000)
    correction = {"corrects": str(session.events.get(kind="stop").id), "reason": "it was a pause"}
    add_event("correction", **correction, data={"reason": "other"})
    assert held("KT1-001").unaccounted_ug == 0


def test_the_chair_refuses_what_the_cabinet_does_not_allow(desk, session, small_clinic) -> None:
    desk.receive(desk.nurse)
    nurse = small_clinic.staff[Role.NURSE]
    append(session, "identity", {"by": ["name", "born"]}, author=nurse)
    draw = {"container": "KT1-001", "size_mg": "500", "drawn_mg": "40", "lot": "KT1"}
    ledger.record_entry(LedgerAction.QUARANTINE, by=nurse, container="KT1-001", reason="cap was loose")

    with pytest.raises(ActionRefused, match="KT1-001 is in quarantine; choose another container"):
        append(session, "draw", draw, author=nurse)
    append(session, "draw", {**draw, "container": "KT1-002"}, author=nurse)


def test_drawing_an_unreceived_container_opens_a_discrepancy(session, small_clinic) -> None:
    nurse = small_clinic.staff[Role.NURSE]
    append(session, "identity", {"by": ["name", "born"]}, author=nurse)
    draw = {"container": "brought along", "size_mg": "500", "drawn_mg": "40", "lot": "?"}
    append(session, "draw", draw, author=nurse)

    (incident,) = ledger.inventory().open_incidents
    assert incident.text == "brought along was drawn in a session and has no receipt in the log."


@pytest.mark.database
def test_a_count_by_two_that_differs_blocks_the_lot_until_the_director_has_looked(desk, small_clinic) -> None:
    desk.receive(desk.nurse)
    desk.write(desk.nurse, "count", lot="KT1", sealed="2")
    assert desk.confirm(desk.nurse).status_code == 400
    assert ledger.inventory().open_incidents == []
    assert desk.confirm(desk.other).status_code == 302

    (incident,) = ledger.inventory().open_incidents
    assert incident.text == "2 sealed containers were counted, the log has 3."
    assert ledger.inventory().blocked("KT1") == incident
    data = {"once": str(uuid.uuid4()), "incident": incident.id, "reason": "It lay in the refrigerator"}
    assert desk.nurse.post(reverse("ledger-resolve"), data).status_code == 403
    director = desk.sit(small_clinic.staff[Role.DIRECTOR])
    assert director.post(reverse("ledger-resolve"), data).status_code == 302
    assert ledger.inventory().blocked("KT1") is None


def test_an_adjustment_is_an_entry_of_its_own(desk) -> None:
    desk.receive(desk.nurse, single_dose="no")
    desk.write(desk.nurse, "adjust", container="KT1-001", mg="-12.5", reason="overfill of the last draw")
    desk.confirm(desk.other)

    assert (held("KT1-001").left_ug, held("KT1-001").unaccounted_ug) == (487_500, 0)
    assert "holds 487.5 mg" in desk.write(
        desk.nurse, "adjust", container="KT1-001", mg="-600", reason="?"
    ).content.decode().replace("\xa0", " ").replace("\u2009", " ")


@pytest.mark.database
def test_an_entry_cannot_be_changed_or_deleted(desk) -> None:
    desk.receive(desk.nurse)
    for sql in (
        "UPDATE ledger_ledgerentry SET reason = 'x' WHERE number = 1",
        "DELETE FROM ledger_ledgerentry",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert LedgerEntry.objects.count() == 3


@pytest.mark.database
def test_what_was_undone_is_not_remembered(desk) -> None:
    """The folded cabinet is kept between requests; an entry of a transaction that failed must not stay in it."""
    desk.receive(desk.nurse)
    nurse = User.objects.get(username="noel")
    with pytest.raises(RuntimeError), transaction.atomic():
        ledger.record_entry(LedgerAction.QUARANTINE, by=nurse, container="KT1-001", reason="cap was loose")
        assert held("KT1-001").quarantined
        raise RuntimeError
    assert not held("KT1-001").quarantined
    ledger.record_entry(LedgerAction.QUARANTINE, by=nurse, container="KT1-002", reason="cap was loose")
    assert [c.id for c in ledger.inventory().containers.values() if c.quarantined] == ["KT1-002"]


@pytest.mark.parametrize("name", ["entries", "inventory"])
def test_the_reports_are_tagged_pdf(desk, name: str) -> None:
    desk.receive(desk.nurse)
    answer = desk.nurse.get(reverse("ledger-report", args=[name]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF") and b"/StructTreeRoot" in answer.content


def test_the_page_names_what_is_there_what_waits_and_what_is_near_its_last_day(desk, small_clinic) -> None:
    mrn = small_clinic.patient.mrn
    device = {"drug": "esketamine", "form": "nasal device", "size_mg": "28", "size_ml": "0.2", "lot": "24J"}
    desk.receive(desk.nurse, **device, mrn=mrn, received_on="2026-09-15", prescription="RX 77")
    desk.write(desk.nurse, "count", lot="24J", sealed="3")
    page = desk.other.get(reverse("ledger")).content.decode()

    assert "use by Fri, Oct 30" in page  # 45 days after it came
    assert "Maya Ortiz" in page
    assert ">Confirm<" in page
