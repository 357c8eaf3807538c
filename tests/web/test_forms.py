"""Every form of the site: a failed submit keeps what was typed, says what is wrong at its field and writes nothing."""

import ast
import importlib
import pkgutil
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import regrow.web
from regrow.web.accounts.roles import Role
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import NumbersForm, ServiceForm

pytestmark = [pytest.mark.django_db]

SHARED = {ServiceForm, NumbersForm}  # what other forms are made of
DJANGO_DEFAULT = "This field is required."


class World:
    """A small clinic, and what a form needs in it, made when a case asks for it."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.get = request.getfixturevalue
        self.clock = self.get("clock")
        self.clinic = self.get("small_clinic")
        self.staff = self.clinic.staff
        self.patient = self.clinic.patient

    def link(self, purpose: str, patient=None) -> str:
        from regrow.web.assessments.links import make_link

        return make_link(patient or self.patient, purpose)[1]

    def newcomer(self, **more: Any):
        from regrow.web.patients.services import new_patient

        owner = self.staff[Role.COORDINATOR]
        return new_patient(name="Elias Brandt", owner=owner, phone="917-555-0111", **more)

    def client(self, role: Role | None) -> Client:
        client = Client()
        if role:
            client.force_login(self.staff[role])
        return client


@dataclass(frozen=True)
class Case:
    """How one form is sent. `where` makes what it needs and returns its address, and data to add to `valid`.

    `bad` is one field with a value that cannot be saved. `button` is a choice made by a button: its message stands in
    an alert. `then` is the status of the valid data, 302 where it is saved.
    """

    where: Callable[[World], str | tuple[str, Mapping[str, Any]]]
    valid: Mapping[str, Any]
    bad: tuple[str, Any]
    role: Role | None = None
    button: bool = False
    method: str = "post"
    then: int = 302
    name: str = ""
    # Says which of a page's forms was sent, or goes back with the address: not typed.
    unseen: tuple[str, ...] = field(default=())


def at(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def of_patient(name: str, *more: Any) -> Callable[[World], str]:
    return lambda w: at(name, w.patient.id, *more)


def intake(place: str, **data: Any) -> Callable[[World], str]:
    def where(w: World) -> str:
        from regrow.web.assessments.models import IntakeQuestionnaire

        patient = w.newcomer()
        IntakeQuestionnaire.objects.create(patient=patient, started_at=w.clock.at, language="en", data=data)
        return at("intake-step", w.link("intake", patient), place)

    return where


def question(w: World) -> str:
    from regrow.web.assessments.intake_questions import intake_questions

    return intake(f"q-{intake_questions()[0].id}")(w)


def birth_date(w: World) -> str:
    return at("my-page", w.link("page", w.newcomer(birth_date=date(1990, 2, 3))))


def aftercare(w: World) -> tuple[str, Mapping[str, Any]]:
    from regrow.web.platform.evidence_figures import plain_figures

    step = knowledge.aftercare().steps[0]
    chosen = {step.id: [plain_figures(step.choices[0])], f"{step.id}-own": "Walk by the river"}
    return at("aftercare-plan", w.link("page")), chosen


def checkin(w: World) -> str:
    from regrow.web.assessments.responses import ask_for_score
    from regrow.web.conversations.models import Message

    ask_for_score(w.patient, "phq-9")
    return f"{Message.objects.exclude(link='').get().link}1/"


def inquiry(name: str) -> Callable[[World], str]:
    def where(w: World) -> str:
        from regrow.web.conversations.models import Inquiry

        made = Inquiry.objects.create(
            name="Ana",
            contact="917-555-0100",
            channel="form",
            received_at=w.clock.at,
            owner=w.staff[Role.COORDINATOR],
        )
        return at(name, made.id)

    return where


def contact(name: str, phone: str) -> Callable[[World], str]:
    def where(w: World) -> str:
        from regrow.web.conversations.services import contact_point
        from regrow.web.gateways.base import Channel

        return at(name, contact_point(Channel.TEXT, phone).id)

    return where


def own_mrn(w: World) -> tuple[str, Mapping[str, Any]]:
    return contact("link-patient", "+13475550188")(w), {"mrn": w.patient.mrn}


def task(w: World) -> str:
    from regrow.web.courses.models import StaffTask

    StaffTask.objects.create(
        course=w.clinic.course,
        key="x",
        text="No answer",
        owner=w.staff[Role.COORDINATOR],
        created_at=w.clock.at,
    )
    return at("task-done", w.patient.id)


def owner(w: World) -> tuple[str, Mapping[str, Any]]:
    return at("assign", w.patient.id), {"owner": w.staff[Role.NURSE].id}


def on_call(w: World) -> tuple[str, Mapping[str, Any]]:
    return at("escalation"), {"staff": w.staff[Role.NURSE].id}


def ending_on_call(w: World) -> tuple[str, Mapping[str, Any]]:
    from regrow.web.alerts.models import OnCallShift

    nurse, now = w.staff[Role.NURSE], w.clock.at
    made = OnCallShift.objects.create(
        staff=nurse, from_at=now, to_at=now + timedelta(days=1), entered_by=nurse
    )
    return at("escalation"), {"end": made.id}


def alert(name: str) -> Callable[[World], str]:
    def where(w: World) -> str:
        from regrow.web.alerts.services import raise_alert

        return at(name, raise_alert(w.patient, "wrote that it gets dark", crisis=True).id)

    return where


def of_appointment(name: str) -> Callable[[World], str]:
    return lambda w: at(name, w.clinic.course.appointments.get(number=2).id)


def shown_ways(client: Client, page: str) -> str:
    return re.findall(r'name="way" value="([^"]+)"', client.get(page).content.decode())[0]


def moved(w: World) -> tuple[str, Mapping[str, Any]]:
    page = of_appointment("appointment-options")(w)
    way = shown_ways(w.client(Role.COORDINATOR), page)
    return of_appointment("reschedule")(w), {"way": way}


def booked(w: World) -> tuple[str, Mapping[str, Any]]:
    patient, asked = w.newcomer(), "?protocol=iv-weekly-6&begin=2026-10-27&part=morning"
    way = shown_ways(w.client(Role.COORDINATOR), at("schedule", patient.id) + asked)
    return at("book-series", patient.id) + asked, {"way": way}


def finished(w: World) -> str:
    w.clinic.course.appointments.update(canceled_at=w.clock.at, cancel_reason="moved")
    return at("booster", w.patient.id)


def offer(w: World) -> str:
    from regrow.web.appointments.models import WaitlistEntry

    made = WaitlistEntry.objects.create(
        appointment=w.clinic.course.appointments.get(number=2), joined_at=w.clock.at
    )
    return at("respond-to-offer", made.id)


def shift(w: World) -> tuple[str, Mapping[str, Any]]:
    return at("staff-schedule"), {"staff": w.staff[Role.NURSE].id}


def ending_shift(w: World) -> tuple[str, Mapping[str, Any]]:
    from datetime import time

    from regrow.web.appointments.models import Shift

    made = Shift.objects.create(
        staff=w.staff[Role.NURSE], weekday=0, from_time=time(9), to_time=time(17), kind="on_site"
    )
    return at("staff-schedule"), {"end": made.id}


def time_off(w: World) -> tuple[str, Mapping[str, Any]]:
    from regrow.web.appointments.models import TimeOff

    made = TimeOff.objects.create(
        from_at=datetime(2026, 11, 26, 5, tzinfo=UTC), to_at=datetime(2026, 11, 28, 5, tzinfo=UTC)
    )
    return at("staff-schedule"), {"remove": made.id}


def closing_chair(w: World) -> tuple[str, Mapping[str, Any]]:
    from regrow.web.appointments.models import Chair

    return at("staff-schedule"), {"close": Chair.objects.create(name="Chair 9").id}


def limits(w: World) -> tuple[str, Mapping[str, Any]]:
    protocol, signed = knowledge.protocol("iv-weekly-6"), knowledge.demo_limits("iv-weekly-6")
    return at("sign-protocol", protocol.id), {
        name: value
        for name, value in signed.items()
        if name in (*protocol.unset_limits, *protocol.optional_limits)
    }


def dosing(name: str) -> Callable[[World], str]:
    def where(w: World) -> str:
        w.get("answered")
        return at(name, w.patient.id)

    return where


def arrival(w: World) -> str:
    from regrow.web.interview.services import start_visit

    start_visit(w.patient, w.staff[Role.PRESCRIBER])
    return at("record-arrival", w.patient.id)


def precaution(w: World) -> str:
    from regrow.web.patients.services import record

    record(w.patient, "condition", {"text": "Brief psychosis in 2009"}, author="lin")
    return at("eligibility", w.patient.id)


def screening(w: World) -> tuple[str, Mapping[str, Any]]:
    first, second = knowledge.candidacy_rules().criteria[:2]
    return at("record-screening", w.patient.id), {first.determination: "no", second.determination: "yes"}


def visit_end(w: World) -> str:
    arrival(w)
    return at("sign-visit", w.patient.id)


def addendum(w: World) -> str:
    from regrow.web.interview.services import end_visit, start_visit

    visit = start_visit(w.patient, w.staff[Role.PRESCRIBER])
    end_visit(visit, "open", "To be continued after the records come", w.staff[Role.PRESCRIBER])
    return at("add-addendum", w.patient.id, visit.id)


def ledger(name: str) -> Callable[[World], str]:
    def where(w: World) -> str:
        client = w.client(Role.PRESCRIBER)
        client.get(at("ledger"))
        assert client.post(at("ledger-record", "receive"), DELIVERY).status_code == 302
        return at("ledger-record", name)

    return where


def confirmed(w: World) -> tuple[str, Mapping[str, Any]]:
    from regrow.web.ledger.services import inventory

    ledger("count")(w)
    other = w.client(Role.PRESCRIBER)
    other.get(at("ledger"))
    other.post(at("ledger-record", "count"), {"lot": "KT1", "sealed": "2"})
    return at("ledger-confirm"), {"entry": next(iter(inventory().waiting))}


def incident(w: World) -> tuple[str, Mapping[str, Any]]:
    from regrow.web.ledger.services import inventory

    where, given = confirmed(w)
    second = w.client(Role.NURSE)
    second.get(at("ledger"))
    assert second.post(where, given).status_code == 302
    return at("ledger-resolve"), {"incident": inventory().open_incidents[0].id}


def rems(w: World) -> str:
    """A session of Spravato with a dose, ended and left."""
    from regrow.web.appointments.models import Appointment, Chair
    from regrow.web.courses.models import Course
    from regrow.web.dosing_sessions.models import DosingSession, SessionEvent
    from regrow.web.signing.models import SignedValues

    nurse, protocol, now = w.staff[Role.NURSE], knowledge.protocol("spravato-label"), w.clock.at
    signature = SignedValues.objects.create(
        kind="protocol",
        file_id=protocol.id,
        version=protocol.version,
        values=dict(knowledge.demo_limits(protocol.id)),
        signed_by=w.staff[Role.DIRECTOR],
        signed_at=now,
    )
    patient = w.newcomer(birth_date=date(1990, 2, 3))
    course = Course.objects.create(
        patient=patient, signature=signature, planned_by=w.staff[Role.PRESCRIBER], planned_at=now
    )
    booking = Appointment.objects.create(
        course=course,
        number=1,
        chair=Chair.objects.first(),
        nurse=nurse,
        starts_at=now + timedelta(days=3),
        ends_at=now + timedelta(days=3, hours=3),
    )
    session = DosingSession.objects.create(
        appointment=booking, decision_id=uuid.uuid4(), opened_by=nurse, opened_at=now
    )
    order = {
        "medicine": "esketamine",
        "prepared_mg": "56",
        "dose_mg": "56",
        "protocol": "spravato-label",
        "version": protocol.version,
        "limits": dict(knowledge.demo_limits(protocol.id)),
    }
    events = [
        ("order", 0, order),
        ("device", 1, {"n": 1}),
        ("start", 1, {}),
        ("left", 150, {"reason": "Wants to go home", "told": True}),
    ]
    for number, (kind, minute, data) in enumerate(events, 1):
        SessionEvent.objects.create(
            id=uuid.uuid4(),
            session=session,
            kind=kind,
            number=number,
            device_time=now + timedelta(minutes=minute),
            server_time=now + timedelta(minutes=minute),
            author=nurse.username,
            data=data,
        )
    w.clock.at += timedelta(hours=3)
    return at("rems-form", patient.id, session.id)


def override(w: World) -> str:
    return at("override", w.patient.id, w.get("session").id)


def witness(w: World) -> tuple[str, Mapping[str, Any]]:
    return at("witness"), {
        "session": w.get("session").id,
        "waste": str(uuid.uuid4()),
        "once": str(uuid.uuid4()),
    }


def home(w: World) -> str:
    """A session at home that is open, and its patient's link."""
    from regrow.web.appointments.models import Appointment, Chair
    from regrow.web.dosing_sessions.services import record_presence
    from regrow.web.platform.database import writing
    from regrow.web.treatment.decisions import sign_decision
    from regrow.web.treatment.sessions import open_session

    protocol, signed = (
        knowledge.protocol("sublingual-at-home"),
        knowledge.demo_limits("sublingual-supervised"),
    )
    director, prescriber = w.client(Role.DIRECTOR), w.client(Role.PRESCRIBER)
    director.post(at("sign-protocol", protocol.id), {name: signed[name] for name in protocol.unset_limits})
    Chair.objects.create(name="Home 1", place="home")
    patient = w.newcomer(emergency_name="Ruth", emergency_phone="917-555-0112")
    first = {"protocol": protocol.id, "first_at": "2026-10-27T12:00"}
    assert prescriber.post(at("schedule-manual", patient.id), first).status_code == 302
    booking = Appointment.objects.get(course__patient=patient)
    with writing():
        sign_decision(
            booking.course,
            choice="changed",
            dose="40",
            reason="As agreed",
            signed_by=w.staff[Role.PRESCRIBER],
        )
    w.clock.at = booking.starts_at
    with writing():
        record_presence(w.staff[Role.PRESCRIBER], True)
        open_session(booking, by=w.staff[Role.NURSE])
    w.clock.at += timedelta(seconds=20)
    return at("home-say", w.link("home", patient))


