"""Booking at the desk: a whole series in one act, moved, called off, offered to who waits; feeds that name nobody."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.chart.facts import new_patient
from regrow.clinic.frontdesk.models import Message
from regrow.clinic.treatment.facts import next_booking
from regrow.clinic.treatment.feeds import feed_address
from regrow.clinic.treatment.models import Booking, Course, Shift, Waiting

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NY = ZoneInfo("America/New_York")
ASKED = {"protocol": "iv-weekly-6", "begin": "2026-10-27", "part": "morning"}


@pytest.fixture
def desk(small_clinic) -> Client:
    client = Client()
    client.force_login(small_clinic.staff[Role.COORDINATOR])
    return client


@pytest.fixture
def newcomer(small_clinic):
    return new_patient(
        name="Elias Brandt",
        owner=small_clinic.staff[Role.COORDINATOR],
        phone="917-555-0111",
        born=date(1980, 2, 3),
    )


def ways(page: str) -> list[str]:
    return re.findall(r'name="way" value="([^"]+)"', page)


def test_a_series_is_found_and_booked_in_one_act(desk, newcomer, small_clinic) -> None:
    page = desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode()
    three = ways(page)
    assert len(three) == 3
    chosen = {"protocol": "iv-weekly-6", "way": three[0]}
    for _ in range(2):  # clicked twice
        desk.post(f"/patients/{newcomer.id}/book/", chosen)
    (course,) = newcomer.courses.all()
    local = [b.starts_at.astimezone(NY) for b in course.bookings.order_by("number")]
    assert len(local) == 6
    assert {(at.weekday(), at.time()) for at in local} == {(local[0].weekday(), local[0].time())}
    assert "it is booked, first on" in Message.objects.get(patient=newcomer).text


def test_what_was_taken_meanwhile_books_nothing(desk, newcomer, small_clinic) -> None:
    three = ways(desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode())
    other = new_patient(name="Ana", owner=small_clinic.staff[Role.COORDINATOR])
    desk.post(f"/patients/{other.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    answer = desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    assert answer.status_code == 409 and "was taken meanwhile" in answer.content.decode()
    assert not newcomer.courses.exists()


@pytest.mark.parametrize("way", ["", "made-up", "WzFd:1abcde:xxxx"])
def test_times_nobody_offered_are_refused(desk, newcomer, way) -> None:
    answer = desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": way})
    assert answer.status_code == 409
    assert not Course.objects.filter(patient=newcomer).exists()


def test_what_stands_against_it_is_said(desk, newcomer) -> None:
    page = desk.get(f"/patients/{newcomer.id}/find/", {**ASKED, "until": "2026-11-20"}).content.decode()
    assert "when the authorisation does" in page and not ways(page)
    for nurse in User.objects.filter(role=Role.NURSE):
        Shift.objects.create(who=nurse, weekday=0, from_time=time(9), to_time=time(10))
    page = desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode()
    assert "No nurse is on duty" in page


def test_a_session_moves_and_the_old_time_stays_on_record(desk, small_clinic) -> None:
    booking = small_clinic.booking
    page = desk.get(f"/sessions/{booking.id}/times/").content.decode()
    desk.post(f"/sessions/{booking.id}/move/", {"way": ways(page)[0]})
    was = booking.starts_at
    booking.refresh_from_db()
    assert booking.off_why == "moved"
    moved = next_booking(small_clinic.course)
    assert moved is not None and moved.number == 1 and moved.id != booking.id
    assert moved.starts_at != was  # its own time is no other time
    third = small_clinic.course.bookings.get(number=3)
    newcomer = small_clinic.patient
    series = ways(desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode())[0]
    assert desk.post(f"/sessions/{third.id}/move/", {"way": series}).status_code == 409
    again = desk.post(f"/sessions/{booking.id}/move/", {"way": ways(page)[0]})
    assert again.status_code == 409
    assert small_clinic.course.bookings.filter(number=1, off_at=None).count() == 1


def test_a_place_that_becomes_free_is_offered_to_who_waits(desk, newcomer, small_clinic, clock) -> None:
    first = small_clinic.booking
    three = ways(
        desk.get(f"/patients/{newcomer.id}/find/", {**ASKED, "begin": "2026-11-09"}).content.decode()
    )
    desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    late = newcomer.courses.get().bookings.get(number=1)
    desk.post(f"/sessions/{late.id}/wait/", {"wait": "yes"})
    desk.post(f"/sessions/{first.id}/off/", {"why": "ill"})
    waiting = Waiting.objects.get()
    assert waiting.offer_starts_at == first.starts_at
    assert "an earlier place is free" in Message.objects.filter(patient=newcomer, kind="reminder").get().text
    for _ in range(2):
        desk.post(f"/waiting/{waiting.id}/take/")
    moved = newcomer.courses.get().bookings.get(number=1, off_at=None)
    assert (moved.starts_at, moved.chair) == (first.starts_at, first.chair)
    assert Booking.objects.filter(off_at=None, starts_at=first.starts_at).count() == 1


def test_calling_off_needs_a_reason_and_a_held_session_stands(desk, session, small_clinic) -> None:
    second = small_clinic.course.bookings.get(number=2)
    assert desk.post(f"/sessions/{second.id}/off/", {"why": ""}).status_code == 409
    assert desk.post(f"/sessions/{small_clinic.booking.id}/off/", {"why": "ill"}).status_code == 409


def test_a_feed_names_nobody(small_clinic, client) -> None:
    for kind, id in (("person", small_clinic.patient.id), ("chair", small_clinic.booking.chair_id)):
        answer = client.get(feed_address(kind, str(id)))
        text = answer.content.decode()
        assert answer["Content-Type"].startswith("text/calendar")
        assert text.count("BEGIN:VEVENT") >= 1
        assert "Maya" not in text and "ketamine" not in text.lower()
        assert "DTSTART:20261026T150000Z" in text
    assert client.get("/feeds/made-up/calendar.ics").status_code == 404


def test_shifts_bound_what_is_found(desk, newcomer, small_clinic) -> None:
    for nurse in User.objects.filter(role=Role.NURSE):
        desk.post(
            "/calendar/shifts/", {"who": nurse.id, "weekday": 2, "from_time": "12:00", "to_time": "18:00"}
        )
    desk.get(f"/patients/{newcomer.id}/find/", ASKED)
    three = ways(desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode())
    desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    starts = [b.starts_at.astimezone(NY) for b in newcomer.courses.get().bookings.all()]
    assert {s.weekday() for s in starts} == {2}
    assert min(s.time() for s in starts) >= time(12)
    backwards = {"who": nurse.id, "weekday": 2, "from_time": "18:00", "to_time": "12:00"}
    assert desk.post("/calendar/shifts/", backwards).status_code == 400


def test_a_series_across_the_clock_change_keeps_its_hour(desk, newcomer) -> None:
    three = ways(desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode())
    desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    bookings = newcomer.courses.get().bookings.order_by("number")
    change = datetime(2026, 11, 1, tzinfo=NY)
    assert bookings[0].starts_at < change < bookings[1].starts_at
    assert bookings[1].starts_at - bookings[0].starts_at == timedelta(days=7, hours=1)
