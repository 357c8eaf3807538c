"""A small clinic for the tests of the site: staff, chairs, signed limits, one person in a course."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import Model

from regrow.web.platform.content import knowledge


@pytest.fixture
def erasable(transactional_db) -> Iterator[None]:
    """After a test that commits, tables that forbid deletion are emptied too (SQLite deletes row by row)."""
    yield
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
        for _name, sql in triggers:
            cursor.execute(sql)


@dataclass
class Clinic:
    """What the tests of the site start from."""

    staff: dict
    patient: object
    course: object
    appointment: object


_rows: list[tuple[type[Model], list[dict[str, Any]]]] = []


@pytest.fixture
def small_clinic(db, clock) -> Clinic:
    """The clinic is made once by each worker; every other test starts from copies of its rows."""
    from regrow.web.accounts.models import User
    from regrow.web.accounts.roles import Role
    from regrow.web.courses.models import Course

    if _rows:
        for model, rows in _rows:
            model._default_manager.bulk_create(model(**deepcopy(row)) for row in rows)
    else:
        _make_small_clinic(clock)
        for model in apps.get_models():
            if model.__module__.startswith("regrow.") and (rows := _rows_of(model)):
                _rows.append((model, rows))
    course = Course.objects.select_related("patient", "signature").get()
    staff = {Role(user.role): user for user in User.objects.all()}
    return Clinic(staff, course.patient, course, course.appointments.first())


def _rows_of(model: type[Model]) -> list[dict[str, Any]]:
    columns = [field.attname for field in model._meta.concrete_fields]
    return [{name: getattr(row, name) for name in columns} for row in model._default_manager.order_by("pk")]


def _make_small_clinic(clock) -> None:
    from regrow.web.accounts.models import User
    from regrow.web.accounts.roles import Role
    from regrow.web.appointments.models import Appointment, Chair
    from regrow.web.appointments.placement import place_series
    from regrow.web.courses.models import Course
    from regrow.web.patients.services import new_patient, record
    from regrow.web.signing.models import SignedValues

    staff = {
        role: User.objects.create_user(
            role.value, password="a long password", role=role, first_name=role.label
        )
        for role in Role
    }
    for n in (1, 2):
        Chair.objects.create(name=f"Chair {n}")
    protocol = knowledge.protocol("iv-weekly-6")
    signature = SignedValues.objects.create(
        kind="protocol",
        file_id=protocol.id,
        version=protocol.version,
        values=dict(knowledge.demo_limits(protocol.id)),
        signed_by=staff[Role.DIRECTOR],
        signed_at=clock.at,
    )
    patient = new_patient(name="Maya Ortiz", owner=staff[Role.COORDINATOR], phone="917-555-0100")
    weight = {"kind": "weight", "value": "80.0", "unit": "kg", "at": clock.at.isoformat()}
    record(patient, "measurement", weight, author="prescriber")
    course = Course.objects.create(
        patient=patient, signature=signature, planned_by=staff[Role.PRESCRIBER], planned_at=clock.at
    )
    first = clock.at + timedelta(hours=2)
    for slot in place_series(protocol, signature.values, first):
        Appointment.objects.create(
            course=course,
            number=slot.number,
            chair=slot.chair,
            nurse=slot.nurse,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )


@pytest.fixture
def answered(small_clinic: Clinic, clock):
    """The person has answered the PHQ-9: 21, item 9 zero."""
    from regrow.web.assessments.models import QuestionnaireResponse

    return QuestionnaireResponse.objects.create(
        patient=small_clinic.patient,
        instrument="phq-9",
        version=1,
        answers=[3, 3, 3, 3, 3, 2, 2, 2, 0],
        sent_at=clock.at,
        completed_at=clock.at,
    )


@pytest.fixture
def session(small_clinic: Clinic, answered):
    """An open session under a signed order."""
    from regrow.web.accounts.roles import Role
    from regrow.web.treatment.decisions import sign_decision
    from regrow.web.treatment.sessions import open_session

    sign_decision(
        small_clinic.course,
        choice="accepted",
        dose="0.5",
        reason="",
        signed_by=small_clinic.staff[Role.PRESCRIBER],
    )
    return open_session(small_clinic.appointment, by=small_clinic.staff[Role.NURSE])
