"""What goes on today: two running sessions, one signed order, one open questionnaire and one alert."""

import random
from datetime import date, timedelta

from regrow.web.accounts.api import User
from regrow.web.alerts.api import raise_alert
from regrow.web.appointments.api import Appointment, Chair, series_days
from regrow.web.assessments.api import ask_for_score, send_portal_link
from regrow.web.courses.api import Course
from regrow.web.dosing_sessions.api import record_presence
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import SignedValues
from regrow.web.treatment.api import sign_decision

from .courses import SCALE
from .people import charted_patient, random_id
from .sessions import run_session, sign_next_dose
from .stock import deliver

STEADY = {"pulse_per_min": 72, "spo2_percent": 98}

SPRAVATO_NAMES = ["Beatrix Olander"]


def make_today(courses: list[Course], chance: random.Random, staff: dict[str, User]) -> None:
    """Create two running sessions, one signed order, one pending check-in and one open alert."""
    running, ordered, *others = courses
    now = clock.now()
    with clock.using(lambda: now - timedelta(minutes=120)):
        record_presence(staff["lin"], True)
    with clock.using(lambda: now - timedelta(minutes=40)):
        sign_next_dose(running, staff)
    run_session(
        running,
        staff,
        since=18,
        log=[
            (-6, "vital", {"systolic_mmhg": 128, "diastolic_mmhg": 82, **STEADY}),
            (0, "start", {}),
            (6, "vital", {"systolic_mmhg": 138, "diastolic_mmhg": 88, **STEADY}),
            (12, "symptom", {"symptom": "nausea", "severity": 2}),
            (15, "vital", {"systolic_mmhg": 152, "diastolic_mmhg": 97, **STEADY}),
        ],
    )
    _spravato_session(next(iter(SPRAVATO_NAMES)), chance, staff, clock.clinic_today())
    sign_next_dose(ordered, staff)
    for course in others:
        ask_for_score(course.patient, SCALE)
    send_portal_link(running.patient)
    raise_alert(others[1].patient, "Wrote by text that the nights are very dark", crisis=True)


def _spravato_session(name: str, chance: random.Random, staff: dict[str, User], today: date) -> None:
    """Create a patient at the third Spravato visit, after two devices."""
    now = clock.now()
    with clock.using(lambda: now - timedelta(days=12)):
        patient = charted_patient(name, chance, staff)
    signature = SignedValues.objects.get(kind="protocol", file_id="spravato-label")
    course = Course.objects.create(
        id=random_id(chance),
        patient=patient,
        signature=signature,
        planned_by=staff["lin"],
        planned_at=now - timedelta(days=3),
    )
    came = now - timedelta(days=40)
    with clock.using(lambda: came):
        what = {"drug": "esketamine", "form": "nasal device", "size_ml": "0.2", "ug": 28000}
        deliver(staff["nur"], came.date(), count=8, lot="24JG511", patient=patient, **what)
    first = now.astimezone(clock.clinic_zone()).replace(hour=11, minute=20, second=0, microsecond=0)
    for n, day in enumerate(series_days(knowledge.protocol("spravato-label"))):
        starts_at = first + timedelta(days=day)
        Appointment.objects.create(
            id=random_id(chance),
            course=course,
            number=n + 1,
            chair=Chair.objects.get(name="Chair 5"),
            nurse=staff["nur"],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=160),
        )
    with clock.using(lambda: now - timedelta(minutes=60)):
        sign_decision(
            course, choice="changed", dose="84", reason="56 mg well tolerated", signed_by=staff["lin"]
        )
    run_session(
        course,
        staff,
        since=9,
        log=[
            (-4, "vital", {"systolic_mmhg": 126, "diastolic_mmhg": 80, **STEADY}),
            (0, "device", {"n": 1, "lot": "24JG511"}),
            (5.2, "device", {"n": 2, "lot": "24JG511"}),
        ],
    )
