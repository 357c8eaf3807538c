"""Booking at the desk: a whole series in one act, moved, called off, offered to who waits; feeds that name nobody."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.chart.facts import new_patient
from regrow.clinic.checkin.models import HandedOver
from regrow.clinic.frontdesk.carry import take
from regrow.clinic.frontdesk.facts import colleague_of
from regrow.clinic.frontdesk.models import Inquiry, Message
from regrow.clinic.frontdesk.talks import free_talks, remind_of_talks
from regrow.clinic.post import Incoming, Way
from regrow.clinic.site.database import writing
from regrow.clinic.treatment.facts import next_booking
from regrow.clinic.treatment.feeds import feed_address
from regrow.clinic.treatment.house import house
from regrow.clinic.treatment.late import look_for_late
from regrow.clinic.treatment.models import Booking, Chair, Course, Shift, Waiting

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
    assert "you're booked. First appointment:" in Message.objects.get(patient=newcomer).text


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
    assert (
        "an earlier appointment opened up"
        in Message.objects.filter(patient=newcomer, kind="reminder").get().text
    )
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
            "/calendar/shifts/",
            {
                "form": "shift",
                "who": nurse.id,
                "kind": "house",
                "weekday": 2,
                "from_time": "12:00",
                "to_time": "18:00",
            },
        )
    desk.get(f"/patients/{newcomer.id}/find/", ASKED)
    three = ways(desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode())
    desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    starts = [b.starts_at.astimezone(NY) for b in newcomer.courses.get().bookings.all()]
    assert {s.weekday() for s in starts} == {2}
    assert min(s.time() for s in starts) >= time(12)
    backwards = {
        "form": "shift",
        "kind": "house",
        "who": nurse.id,
        "weekday": 2,
        "from_time": "18:00",
        "to_time": "12:00",
    }
    assert desk.post("/calendar/shifts/", backwards).status_code == 400


def test_a_series_across_the_clock_change_keeps_its_hour(desk, newcomer) -> None:
    three = ways(desk.get(f"/patients/{newcomer.id}/find/", ASKED).content.decode())
    desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    bookings = newcomer.courses.get().bookings.order_by("number")
    change = datetime(2026, 11, 1, tzinfo=NY)
    assert bookings[0].starts_at < change < bookings[1].starts_at
    assert bookings[1].starts_at - bookings[0].starts_at == timedelta(days=7, hours=1)


# An answer by text, somebody late, chairs and hours for talks


@pytest.fixture
def offered(desk, newcomer, small_clinic, clock):
    """Somebody who waits, and a place that has just become free and is offered to them."""
    three = ways(
        desk.get(f"/patients/{newcomer.id}/find/", {**ASKED, "begin": "2026-11-09"}).content.decode()
    )
    desk.post(f"/patients/{newcomer.id}/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    late = newcomer.courses.get().bookings.get(number=1)
    desk.post(f"/sessions/{late.id}/wait/", {"wait": "yes"})
    desk.post(f"/sessions/{small_clinic.booking.id}/off/", {"why": "ill"})
    return Waiting.objects.get()


def answers(words: str, n: int = 1) -> None:
    with writing():
        take(Incoming(Way.TEXT, f"m{n}", "917-555-0111", "", words), key=f"answer {n}")


@pytest.mark.parametrize("words", ["YES", "Yes please!", "sí", "Lo quiero, gracias"])
def test_a_yes_by_text_takes_the_place_with_nobody_at_the_desk(
    offered, newcomer, small_clinic, words
) -> None:
    answers(words)
    moved = newcomer.courses.get().bookings.get(number=1, off_at=None)
    assert moved.starts_at == small_clinic.booking.starts_at
    assert "you're booked" in Message.objects.filter(patient=newcomer, direction="out").first().text
    assert Message.objects.get(direction="in").read_at is not None
    answers(words, 2)  # a second yes is a message like any other, and moves nothing
    assert newcomer.courses.get().bookings.filter(number=1, off_at=None).count() == 1


def test_a_no_keeps_the_time_and_offers_the_place_on(offered, newcomer, desk, small_clinic) -> None:
    before = newcomer.courses.get().bookings.get(number=1, off_at=None).starts_at
    answers("No thanks")
    assert newcomer.courses.get().bookings.get(number=1, off_at=None).starts_at == before
    offered.refresh_from_db()
    assert offered.ended_why == "did not want the earlier place"


def test_a_yes_that_comes_too_late_keeps_the_time_and_is_told_so(offered, newcomer, small_clinic) -> None:
    first = small_clinic.booking
    other = Booking.objects.create(
        course=small_clinic.course,
        number=99,
        chair=first.chair,
        nurse=first.nurse,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
    )
    answers("yes")
    assert (
        "that appointment was just taken"
        in Message.objects.filter(patient=newcomer, direction="out").first().text
    )
    offered.refresh_from_db()
    assert offered.ended_at is None and offered.offered_at is None  # waits on for another
    assert Booking.objects.get(id=other.id).off_at is None


def test_a_yes_with_danger_in_it_is_danger_and_moves_nothing(offered, newcomer) -> None:
    before = newcomer.courses.get().bookings.get(number=1, off_at=None).id
    answers("yes but I want to die")
    assert newcomer.courses.get().bookings.get(number=1, off_at=None).id == before
    assert newcomer.alerts.get().crisis


def test_a_yes_of_their_therapist_moves_nothing(offered, newcomer) -> None:
    before = newcomer.courses.get().bookings.get(number=1, off_at=None).id
    with writing():
        assert colleague_of(newcomer, "ana@example.org")
        take(Incoming(Way.EMAIL, "m1", "ana@example.org", "Ana", "yes"), key="answer therapist")
    assert newcomer.courses.get().bookings.get(number=1, off_at=None).id == before
    assert Message.objects.get(direction="in").read_at is None


def test_an_offer_that_passed_unanswered_keeps_nobody_from_the_next(
    offered, newcomer, desk, small_clinic, clock
) -> None:
    second = small_clinic.course.bookings.get(number=2)
    later = newcomer.courses.get().bookings.get(number=1, off_at=None)
    assert offered.offer_starts_at < second.starts_at < later.starts_at
    clock.at = offered.offer_starts_at + timedelta(minutes=1)
    answers("no")  # to nothing that is still on offer: a person reads it
    offered.refresh_from_db()
    assert offered.ended_at is None
    desk.post(f"/sessions/{second.id}/off/", {"why": "ill"})
    offered.refresh_from_db()
    assert offered.offer_starts_at == second.starts_at


def test_a_yes_to_nothing_waits_for_a_person(newcomer) -> None:
    answers("yes")
    assert Message.objects.get(direction="in").read_at is None


def test_somebody_who_has_not_come_is_asked_once_and_is_a_task(small_clinic, clock) -> None:
    clock.at = small_clinic.booking.starts_at + timedelta(minutes=14)
    look_for_late()
    assert not HandedOver.objects.exists()
    clock.at += timedelta(minutes=2)
    for _ in range(3):
        look_for_late()
    assert "call them" in HandedOver.objects.get().text
    assert Message.objects.filter(key=f"late:{small_clinic.booking.id}").count() == 1


def test_somebody_late_is_held_later_the_same_day_under_the_same_order(
    desk, session, small_clinic, clock
) -> None:
    second = small_clinic.course.bookings.get(number=2)
    clock.at = second.starts_at + timedelta(minutes=20)
    look_for_late()
    assert desk.post(f"/sessions/{second.id}/late/", {"minutes": "20"}).status_code == 302
    second.refresh_from_db()
    assert second.starts_at == clock.at.replace(second=0, microsecond=0) + timedelta(minutes=20)
    assert "comes at" in HandedOver.objects.get(key=f"late:{second.id}").done
    assert (
        "your new start time today is"
        in Message.objects.filter(key__startswith=f"later {second.id}").get().text
    )
    answer = desk.post(f"/sessions/{second.id}/late/", {"minutes": "500"})
    assert answer.status_code == 409 and "the house is closed then" in answer.content.decode()
    assert desk.post(f"/sessions/{second.id}/late/", {"minutes": "soon"}).status_code == 409


def test_missed_is_said_without_blame_and_only_after_its_time(desk, session, small_clinic, clock) -> None:
    second = small_clinic.course.bookings.get(number=2)
    assert desk.post(f"/sessions/{second.id}/late/", {"missed": "yes"}).status_code == 409
    clock.at = second.starts_at + timedelta(minutes=50)
    look_for_late()
    desk.post(f"/sessions/{second.id}/late/", {"missed": "yes"})
    second.refresh_from_db()
    assert second.off_why == "did not come"
    assert "we missed you today" in Message.objects.get(key=f"missed {second.id}").text
    assert HandedOver.objects.get(key=f"late:{second.id}").done_at


def test_chairs_are_added_and_taken_away_at_the_desk(desk, small_clinic) -> None:
    add = {"form": "chair", "name": " Window  seat ", "place": "clinic"}
    for _ in range(2):
        desk.post("/calendar/shifts/", add)
    chair = Chair.objects.get(name="Window seat")
    assert feed_address("chair", str(chair.id)) in desk.get("/calendar/shifts/").content.decode()
    desk.post("/calendar/shifts/", {"close": chair.id})
    chair.refresh_from_db()
    assert chair.closed_at
    busy = desk.post("/calendar/shifts/", {"close": small_clinic.booking.chair_id})
    assert busy.status_code == 409 and "Move them first" in busy.content.decode()
    assert "already" in desk.post("/calendar/shifts/", add | {"name": "chair 1"}).content.decode()


@pytest.fixture
def talks(small_clinic, clock) -> User:
    who = small_clinic.staff[Role.PRESCRIBER]
    Shift.objects.create(who=who, kind="talks", weekday=1, from_time=time(10), to_time=time(12))
    return who


def an_inquiry(small_clinic, clock, **more: object) -> Inquiry:
    owner = small_clinic.staff[Role.COORDINATOR]
    return Inquiry.objects.create(
        name="Ana", contact="917-555-0133", received_at=clock.at, owner=owner, **more
    )


def test_free_hours_for_talks_are_offered_and_taken_once(desk, talks, small_clinic, clock) -> None:
    inquiry = an_inquiry(small_clinic, clock)
    first, second = free_talks()[:2]
    assert [t.at.astimezone(NY).time() for t in (first, second)] == [time(10), time(11)]
    page = f"/inquiries/{inquiry.id}/"
    assert first.id in desk.get(page).content.decode()
    assert desk.post(page, {"slot": first.id}).status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.interview_at, inquiry.interviewer) == (first.at, talks)
    assert free_talks()[0].at == second.at
    other = an_inquiry(small_clinic, clock)
    taken = desk.post(f"/inquiries/{other.id}/", {"slot": first.id})
    assert taken.status_code == 400 and "taken meanwhile" in taken.content.decode()
    nothing = desk.post(f"/inquiries/{other.id}/", {})
    assert nothing.status_code == 400 and "Choose one of the free hours" in nothing.content.decode()


def test_hours_for_talks_are_no_hours_in_the_house(talks, small_clinic, clock) -> None:
    day = clock.at.date()
    whole = house(day, 7)
    Shift.objects.all().delete()
    assert house(day, 7).prescribers == whole.prescribers


def test_a_nurse_holds_no_first_talks(desk, small_clinic) -> None:
    nurse = small_clinic.staff[Role.NURSE]
    asked = {
        "form": "shift",
        "who": nurse.id,
        "kind": "talks",
        "weekday": 1,
        "from_time": "10:00",
        "to_time": "12:00",
    }
    assert "held by a prescriber" in desk.post("/calendar/shifts/", asked).content.decode()


def test_the_link_to_a_talk_comes_an_hour_before_once_and_again_when_it_moved(
    newcomer, small_clinic, clock
) -> None:
    soon = clock.at + timedelta(minutes=50)
    inquiry = an_inquiry(small_clinic, clock, patient=newcomer, interview_at=soon)
    for _ in range(3):
        remind_of_talks()
    (sent,) = Message.objects.filter(key__startswith="interview-soon")
    client = Client()
    client.post(sent.link, {"year": "1980", "month": "2", "day": "3"})
    page = client.get(sent.link).content.decode()
    assert "video.example.org" in page
    inquiry.interview_at = soon + timedelta(minutes=5)
    inquiry.save()
    remind_of_talks()
    assert Message.objects.filter(key__startswith="interview-soon").count() == 2