def comparison(w: World) -> str:
    return at("simulator")


def plan_of_newcomer(w: World) -> str:
    return at("schedule-manual", w.newcomer().id)


def picture() -> SimpleUploadedFile:
    from .test_clinic_knowledge import picture as drawn

    return SimpleUploadedFile("front.png", drawn(size=(400, 250)), content_type="image/png")


DESK, NURSE, PRESCRIBER, DIRECTOR = Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER, Role.DIRECTOR
ABOUT = {
    "name": "Amara Diallo",
    "month": "2",
    "day": "3",
    "year": "1990",
    "place": "Queens, NY",
    "emergency_name": "Ana",
    "emergency_phone": "917-555-0177",
}
DELIVERY = {
    "drug": "ketamine",
    "form": "vial",
    "ndc": "0409-2051-05",
    "lot": "KT1",
    "expiry": "2027-12-31",
    "size_mg": "500",
    "size_ml": "10",
    "count": "3",
    "received_on": "2026-10-26",
    "invoice": "INV-7",
    "single_dose": "no",
}
MINUTES = {"on_call_after_min": "10", "director_after_min": "20", "clinicians_after_min": "40"}
ASKED = {
    "protocol": "iv-weekly-6",
    "begin": "2026-10-27",
    "part": "morning",
    "weekdays": ["1"],
    "until": "2027-03-01",
}
ARRIVED = {
    "place": "12 Elm Street, Queens",
    "identity": "photo-id",
    "emergency_name": "Lucia, sister",
    "emergency_phone": "917-555-0177",
    "callback": "917-555-0100",
    "present": "Her sister",
}
WRITTEN = {"name": "Ana", "contact": "917 555 0100", "message": "My own words"}
LONG = "x" * 20001
fact = partial(of_patient, "record-fact")
which = ("what", "form", "kind", "say")

