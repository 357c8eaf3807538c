"""The session page at moments that differ from the usual one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from regrow.web.accounts.roles import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hours_before", [0, 1, 48])
def test_the_page_shows_the_patient_when_the_clock_is_before_the_first_event(
    small_clinic, session, clock, hours_before
) -> None:
    """A server clock that was put back must not take the page away from the nurse."""
    clock.at -= timedelta(hours=hours_before)
    nurse = Client()
    nurse.force_login(small_clinic.staff[Role.NURSE])

    page = nurse.get(reverse("session", args=[small_clinic.patient.id, session.id]))

    assert page.status_code == 200
    assert "Maya Ortiz" in page.content.decode()
