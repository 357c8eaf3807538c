"""Create the demo clinic once. All patients are fictional.

They pass through the functions of a real clinic, under a clock set back to each event. Their scores are those of the
pharmacology model's virtual patients, at entry and at each weekly visit.
"""

import random
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password

from regrow.dosing import Outcome
from regrow.inventory import LedgerAction
from regrow.knowledge import SessionRules
from regrow.web.accounts.api import Role, User, make_key
from regrow.web.alerts.api import raise_alert
from regrow.web.appointments.api import Appointment, Chair, Shift, Slot, place_series, series_days
from regrow.web.assessments.api import (
    QuestionnaireResponse,
    ask_for_score,
    record_clinician_rating,
    send_intake_form,
    send_portal_link,
)
from regrow.web.conversations.api import Inquiry, default_owner, receive, screen_inquiry
from regrow.web.courses.api import Course
from regrow.web.dosing_sessions.api import DosingSession, SessionEvent, append, record_presence, state_of
from regrow.web.gateways.api import Channel, InboundMessage
from regrow.web.ledger.api import containers_offered, record_entry, record_session_use
from regrow.web.patients.api import Patient, new_patient, record
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge
from regrow.web.platform.database import writing
from regrow.web.signing.api import SignedValues, sign_file
from regrow.web.treatment.api import (
    DoseDecision,
    build_course,
    open_session,
    order_event_data,
    record_statement,
    sign_decision,
    suggestion_of,
)

from .intake_visit import hold_intake_visit

SEED = 20261124
PASSWORD = "demo-clinic-only"
LOGINS = [
    ("sam", "Sam Reyes", Role.FRONT_DESK, ""),
    ("cora", "Cora Whitfield", Role.COORDINATOR, ""),
    ("nina", "Nina Adeyemi", Role.NURSE, "RN"),
    ("noel", "Noel Park", Role.NURSE, "RN"),
    ("nur", "Nur Haddad", Role.NURSE, "RN"),
    ("lin", "Dr Mei Lin", Role.PRESCRIBER, "MD"),
    ("dora", "Dr Dora Okafor", Role.DIRECTOR, "MD"),
]
NAMES = """Maya Ortiz;Elias Brandt;Ruth Okonkwo;Jonas Feld;Amara Diallo;Peter Novak;Lucía Benítez;Owen Gallagher;
Hana Sato;Victor Almeida;Grace Whitmore;Samir Haddad;Ingrid Solberg;Tomás Rivera;Nadia Petrova;Caleb Freeman;
Mei-Ling Chow;Andre Baptiste;Sofia Lindqvist;Daniel Abramson;Priya Raman;Marcus Bell;Yara Haddad;Thomas Kim;
Leila Farahani;George Papadakis;Chloe Martin;Ibrahim Sesay;Nora Byrne;Felix Wagner;Isabel Cruz;Henry Zhao;
Anna Kowalska;Luis Herrera;Maria-Magdalena Konstantinopoulou-Featherstonehaugh de la Cruz;Jamal Carter;
Eva Horvat;Robert Quinn;Teresa Mancini;Adam Weiss;Joy Bello;Oscar Nyman""".replace("\n", "").split(";")
MEN = frozenset(
    [
        "Elias",
        "Jonas",
        "Peter",
        "Owen",
        "Victor",
        "Samir",
        "Tomás",
        "Caleb",
        "Andre",
        "Daniel",
        "Marcus",
        "Thomas",
        "George",
        "Ibrahim",
        "Felix",
        "Henry",
        "Luis",
        "Jamal",
        "Robert",
        "Adam",
        "Oscar",
    ]
)
DRUGS = ["sertraline", "escitalopram", "venlafaxine", "duloxetine", "bupropion", "mirtazapine", "fluoxetine"]
MEDICINES: list[list[tuple[str, str]]] = [
    [],
    [("mirtazapine", "15")],
    [("sertraline", "100"), ("lorazepam", "0.5")],
    [("bupropion XL", "300")],
    [("lamotrigine", "200"), ("lithium carbonate", "900")],
    [("venlafaxine XR", "150"), ("zolpidem", "10")],
]
SIGNED_KINDS = ("scale", "definition", "criterion", "interaction", "route")
ZONE = clock.clinic_zone()
PROTOCOL = "iv-weekly-6"
VIAL_MG = "500"
VIAL_LOT = "KT2231"
MONITOR_KEY = "demo-monitors"
STEADY = {"pulse_per_min": 72, "spo2_percent": 98}
SPRAVATO_NAMES = ["Beatrix Olander"]
# A line of a demo log: minute from the dose, who, what, with which values.
Told = tuple[float, str, str, dict[str, Any]]
SCALE = "phq-9"
MOST = 24  # of the scale's total without its ninth item, which the demo leaves at 0
TIMES = [time(9, 0), time(11, 0), time(13, 0), time(15, 0), time(17, 0)]