CASES: dict[str, Case] = {
    # assessments
    "BirthDateForm": Case(birth_date, {"month": "2", "day": "3", "year": "1990"}, ("month", "13")),
    "RatingForm": Case(
        of_patient("rate", "phq-9"),
        {f"item-{n}": "1" for n in range(1, 10)},
        ("item-3", "9"),
        PRESCRIBER,
    ),
    # portal
    "AboutYouForm": Case(intake("about"), ABOUT, ("month", "13")),
    "IntakeQuestionForm": Case(question, {"answer": "no"}, ("answer", "maybe"), button=True),
    "DrugsTakenForm": Case(
        intake("medicines"), {"drug": ["sertraline"]}, ("drug", ["sertraline", "nonsense"])
    ),
    "DrugResponseForm": Case(
        intake("helped", drugs={"sertraline": {}}),
        {"sertraline-outcome": "partial", "sertraline-weeks": "8"},
        ("sertraline-weeks", "eigh"),
    ),
    "AnythingElseForm": Case(intake("else"), {"words": "I sleep badly"}, ("words", LONG)),
    "AftercarePlanForm": Case(
        aftercare, {"ride": "Ruth", "intention": "Breathe"}, ("ride", "Ruth " * 40 + "x")
    ),
    "ConsentForm": Case(
        lambda w: at("consent", w.link("page")), {"agree": "yes", "name": "Maya Ortiz"}, ("name", "M. O.")
    ),
    "SharePlanForm": Case(
        lambda w: at("share-plan", w.link("page")),
        {"name": "Ana Ruiz", "email": "ana.ruiz@example.org", "agree": "yes"},
        ("email", "ana"),
    ),
    "CheckinAnswerForm": Case(checkin, {"answer": "1"}, ("answer", "9"), button=True),
    # patients, conversations, billing, simulator
    "ContactPreferencesForm": Case(
        of_patient("contact-preferences"),
        {
            "phone": "917-555-0100",
            "email": "maya@example.org",
            "language": "es",
            "checkin_channel": "call",
            "time_zone": "America/Chicago",
        },
        ("phone", "12"),
        DESK,
    ),
    "InquiryForm": Case(lambda w: at("contact"), WRITTEN, ("contact", "here")),
    "TypedInquiryForm": Case(
        lambda w: at("inquiries"), WRITTEN | {"channel": "email"}, ("contact", "here"), DESK
    ),
    "InsuranceCardForm": Case(
        lambda w: at("insurance-card", w.link("page")),
        {"front": picture},
        ("front", lambda: SimpleUploadedFile("front.png", b"no picture")),
    ),
    "ComparisonForm": Case(
        comparison,
        {
            "first": "iv-weekly-6",
            "second": "iv-weekly-fixed",
            "population": next(iter(knowledge.lab().populations)),
            "size": "2000",
        },
        ("size", "7"),
        DIRECTOR,
    ),
    # alerts
    "AttemptForm": Case(
        alert("record-attempt"),
        {"attempt": knowledge.duty().tries[0].id},
        ("attempt", "smoke"),
        NURSE,
        button=True,
    ),
    "ResolveAlertForm": Case(
        alert("resolve-alert"), {"done": "Called, she is with her sister"}, ("done", "ok"), PRESCRIBER
    ),
    # staff
    "InterviewTimeForm": Case(
        inquiry("inquiry"),
        {"interview_at": "2026-11-03T10:00", "video_link": "https://meet.example.org/x"},
        ("video_link", "not a link"),
        DESK,
    ),
    "CloseInquiryForm": Case(inquiry("close-inquiry"), {"why": "Found another clinic"}, ("why", "no"), DESK),
    "StepForm": Case(
        of_patient("pipeline-stage"), {"kind": "benefits"}, ("kind", "nonsense"), DESK, button=True
    ),
    "CloseForm": Case(
        of_patient("pipeline-stage"), {"kind": "closed", "text": "cost"}, ("text", "bored"), DESK
    ),
    "AssignForm": Case(owner, {}, ("owner", "0"), DESK),
    "SnoozeForm": Case(
        of_patient("snooze"), {"until": "2026-11-02", "why": "travels"}, ("until", "2026-10-01"), DESK
    ),
    "TaskDoneForm": Case(task, {"done": "Called, answers tonight"}, ("done", "ok"), DESK),
    "ReplyForm": Case(
        contact("reply", "+19175550100"), {"text": "See you on Monday"}, ("text", "x" * 1501), DESK
    ),
    "LinkPatientForm": Case(own_mrn, {}, ("mrn", "99999"), DESK),
    "OnCallForm": Case(
        on_call,
        {"what": "on-call", "from_at": "2026-10-26T08:00", "to_at": "2026-10-27T08:00"},
        ("to_at", "2026-10-25T08:00"),
        DIRECTOR,
    ),
    "EndOnCallForm": Case(ending_on_call, {}, ("end", "999999"), DIRECTOR, button=True),
    "NumbersForm": Case(
        lambda w: at("escalation"),
        {"what": "minutes", **MINUTES},
        ("director_after_min", "soon"),
        DIRECTOR,
    ),
    # appointments
    "SeriesForm": Case(of_patient("schedule"), ASKED, ("begin", "soon"), DESK, method="get", then=200),
    "ChosenTimeForm": Case(moved, {}, ("way", ""), DESK, button=True),
    "BookSeriesForm": Case(booked, {"protocol": "iv-weekly-6"}, ("way", ""), DESK, button=True),
    "PlanForm": Case(
        plan_of_newcomer,
        {"protocol": "iv-weekly-6", "first_at": "2026-10-27T15:00"},
        ("first_at", "2026-10-01T10:00"),
        DESK,
    ),
    "BoosterForm": Case(finished, {"begin": "2026-11-02"}, ("begin", "soon"), DESK, method="get", then=200),
    "CancelForm": Case(of_appointment("cancel"), {"why": "ill"}, ("why", "x"), DESK),
    # The second session is a week away, so every time today is earlier than its own.
    "RunningLateForm": Case(
        of_appointment("running-late"), {"minutes": "20"}, ("minutes", "soo"), DESK, then=409
    ),
    "WaitlistForm": Case(
        of_appointment("set-waitlist"), {"wait": "yes"}, ("wait", "maybe"), DESK, button=True
    ),
    "OfferResponseForm": Case(offer, {"answer": "no"}, ("answer", "maybe"), DESK, button=True),
    "ShiftForm": Case(
        shift,
        {"form": "shift", "kind": "on_site", "weekday": "2", "from_time": "09:00", "to_time": "17:00"},
        ("to_time", "08:00"),
        DESK,
    ),
    "EndShiftForm": Case(ending_shift, {}, ("end", "999999"), DESK, button=True),
    "TimeOffForm": Case(
        lambda w: at("staff-schedule"),
        {"form": "time-off", "first_day": "2026-11-26", "last_day": "2026-11-27", "why": "Thanksgiving"},
        ("last_day", "2026-11-25"),
        DESK,
    ),
    "RemoveTimeOffForm": Case(time_off, {}, ("remove", "999999"), DESK, button=True),
    "ChairForm": Case(
        lambda w: at("staff-schedule"),
        {"form": "chair", "name": "Home 7", "place": "home"},
        ("name", "Chair 1"),
        DESK,
    ),
    "RetireChairForm": Case(closing_chair, {}, ("close", "999999"), DESK, button=True),
    # treatment
    "LimitsForm": Case(limits, {}, ("observation_min", "long"), DIRECTOR),
    "IntervalsForm": Case(
        lambda w: at("monitoring-checks"),
        {"misuse_every_days": "90", "liver_every_sessions": "12"},
        ("misuse_every_days", "often"),
        DIRECTOR,
    ),
    "DecisionForm": Case(
        dosing("decide"),
        {"choice": "changed", "dose": "0.4", "reason": "frail", "prn": "ondansetron 4 mg"},
        ("dose", "half"),
        PRESCRIBER,
    ),
    "StatementForm": Case(
        dosing("record-statement"),
        {"kind": "weight_basis", "about": "actual", "text": "Edema is gone"},
        ("text", ""),
        PRESCRIBER,
    ),
    "EstimateSwitchForm": Case(
        lambda w: at("estimate-switch"), {"on": "no", "text": "Being audited"}, ("text", ""), DIRECTOR
    ),
    # Weights can be signed once a course has been dosed and scored.
    "SignWeightsForm": Case(
        lambda w: at("dose-response"),
        {"reason": "The same team all year"},
        ("reason", ""),
        DIRECTOR,
        then=409,
    ),
    # interview
    "PersonForm": Case(
        fact("person"),
        {"name": "Maya Ortiz", "birth_date": "1990-02-03", "sex": "female"},
        ("birth_date", "1990-13-01"),
        PRESCRIBER,
    ),
    "ArrivalForm": Case(arrival, ARRIVED, ("emergency_phone", "none"), PRESCRIBER),
    "DiagnosisForm": Case(
        fact("diagnosis"),
        {"icd10": "F33.2", "text": "Recurrent", "episode_start": "2026-01-05"},
        ("icd10", "sad"),
        PRESCRIBER,
    ),
    "TrialForm": Case(
        fact("trial"),
        {
            "drug": "sertraline",
            "dose_mg_per_day": "200",
            "weeks": "8",
            "outcome": "no_response",
            "improvement_percent": "10",
            "current_episode": "yes",
            "adherent": "no",
        },
        ("weeks", "eight"),
        PRESCRIBER,
    ),
    "ConditionForm": Case(
        fact("condition"), {"text": "Asthma", "icd10": "J45"}, ("icd10", "J45.909 intermittent"), PRESCRIBER
    ),
    "MedicineForm": Case(
        fact("medicine"),
        {"text": "Lithium", "dose_mg_per_day": "900"},
        ("dose_mg_per_day", "a few"),
        PRESCRIBER,
    ),
    "TreatmentForm": Case(
        fact("treatment"), {"kind": "ect", "text": "2019", "current": "no"}, ("text", "x" * 201), PRESCRIBER
    ),
    "WeightForm": Case(fact("weight"), {"value": "82.1", "unit": "lb"}, ("value", "heavy"), PRESCRIBER),
    "HeightForm": Case(fact("height"), {"value": "175"}, ("value", "1.75"), PRESCRIBER),
    "PressureForm": Case(
        fact("blood_pressure"), {"systolic": "132", "diastolic": "84"}, ("diastolic", "140"), PRESCRIBER
    ),
    "AskedForm": Case(
        precaution,
        {"criterion": "accepts-psychosis", "holds": "yes", "text": "Remitted since 2010"},
        ("text", "ok"),
        PRESCRIBER,
    ),
    "ScreeningForm": Case(
        screening, {}, (knowledge.candidacy_rules().criteria[2].determination, "maybe"), PRESCRIBER
    ),
    "SignVisitForm": Case(
        visit_end,
        {"outcome": "open", "reason": "To be continued after the records come"},
        ("reason", "later"),
        PRESCRIBER,
    ),
    "AddendumForm": Case(addendum, {"text": "She called to add a trial"}, ("text", LONG), PRESCRIBER),
    # ledger
    "ReceiveForm": Case(lambda w: at("ledger-record", "receive"), DELIVERY, ("size_mg", "0"), PRESCRIBER),
    "CountForm": Case(ledger("count"), {"lot": "KT1", "sealed": "3"}, ("sealed", "many"), PRESCRIBER),
    "DisposeForm": Case(
        ledger("dispose"),
        {"container": "KT1-001", "act": "quarantine", "reason": "Label torn"},
        ("reason", "x" * 301),
        PRESCRIBER,
    ),
    "AdjustForm": Case(
        ledger("adjust"),
        {"container": "KT1-001", "mg": "-12.5", "reason": "overfill"},
        ("mg", "a drop"),
        PRESCRIBER,
    ),
    "ConfirmEntryForm": Case(confirmed, {}, ("entry", ""), NURSE, button=True),
    "ResolveIncidentForm": Case(incident, {"reason": "It lay in the refrigerator"}, ("reason", ""), DIRECTOR),
    # dosing sessions
    "RemsSubmissionForm": Case(rems, {"confirmation": "RM-1"}, ("confirmation", "9" * 61), DESK),
    "WitnessForm": Case(witness, {}, ("session", str(uuid.uuid4())), NURSE, button=True, then=409),
    "OverrideForm": Case(
        override, {"rule": "fasting", "reason": "Ate four hours ago"}, ("reason", ""), PRESCRIBER
    ),
    "HomePlaceForm": Case(home, {"say": "place", "place": "12 Elm Street, Queens"}, ("place", "x")),
    "HomeVitalsForm": Case(
        home,
        {"say": "measured", "systolic_mmhg": "124", "diastolic_mmhg": "78", "pulse_per_min": "70"},
        ("pulse_per_min", "x"),
    ),
}


