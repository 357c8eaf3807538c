"""Patients in treatment: a course with appointments, weekly scores and completed sessions."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from regrow.web.accounts.api import User
from regrow.web.appointments.api import Appointment, Slot, place_series
from regrow.web.assessments.api import QuestionnaireResponse
from regrow.web.courses.api import Course
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge
from regrow.web.signing.api import SignedValues

from .people import charted_patient, random_id
from .sessions import PROTOCOL, hold_session

SCALE = "phq-9"

MOST_POINTS = 24  # of the scale's total without its ninth item, which the demo leaves at 0

TIMES = [time(9, 0), time(11, 0), time(13, 0), time(15, 0), time(17, 0)]


def patient_in_treatment(
    name: str,
    scores: Sequence[int],
    chance: random.Random,
    staff: dict[str, User],
    today: date,
    held: int,
    *,
    offset: int,
) -> Course:
    """Create a course with `held` sessions; the next one is `offset` days from today. `scores` are weekly."""
    first_day = today + timedelta(days=offset) - timedelta(weeks=min(held, 6))
    planned_at = datetime.combine(first_day, time(8), tzinfo=clock.clinic_zone()) - timedelta(days=10)
    with clock.using(lambda: planned_at):
        patient = charted_patient(name, chance, staff)
    signature = SignedValues.objects.get(kind="protocol", file_id=PROTOCOL)
    course = Course.objects.create(
        id=random_id(chance),
        patient=patient,
        signature=signature,
        planned_by=staff["lin"],
        planned_at=planned_at,
    )
    for slot in _slots(first_day, signature):
        Appointment.objects.create(
            id=random_id(chance),
            course=course,
            number=slot.number,
            chair=slot.chair,
            nurse=slot.nurse,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
    for appointment in course.appointments.filter(number__lte=held).order_by("number"):
        _score(patient, scores[appointment.number - 1], appointment.starts_at - timedelta(hours=20), chance)
        hold_session(appointment, course, chance, staff)
    if held == 6:
        _score(patient, scores[6], clock.now() - timedelta(hours=chance.randint(5, 60)), chance)
    elif offset <= 1 and held != 1:
        _score(patient, scores[held], clock.now() - timedelta(hours=14), chance)
    return course


def _slots(first_day: date, signature: SignedValues) -> list[Slot]:
    protocol = knowledge.protocol(signature.file_id)
    for shift in range(7):
        for at in TIMES:
            first = datetime.combine(first_day + timedelta(days=shift), at, tzinfo=clock.clinic_zone())
            try:
                return place_series(protocol, signature.values, first)
            except ActionRefused:
                continue
    raise ActionRefused("The demo clinic is fully booked; add chairs or nurses.")


def _score(patient: Patient, total: int, at: datetime, chance: random.Random) -> QuestionnaireResponse:
    answers = [0] * 9
    while sum(answers) < min(total, MOST_POINTS):
        n = chance.randrange(8)
        answers[n] = min(3, answers[n] + 1)
    scale = knowledge.scale(SCALE)
    return QuestionnaireResponse.objects.create(
        id=random_id(chance),
        patient=patient,
        instrument=SCALE,
        version=scale.version,
        answers=answers,
        sent_at=at,
        completed_at=at,
    )
