"""What the clinic does by itself: check-ins along a course, and an alert that climbs until somebody has it."""

from datetime import UTC, datetime, timedelta

import pytest

from regrow import knowledge
from regrow.clinic.accounts.roles import Role
from regrow.clinic.checkin.facts import enter_sheet, finished_sheets, raise_alert
from regrow.clinic.checkin.models import AlertStep, AnswerSheet, HandedOver, OnCall
from regrow.clinic.checkin.rounds import climb_all, make_rounds
from regrow.clinic.frontdesk.models import Message
from regrow.clinic.jobs.facts import do_what_is_due, go_round
from regrow.clinic.jobs.work import learn_who_does_what
from regrow.clinic.treatment.models import Signature

pytestmark = [pytest.mark.django_db, pytest.mark.database]
learn_who_does_what()


def passes(clock, **time) -> None:
    """Time passes, as the worker lives it."""
    end = clock.at + timedelta(**time)
    while clock.at < end:
        clock.at = min(end, clock.at + timedelta(minutes=10))
        go_round(all_of_them=True)
        do_what_is_due()


def sent() -> list[tuple[str, str]]:
    return [
        (m.occasion, m.state)
        for m in Message.objects.filter(kind="reminder").order_by("created_at", "occasion")
    ]


def test_a_check_in_is_asked_chased_and_handed_to_its_owner(small_clinic, clock) -> None:
    clock.at = small_clinic.booking.starts_at - timedelta(hours=30)
    passes(clock, hours=31)
    kept = [key for key, _ in sent()]
    assert kept.count("before-dose:1") in (2, 3)
    assert kept.count("day-before:1") == 1
    assert AnswerSheet.objects.count() == 1  # asked again is the same sheet
    (handed,) = HandedOver.objects.exclude(key__startswith="late:")
    assert handed.key == "before-dose:1" and handed.owner == small_clinic.patient.owner
    assert handed.at < small_clinic.booking.starts_at


def test_an_answer_ends_the_asking(small_clinic, clock) -> None:
    clock.at = small_clinic.booking.starts_at - timedelta(hours=26)
    make_rounds()
    enter_sheet(small_clinic.patient, knowledge.scale("phq-9"), [1] * 8 + [0], once=None)
    passes(clock, hours=26)
    assert [key for key, _ in sent()].count("before-dose:1") == 1
    assert not HandedOver.objects.exists()
    assert finished_sheets(small_clinic.patient).count() == 1


def test_rounds_made_twice_at_once_ask_once(small_clinic, clock) -> None:
    clock.at = small_clinic.booking.starts_at - timedelta(hours=26)
    make_rounds()
    small_clinic.course.look_again_at = None
    small_clinic.course.save()
    make_rounds()
    assert len(sent()) == len(set(sent())) == 2


def test_a_session_called_off_is_asked_about_no_more(small_clinic, clock) -> None:
    small_clinic.booking.off_at = clock.at
    small_clinic.booking.save()
    clock.at = small_clinic.booking.starts_at - timedelta(hours=26)
    make_rounds()
    assert not [key for key, _ in sent() if key.endswith(":1")]


def _sign(small_clinic, **minutes: str) -> None:
    duty = knowledge.duty()
    Signature.objects.create(
        protocol=f"duty-{duty.id}",
        version=duty.version,
        limits=minutes,
        signed_by=small_clinic.staff[Role.DIRECTOR],
        signed_at=datetime(2026, 10, 1, tzinfo=UTC),
    )


def told() -> list[tuple[str, str]]:
    return [(s.what, s.who.role) for s in AlertStep.objects.filter(kind="told").order_by("at", "id")]


def test_an_alert_climbs_until_somebody_has_it(small_clinic, clock, client) -> None:
    _sign(small_clinic, on_call_after_min="10", director_after_min="20", clinicians_after_min="40")
    alert = raise_alert(small_clinic.patient, "wrote that the nights are very dark", crisis=True)
    do_what_is_due()
    assert told() == [("named", "prescriber")]
    passes(clock, minutes=25)
    assert told() == [("named", "prescriber"), ("director", "director")]  # nobody was on call
    client.force_login(small_clinic.staff[Role.NURSE])
    client.post(f"/alerts/{alert.id}/take/")
    client.post(f"/alerts/{alert.id}/tried/", {"tried": "call"})
    passes(clock, minutes=60)
    assert len(told()) == 2
    alert.refresh_from_db()
    assert alert.taken_by == alert.assigned_to == small_clinic.staff[Role.NURSE]
    assert alert.closed_at is None  # having it is not having done it
    assert [s.kind for s in alert.steps.all()] == ["told", "told", "took", "tried"]