@dataclass
class Control:
    """A field or button of a page, the ids that describe it, and whether it can be seen."""

    form: int
    kind: str
    name: str
    value: str
    on: bool
    described: tuple[str, ...]
    seen: bool


class Page(HTMLParser):
    """The controls of a page and the texts of its elements."""

    VOID = frozenset(
        {"meta", "link", "img", "input", "br", "hr", "path", "rect", "circle", "line", "polyline"}
    )

    def __init__(self, html: str) -> None:
        super().__init__()
        self.controls: list[Control] = []
        self.texts: dict[str, str] = {}
        self.alerts: list[str] = []
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.forms = 0
        self.form = 0
        self.select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms += 1
            self.form = self.forms
        if tag == "select":
            self.select = given.get("name") or ""
        if tag not in self.VOID:
            self.stack.append((tag, given))
            if given.get("role") == "alert":
                self.alerts.append("")
        if tag in ("input", "textarea", "select", "button", "option"):
            kind = (given.get("type") or "text") if tag == "input" else tag
            name = (self.select if tag == "option" else given.get("name")) or ""
            value = given.get("value")
            on = "checked" in given or "selected" in given or kind not in ("checkbox", "radio", "option")
            around = [of for _, of in self.stack] + ([given] if tag in self.VOID else [])
            described = " ".join(of.get("aria-describedby") or "" for of in around).split()
            folded = any(of_tag == "details" and "open" not in of for of_tag, of in self.stack)
            self.controls.append(
                Control(
                    self.form,
                    kind,
                    name,
                    value if value is not None else "yes" if kind == "checkbox" else "",
                    on,
                    tuple(described),
                    not folded,
                )
            )

    def handle_endtag(self, tag: str) -> None:
        while tag not in self.VOID and self.stack:
            closed, _ = self.stack.pop()
            if closed == tag:
                break
        if tag == "form":
            self.form = 0

    def handle_data(self, data: str) -> None:
        for _tag, given in self.stack:
            if given.get("id"):
                self.texts[str(given["id"])] = self.texts.get(str(given["id"]), "") + data
            if given.get("role") == "alert":
                self.alerts[-1] += data
        if self.stack and self.stack[-1][0] == "textarea":
            self.controls[-1].value += data
        if self.stack and self.stack[-1][0] == "option" and not self.stack[-1][1].get("value"):
            self.controls[-1].value += data.strip()


