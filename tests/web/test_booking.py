"""Scheduling: book a series, reschedule, cancel, offer freed slots; calendar feeds without names."""

import re
from datetime import date, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from regrow.web.accounts.models import User
from regrow.web.accounts.roles import Role
from regrow.web.appointments.calendar_feeds import feed_url
from regrow.web.appointments.capacity import clinic_capacity
from regrow.web.appointments.intake_slots import open_intake_slots, send_visit_reminders
from regrow.web.appointments.late_arrivals import find_late_patients
from regrow.web.appointments.models import Appointment, Chair, Shift, WaitlistEntry
from regrow.web.appointments.services import next_appointment
from regrow.web.conversations.inbound import receive
from regrow.web.conversations.models import Inquiry, Message
from regrow.web.conversations.services import therapist_by_address
from regrow.web.courses.models import Course, StaffTask
from regrow.web.dosing_sessions.services import append
from regrow.web.gateways.base import Channel, InboundMessage
from regrow.web.patients.services import new_patient
from regrow.web.platform.database import writing

pytestmark = pytest.mark.django_db
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
        birth_date=date(1980, 2, 3),
    )


def ways(page: str) -> list[str]:
    return re.findall(r'name="way" value="([^"]+)"', page)


@pytest.mark.database
def test_a_series_is_found_and_booked_in_one_act(desk, newcomer, small_clinic) -> None:
    page = desk.get(f"/patients/{newcomer.id}/schedule/", ASKED).content.decode()
    three = ways(page)
    assert len(three) == 3
    chosen = {"protocol": "iv-weekly-6", "way": three[0]}
    for _ in range(2):  # clicked twice
        desk.post(f"/patients/{newcomer.id}/schedule/book/", chosen)
    (course,) = newcomer.courses.all()
    local = [b.starts_at.astimezone(NY) for b in course.appointments.order_by("number")]
    assert len(local) == 6
    assert {(at.weekday(), at.time()) for at in local} == {(local[0].weekday(), local[0].time())}
    assert "you're booked. First appointment:" in Message.objects.get(patient=newcomer).text


@pytest.mark.database
def test_a_slot_booked_by_another_schedules_nothing(desk, newcomer, small_clinic) -> None:
    three = ways(desk.get(f"/patients/{newcomer.id}/schedule/", ASKED).content.decode())
    other = new_patient(name="Ana", owner=small_clinic.staff[Role.COORDINATOR])
    desk.post(f"/patients/{other.id}/schedule/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    answer = desk.post(
        f"/patients/{newcomer.id}/schedule/book/", {"protocol": "iv-weekly-6", "way": three[0]}
    )
    assert answer.status_code == 409 and "was just booked by someone else" in answer.content.decode()
    assert not newcomer.courses.exists()


@pytest.mark.parametrize("way", ["", "made-up", "WzFd:1abcde:xxxx"])
def test_unsigned_options_are_refused(desk, newcomer, way) -> None:
    answer = desk.post(f"/patients/{newcomer.id}/schedule/book/", {"protocol": "iv-weekly-6", "way": way})
    assert answer.status_code == (409 if way else 400)
    assert not Course.objects.filter(patient=newcomer).exists()


def test_an_infeasible_series_names_the_reason(desk, newcomer) -> None:
    page = desk.get(f"/patients/{newcomer.id}/schedule/", {**ASKED, "until": "2026-11-20"}).content.decode()
    assert "when the authorization does" in page and not ways(page)
    for nurse in User.objects.filter(role=Role.NURSE):
        Shift.objects.create(staff=nurse, weekday=0, from_time=time(9), to_time=time(10))
    page = desk.get(f"/patients/{newcomer.id}/schedule/", ASKED).content.decode()
    assert "No nurse is on duty" in page


def test_a_session_moves_and_the_old_time_stays_on_record(desk, small_clinic) -> None:
    appointment = small_clinic.appointment
    page = desk.get(f"/appointments/{appointment.id}/options/").content.decode()
    desk.post(f"/appointments/{appointment.id}/reschedule/", {"way": ways(page)[0]})
    was = appointment.starts_at
    appointment.refresh_from_db()
    assert appointment.cancel_reason == "moved"
    moved = next_appointment(small_clinic.course)
    assert moved is not None and moved.number == 1 and moved.id != appointment.id
    assert moved.starts_at != was  # its own time is no other time
    third = small_clinic.course.appointments.get(number=3)
    newcomer = small_clinic.patient
    series = ways(desk.get(f"/patients/{newcomer.id}/schedule/", ASKED).content.decode())[0]
    assert desk.post(f"/appointments/{third.id}/reschedule/", {"way": series}).status_code == 409
    again = desk.post(f"/appointments/{appointment.id}/reschedule/", {"way": ways(page)[0]})
    assert again.status_code == 409
    assert small_clinic.course.appointments.filter(number=1, canceled_at=None).count() == 1