def test_minutes_that_nobody_signed_tell_everybody_at_once(small_clinic, clock) -> None:
    raise_alert(small_clinic.patient, "wrote that the nights are very dark", crisis=True)
    climb_all()
    assert {role for _, role in told()} == {"prescriber", "director", "nurse"}


def test_at_the_weekend_whoever_is_on_call_is_named(small_clinic, clock) -> None:
    nurse, director = small_clinic.staff[Role.NURSE], small_clinic.staff[Role.DIRECTOR]
    OnCall.objects.create(
        who=nurse, from_at=clock.at, to_at=clock.at + timedelta(days=2), entered_by=director
    )
    assert raise_alert(small_clinic.patient, "x", crisis=True).assigned_to == nurse
    clock.at += timedelta(days=3)
    assert raise_alert(small_clinic.patient, "y", crisis=True).assigned_to.role == Role.PRESCRIBER


def test_an_alert_of_somebody_who_opted_out_climbs_all_the_same(small_clinic, clock) -> None:
    from regrow.clinic.frontdesk.facts import contacts_of

    for contact in contacts_of(small_clinic.patient):
        contact.opted_out_at = clock.at
        contact.save()
    clock.at = datetime(2026, 11, 1, 5, 50, tzinfo=UTC)
    raise_alert(small_clinic.patient, "x", crisis=True)
    climb_all()
    assert told()
    assert not Message.objects.filter(kind="reminder", state="sent").exists()


def test_the_director_signs_the_minutes_and_enters_who_is_on_call(small_clinic, clock, client) -> None:
    from regrow.clinic.checkin.facts import on_call
    from regrow.clinic.checkin.rounds import duty_limits

    minutes = {"on_call_after_min": "10", "director_after_min": "20.0", "clinicians_after_min": "40"}
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    assert client.post("/alerts/duty/", {"what": "minutes", **minutes}).status_code == 409
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    assert "everyone is notified at once" in client.get("/alerts/duty/").content.decode()
    for wrong in ("", "soon", "-1", "NaN", "9999"):
        answer = client.post("/alerts/duty/", {"what": "minutes", **minutes, "director_after_min": wrong})
        assert answer.status_code == 409, wrong
    client.post("/alerts/duty/", {"what": "minutes", **minutes})
    assert duty_limits() == {
        "on_call_after_min": "10",
        "director_after_min": "20",
        "clinicians_after_min": "40",
    }
    nurse = small_clinic.staff[Role.NURSE]
    span = {"from_at": "2026-10-26T08:00", "to_at": "2026-10-27T08:00"}
    backwards = {"from_at": span["to_at"], "to_at": span["from_at"]}
    assert client.post("/alerts/duty/", {"what": "on-call", "who": nurse.id, **backwards}).status_code == 400
    for _ in range(2):
        client.post("/alerts/duty/", {"what": "on-call", "who": nurse.id, **span})
    assert on_call(clock.at) == nurse
    client.post("/alerts/duty/", {"end": OnCall.objects.get().id})
    assert on_call(clock.at) is None


def test_fasting_is_told_by_the_clock_where_the_person_is(small_clinic, clock, client) -> None:
    from regrow.clinic.checkin.facts import times_before

    patient, starts_at = (
        small_clinic.patient,
        datetime(2026, 11, 1, 15, 0, tzinfo=UTC),
    )  # the day of the change
    assert times_before(patient, starts_at) == []  # nobody has signed
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    client.post("/alerts/duty/", {"what": "hours", "no_food_hours": "6", "no_drink_hours": "2"})
    assert times_before(patient, starts_at) == [
        "Eat until 04:00, then nothing more",
        "Drink water until 08:00",
    ]
    early = datetime(
        2026, 11, 1, 10, 0, tzinfo=UTC
    )  # 5:00; six elapsed hours before is midnight by the old clock
    assert times_before(patient, early)[0] == "Eat until 00:00, then nothing more"
    patient.zone, patient.language = "America/Los_Angeles", "es"
    assert times_before(patient, starts_at)[1] == "Beba agua hasta las 05:00"
