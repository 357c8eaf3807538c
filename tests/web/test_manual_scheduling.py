"""Manual scheduling: the engine checks a chosen time and names the obstacle."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from regrow.scheduling import TimeRange
from regrow.web.accounts.roles import Role
from regrow.web.appointments.models import Appointment, Shift, TimeOff
from regrow.web.appointments.offers import check_available
from regrow.web.patients.services import new_patient
from regrow.web.platform import clock as site_clock
from regrow.web.platform.access import ActionRefused

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def ann(small_clinic):
    """A patient without appointments."""
    return new_patient(name="Ann One", owner=small_clinic.staff[Role.COORDINATOR])


def plan(small_clinic, patient, first_at: str):
    client = Client()
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    form = {"protocol": "iv-weekly-6", "first_at": first_at}
    return client.post(reverse("schedule-manual", args=[patient.id]), form)


def test_a_series_is_not_booked_into_a_closed_clinic(small_clinic, ann) -> None:
    answer = plan(small_clinic, ann, "2026-11-08T03:00")

    assert answer.status_code == 409
    assert "The clinic is closed on Sun, Nov 8, 3:00 AM." in answer.content.decode()
    assert not Appointment.objects.filter(course__patient=ann).exists()


def test_a_series_needs_a_prescriber_on_site(small_clinic, ann) -> None:
    for role in (Role.PRESCRIBER, Role.DIRECTOR):
        Shift.objects.create(staff=small_clinic.staff[role], weekday=4, from_time=time(9), to_time=time(12))

    answer = plan(small_clinic, ann, "2026-10-27T13:00")

    assert "No prescriber is on site on Tue, Oct 27, 1:00 PM." in answer.content.decode()
    assert not Appointment.objects.filter(course__patient=ann).exists()


def test_a_closure_in_the_third_week_refuses_the_series_and_names_the_day(small_clinic, ann) -> None:
    TimeOff.objects.create(
        from_at=site_clock.clinic_midnight(date(2026, 11, 10)),
        to_at=site_clock.clinic_midnight(date(2026, 11, 11)),
        why="inventory",
    )

    answer = plan(small_clinic, ann, "2026-10-27T13:00")

    assert "The clinic is closed on Tue, Nov 10, 1:00 PM." in answer.content.decode()


def test_a_free_time_is_booked_with_a_nurse_on_duty(small_clinic, ann) -> None:
    answer = plan(small_clinic, ann, "2026-10-27T13:00")

    assert answer.status_code == 302
    booked = Appointment.objects.filter(course__patient=ann)
    assert booked.count() == 6
    assert {a.nurse for a in booked} == {small_clinic.staff[Role.NURSE]}


def test_a_slot_shown_before_a_closure_was_entered_is_refused(small_clinic) -> None:
    start = datetime(2026, 10, 28, 13, tzinfo=NEW_YORK)
    span = TimeRange(start, start + timedelta(hours=2))
    nurse = small_clinic.staff[Role.NURSE].username
    check_available("Chair 1", nurse, span)
    TimeOff.objects.create(from_at=start - timedelta(hours=1), to_at=start + timedelta(hours=1))

    with pytest.raises(ActionRefused, match="The clinic is closed on Wed, Oct 28"):
        check_available("Chair 1", nurse, span)


def test_a_closure_lists_the_appointments_to_reschedule(small_clinic) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.COORDINATOR])
    day = site_clock.clinic_day(small_clinic.appointment.starts_at).isoformat()
    form = {"form": "time-off", "away": "", "first_day": day, "last_day": day, "why": "Storm"}

    answer = client.post(reverse("staff-schedule"), form, follow=True)

    page = answer.content.decode()
    assert "Clinic closed" in page and "Storm" in page
    assert "Reschedule them" in page and "Maya Ortiz" in page
    client.post(reverse("staff-schedule"), {"remove": TimeOff.objects.get().id})
    assert not TimeOff.objects.exists()


def test_time_off_that_ends_before_it_begins_is_refused_at_its_field(small_clinic) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.COORDINATOR])
    form = {"form": "time-off", "first_day": "2026-12-24", "last_day": "2026-12-20", "why": "Holidays"}

    answer = client.post(reverse("staff-schedule"), form)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Enter a last day that is not before the first day." in page
    assert 'value="2026-12-24"' in page and 'value="Holidays"' in page