def make_demo(say: Callable[[str], None]) -> bool:
    """Fill an empty database and return True; a database with patients is left unchanged."""
    if Patient.objects.exists():
        return False
    chance = random.Random(SEED)
    with writing():
        say("staff, chairs and signed limits")
        staff = _staff()
        make_key("gateway", MONITOR_KEY)
        today = clock.clinic_today()
        people = iter(NAMES)
        scores = iter(knowledge.virtual_people("weekly-ladder").people.values())
        say("inquiries and intake visits")
        for n in range(6):
            _writes(next(people), chance, days_ago=n % 3, n=n)
        for n in range(4):
            _invited(next(people), chance, today, n)
        say("patients in treatment")
        two_days_ago = clock.now() - timedelta(days=2)
        with clock.using(lambda: two_days_ago):
            hold_intake_visit(_charted(next(people), chance, staff), staff["lin"], ended=True)
        hold_intake_visit(_charted(next(people), chance, staff), staff["lin"], ended=False)
        for _ in range(2):
            _charted(next(people), chance, staff)
        held = [3, 2, 1, 0, 4, 5, 1, 2, 3, 0, 4, 5, 2, 1, 3, 4, 0, 5, 2, 1]
        courses = [
            _in_course(next(people), next(scores), chance, staff, today, k, offset=0 if n < 5 else 1 + n % 6)
            for n, k in enumerate(held)
        ]
        for n in range(8):
            _in_course(next(people), next(scores), chance, staff, today, 6, offset=-(1 + n % 5))
        say("the controlled-substance log")
        _ledger(staff)
        say("today's sessions and one alert")
        _today(courses[:5], chance, staff)
    return True


def _staff() -> dict[str, User]:
    password = make_password(PASSWORD)
    made = {}
    for username, name, role, licence in LOGINS:
        first, _, last = name.rpartition(" ")
        made[username] = User.objects.create(
            username=username,
            first_name=first,
            last_name=last,
            role=role,
            license_number=licence,
            password=password,
        )
        if role in (Role.PRESCRIBER, Role.DIRECTOR):
            made[username].phone = f"917-555-09{len(made):02d}"
            made[username].save()
    for n in range(1, 5):
        Chair.objects.create(name=f"Chair {n}")
    Chair.objects.create(name="Chair 5")
    for weekday in range(5):
        Shift.objects.create(
            staff=made["lin"], kind="intake_visits", weekday=weekday, from_time=time(12), to_time=time(14)
        )
    for protocol in (PROTOCOL, "spravato-label"):
        SignedValues.objects.create(
            kind="protocol",
            file_id=protocol,
            version=knowledge.protocol(protocol).version,
            values=dict(knowledge.demo_limits(protocol)),
            signed_by=made["dora"],
            signed_at=clock.now() - timedelta(days=90),
        )
    duty = knowledge.duty()
    SignedValues.objects.create(
        kind="duty",
        file_id=duty.id,
        version=duty.version,
        values=dict(knowledge.demo_limits(f"duty-{duty.id}")),
        signed_by=made["dora"],
        signed_at=clock.now() - timedelta(days=90),
    )
    before = knowledge.preparation()
    SignedValues.objects.create(
        kind="preparation",
        file_id=before.id,
        version=before.version,
        values=dict(knowledge.demo_limits(before.id)),
        signed_by=made["dora"],
        signed_at=clock.now() - timedelta(days=90),
    )
    for kind in SIGNED_KINDS:
        for document in knowledge.documents(kind):
            sign_file(document, by=made["dora"])
    return made


