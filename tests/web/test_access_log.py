"""A read waits for no writer; its audit row follows, in the chain, and is not lost."""

import sqlite3
import time

import pytest
from django.db import OperationalError, connection
from django.test import Client

from regrow.web.accounts.roles import Role
from regrow.web.audit import access_log as module
from regrow.web.audit.access_log import AccessLog, access_log
from regrow.web.audit.log import Facts, append, verify
from regrow.web.audit.models import AuditCheckpoint, AuditRow
from regrow.web.audit.verification import last_verification, verify_chains, verify_whole_audit_log
from regrow.web.patients.models import Patient
from regrow.web.platform import database
from regrow.web.platform.database import WriteInRead, reading, writing
from tests.web.test_audit import lift_the_guard

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(small_clinic) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[Role.NURSE])
    return client


def wait_for(condition, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def facts(clock, what: str) -> Facts:
    return Facts(clock.at, "nina", "nurse", "read", what)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("erasable")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the lock of a SQLite file")
def test_a_page_opens_while_another_process_writes_and_its_row_follows(small_clinic, nurse) -> None:
    place = f"/patients/{small_clinic.patient.id}/"
    access_log.start()
    try:
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert nurse.get(place).status_code == 200
        assert time.monotonic() - started < 5  # a writer waits 20 s
        assert not AuditRow.objects.exists()
        other.execute("COMMIT")
        other.close()
        assert wait_for(lambda: AuditRow.objects.count() == 1, 5)
    finally:
        access_log.stop()
    row = AuditRow.objects.get()
    assert (row.who, row.action, row.patient) == ("nurse", "read", str(small_clinic.patient.id))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("erasable")
@pytest.mark.database
def test_a_clean_stop_writes_every_row_that_waits(clock) -> None:
    log = AccessLog()
    log.start()
    for n in range(300):
        log.add(facts(clock, f"staff: page {n}"))
    log.stop()
    assert AuditRow.objects.count() == 300
    assert list(verify()) == []


def test_reading_continues_when_the_disk_is_full_and_staff_see_a_warning(nurse, monkeypatch) -> None:
    def full(rows) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(module, "append_all", full)
    assert nurse.get("/today/").status_code == 200
    assert "has saved no access log since" in nurse.get("/today/").content.decode()
    monkeypatch.undo()
    access_log.write()
    assert "has saved no access log since" not in nurse.get("/today/").content.decode()
    assert AuditRow.objects.count() == 3
    assert list(verify()) == []


def test_a_read_that_writes_outside_a_transaction_of_its_own_is_refused(small_clinic) -> None:
    patient = small_clinic.patient
    with reading():
        with connection.cursor() as cursor, pytest.raises(WriteInRead):
            cursor.execute("UPDATE patients_patient SET name = 'Someone else'")
        with writing():
            assert Patient.objects.filter(id=patient.id).update(name="Maya O.") == 1
    patient.refresh_from_db()
    assert patient.name == "Maya O."


def test_a_password_is_checked_in_no_transaction(small_clinic, monkeypatch) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    depths: list[int] = []
    check = MD5PasswordHasher.verify

    def verify_password(self, *arguments):
        depths.append(getattr(database._depth, "now", 0))
        return check(self, *arguments)

    monkeypatch.setattr(MD5PasswordHasher, "verify", verify_password)
    answer = Client().post("/login/", {"username": "nurse", "password": "a long password"})
    assert answer.status_code == 302
    assert depths and set(depths) == {0}
    assert AuditRow.objects.filter(what__contains="accounts").exists()


def test_a_picture_is_decoded_in_no_transaction(small_clinic, monkeypatch) -> None:
    from regrow.web.billing import forms
    from tests.web.test_clinic_knowledge import enter, picture, upload

    depths: list[int] = []
    decode = forms.as_jpeg

    def decoded(raw: bytes):
        depths.append(getattr(database._depth, "now", 0))
        return decode(raw)

    monkeypatch.setattr(forms, "as_jpeg", decoded)
    client, token = enter(small_clinic.patient)
    assert upload(client, token, picture()).status_code == 302
    assert depths == [0]


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    from regrow.web.billing.jpeg import NoPhoto, as_jpeg
    from tests.web.test_clinic_knowledge import picture

    with pytest.raises(NoPhoto, match="pixels"):
        as_jpeg(picture(size=(8000, 6000)))


# Verification


def test_verification_continues_from_the_last_signed_checkpoint(clock, django_assert_num_queries) -> None:
    for n in range(50):
        append(who="nina", role="nurse", action="read", what=f"page {n}")
    verify_chains()
    checkpoint = AuditCheckpoint.objects.get()
    assert checkpoint.count == 50
    append(who="nina", role="nurse", action="read", what="one more")
    with django_assert_num_queries(6):
        assert list(verify(whole=False)) == []
    assert AuditCheckpoint.objects.latest("id").count == 51


def _change(row_id: int, what: str) -> None:
    lift_the_guard()
    AuditRow.objects.filter(id=row_id).update(what=what)


def test_a_row_changed_before_the_checkpoint_is_found_by_the_daily_verification(clock) -> None:
    for n in range(5):
        append(who="nina", role="nurse", action="read", what=f"page {n}")
    verify_chains()
    first = AuditRow.objects.order_by("id")[0]
    _change(first.id, "nothing happened")
    verify_whole_audit_log()
    found = last_verification("audit")
    assert found is not None and found.problems == [f"row {first.id} was changed after it was written"]


def test_a_checkpoint_that_this_site_did_not_sign_is_not_used(clock) -> None:
    for n in range(5):
        append(who="nina", role="nurse", action="read", what=f"page {n}")
    first, *_, last = AuditRow.objects.order_by("id")
    _change(first.id, "nothing happened")
    AuditCheckpoint.objects.create(
        row_id=last.id, count=5, row_hash=last.row_hash, made_at=clock.at, signature="forged"
    )
    assert list(verify(whole=False)) == [f"row {first.id} was changed after it was written"]


def test_the_audit_page_shows_the_last_result_and_verifies_nothing_itself(small_clinic, clock) -> None:
    director = Client()
    director.force_login(small_clinic.staff[Role.DIRECTOR])
    assert "Integrity not verified yet" in director.get("/audit/").content.decode()
    verify_chains()
    assert "Integrity verified" in director.get("/audit/").content.decode()
    _change(AuditRow.objects.order_by("id")[0].id, "nothing happened")
    assert "Integrity verified" in director.get("/audit/").content.decode()
    verify_whole_audit_log()
    assert "was changed after it was written" in director.get("/audit/").content.decode()