def written() -> dict[str, list[Any]]:
    """Every row of every table, but for the audit log, which has a row for each request, and browser sessions."""
    return {
        model._meta.label: sorted(map(str, model.objects.values_list()))
        for model in apps.get_models()
        if model.__module__.startswith("regrow.web.") and not model._meta.label.startswith("audit.")
    }


def subclasses(base: type) -> set[type]:
    return {found for sub in base.__subclasses__() for found in ({sub} | subclasses(sub))}


def forms_of_the_site() -> dict[str, type[forms.BaseForm]]:
    for module in pkgutil.walk_packages(regrow.web.__path__, "regrow.web."):
        if ".migrations" not in module.name and module.name.rsplit(".", 1)[-1] not in ("asgi", "wsgi"):
            importlib.import_module(module.name)
    return {
        found.__name__: found
        for found in subclasses(forms.BaseForm)
        if found.__module__.startswith("regrow.web.") and found is not ServiceForm
    }


def test_every_form_of_the_site_is_tried_here() -> None:
    assert set(forms_of_the_site()) == set(CASES)


def values(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value() if callable(value) else value for name, value in data.items()}


def listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_failed_submit_keeps_the_input_and_names_the_problem(name: str, request) -> None:
    case, world = CASES[name], World(request)
    made = case.where(world)
    where, more = made if isinstance(made, tuple) else (made, {})
    valid = {**case.valid, **more}
    bad, wrong = case.bad[0], case.bad[1]() if callable(case.bad[1]) else case.bad[1]
    client = world.client(case.role)
    client.get(where)  # a first visit may store what the page needs
    if "ledger" in where:
        client.get(at("ledger"))
    send = getattr(client, case.method)
    before = written()

    answer = send(where, {**values(valid), bad: wrong})

    assert answer.status_code == 400
    assert written() == before
    page = Page(answer.content.decode())
    if case.button:
        assert any(len(text.split()) > 4 for text in page.alerts), page.alerts
    else:
        own = [c for c in page.controls if c.name == bad and any(id.endswith("_error") for id in c.described)]
        assert own, f"nothing describes what is wrong with {bad}"
        said = [page.texts.get(id, "").strip() for c in own for id in c.described if id.endswith("_error")]
        assert all(said) and DJANGO_DEFAULT not in said
        assert own[0].seen, "the form is folded away"
        form = [c for c in page.controls if c.form == own[0].form]
        typed = {n: v for n, v in valid.items() if n != bad and n not in case.unseen}
        if own[0].kind in ("text", "textarea", "date", "time", "email", "datetime-local", "url", "number"):
            typed[bad] = wrong
        for field_name, value in typed.items():
            for text in listed(value):
                assert any(
                    c.name == field_name and c.value.strip() == text.strip() and (c.on or c.kind == "button")
                    for c in form
                ), f"{field_name}: {text!r} is gone"

    saved = send(where, values(valid))
    assert saved.status_code == case.then, saved.content.decode()[-3000:]