def _id(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _inquiry(name: str, chance: random.Random, *, days_ago: int, n: int) -> Inquiry:
    words = [
        "I have tried three medicines and I am tired. Could this be something for me?",
        "My sister told me about you. Do you have time next week?",
        "Does my insurance cover Spravato?",
    ]
    return Inquiry.objects.create(
        id=_id(chance),
        name=name,
        contact=f"917-555-01{n:02d}" if n % 2 else f"{name.split()[0].lower()}@example.org",
        message=words[n % 3],
        channel=["form", "text", "email"][n % 3],
        received_at=clock.now() - timedelta(days=days_ago, hours=2 + n),
        owner=default_owner(),
    )


def _writes(name: str, chance: random.Random, *, days_ago: int, n: int) -> None:
    """Create an inquiry by form, text or email, one of them in Spanish."""
    at = clock.now() - timedelta(days=days_ago, hours=2 + n)
    spanish = "Hola, quisiera información sobre el tratamiento para mi depresión. ¿Atienden en español?"
    with clock.using(lambda: at):
        if n % 3 == 0:
            screen_inquiry(_inquiry(name, chance, days_ago=0, n=n))
        else:
            way = Channel.TEXT if n % 3 == 1 else Channel.EMAIL
            sender = f"917-555-01{n:02d}" if way is Channel.TEXT else f"{name.split()[0].lower()}@example.org"
            text = spanish if n == 4 else _WORDS[n % len(_WORDS)]
            receive(InboundMessage(way, str(n), sender, name, text), key=f"demo {n}")


_WORDS = [
    "Could you tell me what it costs?",
    "Hi, I am Elias. A friend was treated by you. Do you have time to talk next week?",
    "Does my insurance cover Spravato?",
]


def _patient(name: str, chance: random.Random, n: int) -> Patient:
    inquiry = _inquiry(name, chance, days_ago=120, n=n % 90)
    patient = new_patient(
        name=name,
        owner=inquiry.owner,
        id=_id(chance),
        birth_date=date(chance.randint(1955, 2002), chance.randint(1, 12), chance.randint(1, 28)),
        sex="male" if name.split()[0] in MEN else "female",
        phone=f"917-555-{200 + Patient.objects.count():04d}",
    )
    inquiry.patient = patient
    inquiry.interview_at = clock.now() - timedelta(days=100)
    inquiry.save()
    return patient


def _invited(name: str, chance: random.Random, today: date, n: int) -> None:
    patient = _patient(name, chance, 20 + n)
    inquiry = patient.inquiries.get()
    inquiry.received_at = clock.now() - timedelta(days=2)
    inquiry.interview_at = datetime.combine(today + timedelta(days=1 + n), time(10 + n), tzinfo=ZONE)
    inquiry.save()
    send_intake_form(patient, inquiry.interview_at, key=f"demo interview {n}")


def _charted(name: str, chance: random.Random, staff: dict[str, User]) -> Patient:
    """Create a patient with a completed intake visit."""
    patient = _patient(name, chance, chance.randint(30, 89))
    author = staff["lin"].username
    began = clock.clinic_today() - timedelta(days=chance.randint(120, 900))
    diagnosis = {
        "icd10": chance.choice(["F33.2", "F33.1", "F32.2"]),
        "text": "Depression",
        "episode_start": began.isoformat(),
    }
    record(patient, "diagnosis", diagnosis, author=author)
    known = {d.id: d.usual.mg_per_day for d in knowledge.antidepressants() if d.usual}
    for drug in chance.sample(DRUGS, chance.choice([2, 2, 3])):
        trial = {
            "drug": drug,
            "dose_mg_per_day": str(known[drug] * chance.choice([1, 2])),
            "weeks": chance.choice([6, 8, 10, 12]),
            "outcome": chance.choice(["no_response", "no_response", "partial", "intolerance"]),
            "improvement_percent": str(chance.choice([0, 10, 20])),
            "current_episode": True,
        }
        record(patient, "trial", trial, author=author)
    for criterion in knowledge.candidacy_rules().criteria:
        if not criterion.absent_unless_found:
            data = {"criterion": criterion.determination, "holds": True, "text": criterion.ask}
            record(patient, "attestation", data, author=author)
    for text, dose in chance.choice(MEDICINES):
        record(patient, "medicine", {"text": text, "dose_mg_per_day": dose}, author=author)
    reviewed = {"criterion": "medicines-reviewed", "holds": True, "text": "Medicines gone through"}
    record(patient, "attestation", reviewed, author=author)
    screener = knowledge.scale("c-ssrs-screener")
    record_clinician_rating(patient, screener, [0, 0, None, None, None, 0], once=str(_id(chance)))
    weight = chance.randint(520, 980) / 10
    at = clock.now().isoformat()
    record(
        patient,
        "measurement",
        {"kind": "weight", "value": str(weight), "unit": "kg", "at": at},
        author=author,
    )
    pressure = {"value": str(chance.randint(112, 138)), "second_value": str(chance.randint(68, 86))}
    record(
        patient,
        "measurement",
        {"kind": "blood_pressure", **pressure, "unit": "mmHg", "at": at},
        author=author,
    )
    return patient


def _in_course(
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
    planned_at = datetime.combine(first_day, time(8), tzinfo=ZONE) - timedelta(days=10)
    with clock.using(lambda: planned_at):
        patient = _charted(name, chance, staff)
    signature = SignedValues.objects.get(kind="protocol", file_id=PROTOCOL)
    course = Course.objects.create(
        id=_id(chance), patient=patient, signature=signature, planned_by=staff["lin"], planned_at=planned_at
    )
    for slot in _slots(first_day, signature):
        Appointment.objects.create(
            id=_id(chance),
            course=course,
            number=slot.number,
            chair=slot.chair,
            nurse=slot.nurse,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
    for appointment in course.appointments.filter(number__lte=held).order_by("number"):
        _score(patient, scores[appointment.number - 1], appointment.starts_at - timedelta(hours=20), chance)
        _hold(appointment, course, chance, staff)
    if held == 6:
        _score(patient, scores[6], clock.now() - timedelta(hours=chance.randint(5, 60)), chance)
    elif offset <= 1 and held != 1:
        _score(patient, scores[held], clock.now() - timedelta(hours=14), chance)
    return course


def _slots(first_day: date, signature: SignedValues) -> list[Slot]:
    protocol = knowledge.protocol(signature.file_id)
    for shift in range(7):
        for at in TIMES:
            first = datetime.combine(first_day + timedelta(days=shift), at, tzinfo=ZONE)
            try:
                return place_series(protocol, signature.values, first)
            except ActionRefused:
                continue
    raise ActionRefused("The demo clinic is fully booked; add chairs or nurses.")


def _score(patient: Patient, total: int, at: datetime, chance: random.Random) -> QuestionnaireResponse:
    answers = [0] * 9
    while sum(answers) < min(total, MOST):
        n = chance.randrange(8)
        answers[n] = min(3, answers[n] + 1)
    scale = knowledge.scale(SCALE)
    return QuestionnaireResponse.objects.create(
        id=_id(chance),
        patient=patient,
        instrument=SCALE,
        version=scale.version,
        answers=answers,
        sent_at=at,
        completed_at=at,
    )


def _hold(appointment: Appointment, course: Course, chance: random.Random, staff: dict[str, User]) -> None:
    """Hold a session from order to discharge."""
    t0 = appointment.starts_at + timedelta(minutes=20)
    with clock.using(lambda: appointment.starts_at):
        decision = _sign(course, staff, once=str(_id(chance)))
    minutes = int((decision.order or {})["minutes"])
    session = DosingSession.objects.create(
        id=_id(chance),
        appointment=appointment,
        decision_id=decision.id,
        opened_by=appointment.nurse,
        opened_at=appointment.starts_at,
    )
    rules = knowledge.session_rules(PROTOCOL)
    vial = f"{VIAL_LOT}-{DosingSession.objects.count():03d}"
    log: list[Told] = [
        (-19, "lin", "order", {**order_event_data(decision), "title": appointment.chair.name}),
        (-18, "lin", "presence", {"who": "lin", "here": True}),
        *_before(rules, appointment.nurse.username, (decision.order or {})["prepared_mg"], [vial]),
    ]
    base = chance.randint(112, 134)
    nurse = appointment.nurse.username

    def vital(minute: float, rise: int) -> Told:
        systolic = base + rise + chance.randint(-4, 4)
        data = {"systolic_mmhg": systolic, "diastolic_mmhg": systolic - chance.randint(42, 52)}
        return (
            minute,
            nurse,
            "vital",
            {**data, "pulse_per_min": 64 + rise // 2, "spo2_percent": chance.randint(96, 99)},
        )

    log += [
        vital(-5, 0),
        (0, nurse, "start", {}),
        vital(10, 8),
        vital(20, 14),
        vital(30, 18),
        vital(minutes - 1, 16),
    ]
    if chance.random() < 0.3:
        symptom = chance.choice(["nausea", "floating", "dizzy"])
        log.append((22, nurse, "symptom", {"symptom": symptom, "severity": chance.choice([1, 2, 2, 3])}))
        log.append((minutes + 8, nurse, "symptom", {"symptom": symptom, "resolved": True}))
    end = minutes + 0.2
    waste = str(_id(chance))
    log += [
        (end, nurse, "complete", {}),
        vital(end + 12, 8),
        vital(end + 28, 2),
        (end + 29, nurse, "scale", {"scale": "moaas", "total": 5}),
    ]
    findings = [c.id for c in rules.discharge if c.kind == "finding"]
    log += [(end + 29.5, nurse, "finding", {"criterion": id, "holds": True}) for id in findings]
    home = chance.choice(["sister", "friend", "partner"])
    left = Decimal(VIAL_MG) - Decimal((decision.order or {})["prepared_mg"])
    log += [
        (end + 31, nurse, "ride", {"name": home}),
        (end + 33, nurse, "handover", {"name": home, "tolerated": True}),
        (end + 35, nurse, "waste", {"container": vial, "mg": str(left)}),
        (end + 36, _second(nurse), "witness", {"waste": waste}),
        (end + 38, nurse, "close", {}),
    ]
    who = {user.username: user for user in staff.values()}
    SessionEvent.objects.bulk_create(
        SessionEvent(
            id=waste if kind == "waste" else _id(chance),
            number=number,
            session=session,
            kind=kind,
            device_time=t0 + timedelta(minutes=minute),
            server_time=t0 + timedelta(minutes=minute, seconds=1),
            author=author,
            licence=who[author].license_number,
            role=who[author].role,
            data=data,
        )
        for number, (minute, author, kind, data) in enumerate(log, 1)
    )
    session.closed_at = t0 + timedelta(minutes=end + 38)
    session.save()


def _second(nurse: str) -> str:
    """Return another nurse."""
    return "noel" if nurse != "noel" else "nur"


def _ledger(staff: dict[str, User]) -> None:
    """Enter a delivery of vials, every session so far in order, and a count by two people."""
    sessions = list(
        DosingSession.objects.exclude(closed_at=None)
        .order_by("closed_at")
        .select_related("appointment__course__signature", "appointment__nurse")
    )
    delivered = sessions[0].opened_at - timedelta(days=3)
    with clock.using(lambda: delivered):
        what: dict[str, Any] = {"drug": "ketamine", "form": "vial", "size_ml": "10"}
        what["ug"] = int(Decimal(VIAL_MG) * 1000)
        _deliver(staff["nina"], delivered.date(), count=len(sessions) + 14, lot=VIAL_LOT, **what)
    for session in sessions:
        closed_at = session.closed_at
        assert closed_at is not None  # they were asked for so
        with clock.using(lambda at=closed_at: at):  # type: ignore[misc]
            patient = str(session.appointment.course.patient_id)
            record_session_use(
                str(session.id), patient, state_of(session, closed_at), by=session.appointment.nurse
            )
    evening = clock.now() - timedelta(hours=15)
    with clock.using(lambda: evening):
        counted = record_entry(
            LedgerAction.COUNT,
            by=staff["noel"],
            data={"lot": VIAL_LOT, "sealed": 14, "open": {}},
            device="tablet-1",
        )
        record_entry(LedgerAction.CONFIRM, by=staff["nina"], data={"entry": counted.id}, device="tablet-2")


def _deliver(
    nurse: User, day: date, *, count: int, lot: str, patient: Patient | None = None, **what: Any
) -> None:
    """Receive containers of one lot with their invoice."""
    for n in range(1, count + 1):
        delivery = {
            "lot": lot,
            "received_on": day.isoformat(),
            "expiry": (day + timedelta(days=500)).isoformat(),
        }
        record_entry(
            LedgerAction.RECEIVE,
            by=nurse,
            container=f"{lot}-{n:03d}",
            patient=str(patient.id) if patient else "",
            data={**delivery, "invoice": f"INV-{lot}", "single_dose": True, **what},
        )


def _from_the_cabinet(rules: SessionRules, patient: Patient, session: str, count: int) -> list[str]:
    """Return the next containers a nurse would take."""
    return [c.id for c in containers_offered(rules.medicine, str(patient.id), session)[:count]]


def _before(rules: SessionRules, nurse: str, mg: str, containers: list[str]) -> list[Told]:
    """Return everything required before a dose, except vital signs."""
    log: list[Told] = [(-16, nurse, "identity", {"by": ["name", "born", "mrn"]})]
    log += [(-15, nurse, "check", {"check": item.id}) for item in rules.before if item.kind == "check"]
    if rules.devices:
        for container in containers:
            held = {"size_mg": str(rules.devices.mg), "drawn_mg": str(rules.devices.mg), "lot": "24JG511"}
            log.append((-13, nurse, "draw", {"container": container, **held}))
    else:
        vial = {"container": containers[0], "size_mg": VIAL_MG, "drawn_mg": mg, "lot": VIAL_LOT}
        log.append((-13, nurse, "draw", vial))
    log.append((-12, _second(nurse), "double_check", {}))
    return log


def _today(courses: list[Course], chance: random.Random, staff: dict[str, User]) -> None:
    """Create two running sessions, one signed order, one pending check-in and one open alert."""
    running, ordered, *others = courses
    now = clock.now()
    with clock.using(lambda: now - timedelta(minutes=120)):
        record_presence(staff["lin"], True)
    with clock.using(lambda: now - timedelta(minutes=40)):
        _sign(running, staff)
    _run(
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
    _spravato_now(next(iter(SPRAVATO_NAMES)), chance, staff, clock.clinic_today())
    _sign(ordered, staff)
    for course in others:
        ask_for_score(course.patient, SCALE)
    send_portal_link(running.patient)
    raise_alert(others[1].patient, "Wrote by text that the nights are very dark", crisis=True)


def _run(
    course: Course, staff: dict[str, User], *, since: int, log: list[tuple[float, str, dict[str, Any]]]
) -> None:
    """Run the next session of a course, with the dose `since` minutes ago."""
    appointment = course.appointments.filter(session__isnull=True).order_by("number").first()
    assert appointment is not None
    t0 = clock.now() - timedelta(minutes=since)
    with clock.using(lambda: t0 - timedelta(minutes=20)):
        session = open_session(appointment, by=appointment.nurse)
    rules = knowledge.session_rules(course.signature.file_id)
    mg = str((DoseDecision.objects.get(id=session.decision_id).order or {})["prepared_mg"])
    nurse = appointment.nurse.username
    count = int(Decimal(mg) / rules.devices.mg) if rules.devices else 1
    containers = _from_the_cabinet(rules, course.patient, str(session.id), count)
    told = _before(rules, nurse, mg, containers) + [(minute, nurse, kind, data) for minute, kind, data in log]
    who = {user.username: user for user in staff.values()}
    for minute, author, kind, data in told:
        at = t0 + timedelta(minutes=minute)
        if kind == "device":
            data = {**data, "container": containers[data["n"] - 1]}
        with clock.using(lambda at=at: at):  # type: ignore[misc]
            append(session, kind, data, author=who[author])


def _spravato_now(name: str, chance: random.Random, staff: dict[str, User], today: date) -> None:
    """Create a patient at the third Spravato visit, after two devices."""
    now = clock.now()
    with clock.using(lambda: now - timedelta(days=12)):
        patient = _charted(name, chance, staff)
    signature = SignedValues.objects.get(kind="protocol", file_id="spravato-label")
    course = Course.objects.create(
        id=_id(chance),
        patient=patient,
        signature=signature,
        planned_by=staff["lin"],
        planned_at=now - timedelta(days=3),
    )
    came = now - timedelta(days=40)
    with clock.using(lambda: came):
        what = {"drug": "esketamine", "form": "nasal device", "size_ml": "0.2", "ug": 28000}
        _deliver(staff["nur"], came.date(), count=8, lot="24JG511", patient=patient, **what)
    first = now.astimezone(ZONE).replace(hour=11, minute=20, second=0, microsecond=0)
    for n, day in enumerate(series_days(knowledge.protocol("spravato-label"))):
        starts_at = first + timedelta(days=day)
        Appointment.objects.create(
            id=_id(chance),
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
    _run(
        course,
        staff,
        since=9,
        log=[
            (-4, "vital", {"systolic_mmhg": 126, "diastolic_mmhg": 80, **STEADY}),
            (0, "device", {"n": 1, "lot": "24JG511"}),
            (5.2, "device", {"n": 2, "lot": "24JG511"}),
        ],
    )


def _sign(course: Course, staff: dict[str, User], once: str | None = None) -> DoseDecision:
    """Sign the suggestion; where the rules leave a choice, one step up with the patient's agreement."""
    suggestion = suggestion_of(course)
    if suggestion.outcome is Outcome.CONTACT_TODAY and not build_course(course).open_alerts:
        record_statement(
            course,
            kind="contact",
            about="",
            text="Called; a hard week at work, safe, wants to go on",
            by=staff["lin"],
        )
    elif suggestion.dose is not None:
        return sign_decision(
            course, choice="accepted", dose=str(suggestion.dose), reason="", signed_by=staff["lin"], once=once
        )
    rule = knowledge.titration("weekly-6")
    current = build_course(course).doses_in_order[-1].ordered
    higher = [rung for rung in rule.ladder if rung > current and suggestion.outcome is Outcome.REVIEW]
    return sign_decision(
        course,
        choice="changed",
        dose=str(next(iter(higher), current)),
        reason="Talked over with the patient, who would rather try more than stop"
        if higher
        else "Talked over with the patient: the same again",
        signed_by=staff["lin"],
        once=once,
    )
