"""The chain finds what was changed or taken away, and the database refuses both."""

import pytest
from django.db import DatabaseError, connection, transaction

from regrow.web.audit.log import append, verify
from regrow.web.audit.models import AuditRow

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TABLES = ["audit_auditrow", "dosing_sessions_sessionevent", "patients_clinicalfact", "signing_signedvalues"]


def lift_the_guard() -> None:
    """Changes possible with the database password."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_auditrow_no_update")
            cursor.execute("DROP TRIGGER audit_auditrow_no_delete")
        else:
            cursor.execute("DROP TRIGGER audit_auditrow_no_change ON audit_auditrow")


@pytest.fixture
def three_rows(clock) -> list[AuditRow]:
    for n in range(3):
        append(who="lin", role="prescriber", action="read", what=f"chart: {n}", patient="p")
    return list(AuditRow.objects.all())


def test_a_whole_chain_has_no_problem(three_rows) -> None:
    assert list(verify()) == []


def test_a_changed_row_is_found(three_rows) -> None:
    lift_the_guard()
    AuditRow.objects.filter(id=three_rows[1].id).update(who="nobody")

    assert [f"row {three_rows[1].id} was changed after it was written"] == list(verify())


def test_a_missing_row_is_found_in_the_middle_and_at_the_end(three_rows) -> None:
    lift_the_guard()
    AuditRow.objects.filter(id=three_rows[1].id).delete()
    assert any("a row between is missing" in p for p in verify())
    AuditRow.objects.filter(id=three_rows[2].id).delete()
    assert any("the last ones are missing" in p for p in verify())


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_to_change_or_delete_what_was_recorded(table: str, session, clock) -> None:
    from regrow.web.accounts.models import User
    from regrow.web.accounts.roles import Role
    from regrow.web.dosing_sessions.services import append as append_event

    append_event(session, "check", {"check": "identity"}, author=User.objects.get(role=Role.NURSE))
    append(who="x", role="", action="read", what="y")
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