@pytest.mark.database
def test_a_free_slot_is_offered_to_the_waitlist(desk, newcomer, small_clinic, clock) -> None:
    first = small_clinic.appointment
    three = ways(
        desk.get(f"/patients/{newcomer.id}/schedule/", {**ASKED, "begin": "2026-11-09"}).content.decode()
    )
    desk.post(f"/patients/{newcomer.id}/schedule/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    late = newcomer.courses.get().appointments.get(number=1)
    desk.post(f"/appointments/{late.id}/waitlist/", {"wait": "yes"})
    desk.post(f"/appointments/{first.id}/cancel/", {"why": "ill"})
    waiting = WaitlistEntry.objects.get()
    assert waiting.offer_starts_at == first.starts_at
    assert (
        "an earlier appointment opened up"
        in Message.objects.filter(patient=newcomer, kind="reminder").get().text
    )
    for _ in range(2):
        desk.post(f"/waitlist/{waiting.id}/respond/", {"answer": "yes"})
    moved = newcomer.courses.get().appointments.get(number=1, canceled_at=None)
    assert (moved.starts_at, moved.chair) == (first.starts_at, first.chair)
    assert Appointment.objects.filter(canceled_at=None, starts_at=first.starts_at).count() == 1


def test_canceling_needs_a_reason_and_is_refused_for_a_started_or_held_session(
    desk, session, small_clinic
) -> None:
    second = small_clinic.course.appointments.get(number=2)
    without = desk.post(f"/appointments/{second.id}/cancel/", {"why": ""})
    assert without.status_code == 400 and 'role="alert"' in without.content.decode()
    where = f"/appointments/{small_clinic.appointment.id}/cancel/"
    started = desk.post(where, {"why": "ill"})
    append(session, "identity", {"by": ["name", "born"]}, author=small_clinic.staff[Role.NURSE])
    append(session, "close", {"reason": "did not come"}, author=small_clinic.staff[Role.NURSE])
    held = desk.post(where, {"why": "ill"})
    assert started.status_code == 409 and "This session has started." in started.content.decode()
    assert held.status_code == 409 and "This session is closed." in held.content.decode()
    assert not Appointment.objects.filter(canceled_at__isnull=False).exists()


def test_a_feed_keeps_its_address(monkeypatch) -> None:
    """A calendar is subscribed to once: the address does not depend on the second in which it was shown."""
    shown = feed_url("chair", "1")
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert feed_url("chair", "1") == shown


@pytest.mark.database
def test_a_calendar_feed_holds_no_names(small_clinic, client) -> None:
    for kind, id in (("person", small_clinic.patient.id), ("chair", small_clinic.appointment.chair_id)):
        answer = client.get(feed_url(kind, str(id)))
        text = answer.content.decode()
        assert answer["Content-Type"].startswith("text/calendar")
        assert text.count("BEGIN:VEVENT") >= 1
        assert "Maya" not in text and "ketamine" not in text.lower()
        assert "DTSTART:20261026T150000Z" in text
    assert client.get("/feeds/made-up/calendar.ics").status_code == 404


def test_shifts_bound_what_is_found(desk, newcomer, small_clinic) -> None:
    for nurse in User.objects.filter(role=Role.NURSE):
        desk.post(
            "/settings/staff-schedule/",
            {
                "form": "shift",
                "staff": nurse.id,
                "kind": "on_site",
                "weekday": 2,
                "from_time": "12:00",
                "to_time": "18:00",
            },
        )
    desk.get(f"/patients/{newcomer.id}/schedule/", ASKED)
    three = ways(desk.get(f"/patients/{newcomer.id}/schedule/", ASKED).content.decode())
    desk.post(f"/patients/{newcomer.id}/schedule/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    starts = [b.starts_at.astimezone(NY) for b in newcomer.courses.get().appointments.all()]
    assert {s.weekday() for s in starts} == {2}
    assert min(s.time() for s in starts) >= time(12)
    backwards = {
        "form": "shift",
        "kind": "on_site",
        "staff": nurse.id,
        "weekday": 2,
        "from_time": "18:00",
        "to_time": "12:00",
    }
    assert desk.post("/settings/staff-schedule/", backwards).status_code == 400


@pytest.mark.database
def test_a_series_across_the_clock_change_keeps_its_hour(desk, newcomer) -> None:
    three = ways(desk.get(f"/patients/{newcomer.id}/schedule/", ASKED).content.decode())
    desk.post(f"/patients/{newcomer.id}/schedule/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    appointments = newcomer.courses.get().appointments.order_by("number")
    change = datetime(2026, 11, 1, tzinfo=NY)
    assert appointments[0].starts_at < change < appointments[1].starts_at
    assert appointments[1].starts_at - appointments[0].starts_at == timedelta(days=7, hours=1)


# Replies by text, late arrivals, chairs and intake hours


@pytest.fixture
def offered(desk, newcomer, small_clinic, clock):
    """A waitlisted patient with an offered slot."""
    three = ways(
        desk.get(f"/patients/{newcomer.id}/schedule/", {**ASKED, "begin": "2026-11-09"}).content.decode()
    )
    desk.post(f"/patients/{newcomer.id}/schedule/book/", {"protocol": "iv-weekly-6", "way": three[0]})
    late = newcomer.courses.get().appointments.get(number=1)
    desk.post(f"/appointments/{late.id}/waitlist/", {"wait": "yes"})
    desk.post(f"/appointments/{small_clinic.appointment.id}/cancel/", {"why": "ill"})
    return WaitlistEntry.objects.get()


def answers(words: str, n: int = 1) -> None:
    with writing():
        receive(InboundMessage(Channel.TEXT, f"m{n}", "917-555-0111", "", words), key=f"answer {n}")


def sent_to(patient) -> list[str]:
    """What was written to a patient. Under a clock that stands still the messages have no order of their own."""
    return list(Message.objects.filter(patient=patient, direction="out").values_list("text", flat=True))


@pytest.mark.database
@pytest.mark.parametrize("words", ["YES", "Yes please!", "sí", "Lo quiero, gracias"])
def test_a_yes_by_text_accepts_the_offer_without_staff(offered, newcomer, small_clinic, words) -> None:
    answers(words)
    moved = newcomer.courses.get().appointments.get(number=1, canceled_at=None)
    assert moved.starts_at == small_clinic.appointment.starts_at
    assert any("you're booked" in text for text in sent_to(newcomer))
    assert Message.objects.get(direction="in").read_at is not None
    answers(words, 2)  # a second yes is a message like any other, and moves nothing
    assert newcomer.courses.get().appointments.filter(number=1, canceled_at=None).count() == 1


def test_a_no_keeps_the_appointment_and_offers_the_slot_to_the_next(
    offered, newcomer, desk, small_clinic
) -> None:
    before = newcomer.courses.get().appointments.get(number=1, canceled_at=None).starts_at
    answers("No thanks")
    assert newcomer.courses.get().appointments.get(number=1, canceled_at=None).starts_at == before
    offered.refresh_from_db()
    assert offered.ended_why == "declined the earlier time"


def test_a_late_yes_keeps_the_appointment_and_is_answered(offered, newcomer, small_clinic) -> None:
    first = small_clinic.appointment
    other = Appointment.objects.create(
        course=small_clinic.course,
        number=99,
        chair=first.chair,
        nurse=first.nurse,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
    )
    answers("yes")
    assert any("that appointment was just taken" in text for text in sent_to(newcomer))
    offered.refresh_from_db()
    assert offered.ended_at is None and offered.offered_at is None  # waits on for another
    assert Appointment.objects.get(id=other.id).canceled_at is None


def test_a_yes_with_a_crisis_phrase_raises_an_alert_and_moves_nothing(offered, newcomer) -> None:
    before = newcomer.courses.get().appointments.get(number=1, canceled_at=None).id
    answers("yes but I want to die")
    assert newcomer.courses.get().appointments.get(number=1, canceled_at=None).id == before
    assert newcomer.alerts.get().is_crisis


def test_a_yes_of_their_therapist_moves_nothing(offered, newcomer) -> None:
    before = newcomer.courses.get().appointments.get(number=1, canceled_at=None).id
    with writing():
        assert therapist_by_address(newcomer, "ana@example.org")
        receive(InboundMessage(Channel.EMAIL, "m1", "ana@example.org", "Ana", "yes"), key="answer therapist")
    assert newcomer.courses.get().appointments.get(number=1, canceled_at=None).id == before
    assert Message.objects.get(direction="in").read_at is None


def test_an_expired_offer_does_not_block_the_next(offered, newcomer, desk, small_clinic, clock) -> None:
    second = small_clinic.course.appointments.get(number=2)
    later = newcomer.courses.get().appointments.get(number=1, canceled_at=None)
    assert offered.offer_starts_at < second.starts_at < later.starts_at
    clock.at = offered.offer_starts_at + timedelta(minutes=1)
    answers("no")  # to nothing that is still on offer: a person reads it
    offered.refresh_from_db()
    assert offered.ended_at is None
    desk.post(f"/appointments/{second.id}/cancel/", {"why": "ill"})
    offered.refresh_from_db()
    assert offered.offer_starts_at == second.starts_at


def test_a_yes_to_nothing_waits_for_a_person(newcomer) -> None:
    answers("yes")
    assert Message.objects.get(direction="in").read_at is None


def test_a_late_patient_gets_one_message_and_a_task(small_clinic, clock) -> None:
    clock.at = small_clinic.appointment.starts_at + timedelta(minutes=14)
    find_late_patients()
    assert not StaffTask.objects.exists()
    clock.at += timedelta(minutes=2)
    for _ in range(3):
        find_late_patients()
    assert "Call the patient" in StaffTask.objects.get().text
    assert Message.objects.filter(key=f"late:{small_clinic.appointment.id}").count() == 1


def test_a_late_session_starts_later_the_same_day_under_the_same_order(
    desk, session, small_clinic, clock
) -> None:
    second = small_clinic.course.appointments.get(number=2)
    clock.at = second.starts_at + timedelta(minutes=20)
    find_late_patients()
    assert desk.post(f"/appointments/{second.id}/late/", {"minutes": "20"}).status_code == 302
    second.refresh_from_db()
    assert second.starts_at == clock.at.replace(second=0, microsecond=0) + timedelta(minutes=20)
    assert "expected at" in StaffTask.objects.get(key=f"late:{second.id}").resolution
    assert (
        "your new start time today is"
        in Message.objects.filter(key__startswith=f"later {second.id}").get().text
    )
    answer = desk.post(f"/appointments/{second.id}/late/", {"minutes": "500"})
    assert answer.status_code == 409 and "after closing time" in answer.content.decode()
    assert desk.post(f"/appointments/{second.id}/late/", {"minutes": "soon"}).status_code == 400


def test_a_no_show_is_recorded_only_after_the_start_and_messaged_kindly(
    desk, session, small_clinic, clock
) -> None:
    second = small_clinic.course.appointments.get(number=2)
    assert desk.post(f"/appointments/{second.id}/late/", {"missed": "yes"}).status_code == 409
    clock.at = second.starts_at + timedelta(minutes=50)
    find_late_patients()
    desk.post(f"/appointments/{second.id}/late/", {"missed": "yes"})
    second.refresh_from_db()
    assert second.cancel_reason == "did not come"
    assert "we missed you today" in Message.objects.get(key=f"missed {second.id}").text
    assert StaffTask.objects.get(key=f"late:{second.id}").done_at


def test_chairs_are_added_and_removed_in_staff_schedule(desk, small_clinic) -> None:
    add = {"form": "chair", "name": " Window  seat ", "place": "clinic"}
    for _ in range(2):
        desk.post("/settings/staff-schedule/", add)
    chair = Chair.objects.get(name="Window seat")
    assert feed_url("chair", str(chair.id)) in desk.get("/settings/staff-schedule/").content.decode()
    desk.post("/settings/staff-schedule/", {"close": chair.id})
    chair.refresh_from_db()
    assert chair.retired_at
    busy = desk.post("/settings/staff-schedule/", {"close": small_clinic.appointment.chair_id})
    assert busy.status_code == 409 and "Reschedule them first" in busy.content.decode()
    assert "already" in desk.post("/settings/staff-schedule/", add | {"name": "chair 1"}).content.decode()


@pytest.fixture
def talks(small_clinic, clock) -> User:
    who = small_clinic.staff[Role.PRESCRIBER]
    Shift.objects.create(staff=who, kind="intake_visits", weekday=1, from_time=time(10), to_time=time(12))
    return who


def an_inquiry(small_clinic, clock, **more: object) -> Inquiry:
    owner = small_clinic.staff[Role.COORDINATOR]
    return Inquiry.objects.create(
        name="Ana", contact="917-555-0133", received_at=clock.at, owner=owner, **more
    )


@pytest.mark.database
def test_intake_slots_are_offered_and_booked_once(desk, talks, small_clinic, clock) -> None:
    inquiry = an_inquiry(small_clinic, clock)
    first, second = open_intake_slots()[:2]
    assert [t.at.astimezone(NY).time() for t in (first, second)] == [time(10), time(11)]
    page = f"/inquiries/{inquiry.id}/"
    assert first.id in desk.get(page).content.decode()
    assert desk.post(page, {"slot": first.id}).status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.interview_at, inquiry.interviewer) == (first.at, talks)
    assert open_intake_slots()[0].at == second.at
    other = an_inquiry(small_clinic, clock)
    taken = desk.post(f"/inquiries/{other.id}/", {"slot": first.id})
    assert taken.status_code == 400 and "no longer available" in taken.content.decode()
    nothing = desk.post(f"/inquiries/{other.id}/", {})
    assert nothing.status_code == 400 and "Choose an open time" in nothing.content.decode()


def test_intake_hours_do_not_count_as_on_site(talks, small_clinic, clock) -> None:
    day = clock.at.date()
    whole = clinic_capacity(day, 7)
    Shift.objects.all().delete()
    assert clinic_capacity(day, 7).prescribers == whole.prescribers


def test_a_nurse_cannot_hold_intake_visits(desk, small_clinic) -> None:
    nurse = small_clinic.staff[Role.NURSE]
    asked = {
        "form": "shift",
        "staff": nurse.id,
        "kind": "intake_visits",
        "weekday": 1,
        "from_time": "10:00",
        "to_time": "12:00",
    }
    assert "need a prescriber" in desk.post("/settings/staff-schedule/", asked).content.decode()


def test_the_video_link_is_sent_once_per_scheduled_time(newcomer, small_clinic, clock) -> None:
    soon = clock.at + timedelta(minutes=50)
    inquiry = an_inquiry(small_clinic, clock, patient=newcomer, interview_at=soon)
    for _ in range(3):
        send_visit_reminders()
    (sent,) = Message.objects.filter(key__startswith="interview-soon")
    client = Client()
    client.post(sent.link, {"year": "1980", "month": "2", "day": "3"})
    page = client.get(sent.link).content.decode()
    assert "video.example.org" in page
    inquiry.interview_at = soon + timedelta(minutes=5)
    inquiry.save()
    send_visit_reminders()
    assert Message.objects.filter(key__startswith="interview-soon").count() == 2


# Two sessions of one patient


def test_no_second_session_on_the_day_of_another_is_offered_or_booked(small_clinic, clock) -> None:
    from django.core import signing

    desk = Client()
    desk.force_login(small_clinic.staff[Role.COORDINATOR])
    first, second = small_clinic.course.appointments.order_by("number")[:2]
    page = desk.get(f"/appointments/{second.id}/options/").content.decode()
    ways = [unescape(way) for way in re.findall(r'name="way" value="([^"]+)"', page)]
    assert ways
    offered = [datetime.fromisoformat(signing.loads(way, salt="ways")[0][3]) for way in ways]
    assert all(at > first.starts_at + timedelta(hours=12) for at in offered)
    span = (first.ends_at + timedelta(hours=1), first.ends_at + timedelta(hours=3))
    same_day = [[2, "Chair 1", "nurse", *(at.isoformat() for at in span)]]
    refused = desk.post(
        f"/appointments/{second.id}/reschedule/", {"way": signing.dumps(same_day, salt="ways")}
    ).content.decode()
    assert "Two sessions on one day are not scheduled" in refused
    second.refresh_from_db()
    assert second.canceled_at is None


def test_a_closed_chart_is_not_scheduled(small_clinic, clock) -> None:
    desk = Client()
    desk.force_login(small_clinic.staff[Role.COORDINATOR])
    patient = small_clinic.patient
    desk.post(f"/patients/{patient.id}/stage/", {"kind": "closed", "text": "cost"})
    answer = desk.post(
        f"/patients/{patient.id}/schedule/manual/",
        {"protocol": "iv-weekly-6", "first_at": "2026-11-02T10:00"},
    )
    assert "This chart is closed" in answer.content.decode()
    assert not patient.courses.filter(closed_at=None).exists()