# Where a view reads the posted data itself, and why.
READS = {
    ("platform/access.py", "form_id"): "the id made with the form, the same for every form",
    ("platform/access.py", "process_view"): "refuses a character no field can store, before any form",
    ("platform/forms.py", "sent_with"): "tells which form of a page was sent",
    ("conversations/form_tokens.py", "signed_form"): "the carrier's signed webhook",
    ("interview/visit_views.py", "save_narrative_view"): "answers JSON to the script that saves as one types",
    ("dosing_sessions/monitor_views.py", "monitors"): "answers JSON to the tablet",
    ("simulator/views.py", "attach_simulation"): "one button of a finished comparison; nothing is typed",
}


def reads_posted_data(function: ast.AST) -> bool:
    """Whether a function does more with `request.POST` than hand it to a form, or a helper that makes one."""
    parents = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(function):
        if not (isinstance(node, ast.Attribute) and node.attr == "POST"):
            continue
        parent = parents[node]
        while isinstance(parent, (ast.IfExp, ast.BoolOp)):
            parent = parents[parent]
        if isinstance(parent, ast.Assign) and [getattr(t, "id", "") for t in parent.targets] == ["posted"]:
            continue
        makes = isinstance(parent, ast.Call) and node in ast.walk(parent)
        if not makes or (isinstance(parent, ast.Call) and not _makes_a_form(parent.func)):
            return True
    return False


def _makes_a_form(called: ast.expr) -> bool:
    text = ast.unparse(called)
    return text.endswith("Form") or text == "FORMS[kind]" or text in ("_form", "_time_form")


def test_no_view_reads_the_posted_data_by_hand() -> None:
    root = Path(regrow.web.__path__[0])
    found = {
        (str(path.relative_to(root)), function.name)
        for path in root.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and reads_posted_data(function)
    }
    assert found == set(READS)
